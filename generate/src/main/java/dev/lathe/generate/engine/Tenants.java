package dev.lathe.generate.engine;

import java.util.HashMap;
import java.util.Map;

/**
 * How much each tenant got: tokens computed for it. Whoever got least is next; who comes back after
 * a while begins with as much as the least of those that are here, so that absence saves nothing.
 *
 * @see <a href="https://arxiv.org/abs/2401.00588">Sheng et al. 2024, virtual token counters</a>
 */
public final class Tenants {
  private final Map<String, Account> accounts = new HashMap<>();

  private static final class Account {
    private double served;
    private int sequences;
  }

  /** Nobody yet. */
  public Tenants() {}

  /**
   * A sequence of a tenant begins to wait.
   *
   * @param tenant whose it is
   */
  public void enter(String tenant) {
    Account account = accounts.get(tenant);
    if (account == null) {
      account = new Account();
      account.served = least();
      accounts.put(tenant, account);
    }
    account.sequences++;
  }

  private double least() {
    double least = Double.POSITIVE_INFINITY;
    for (Account account : accounts.values()) {
      least = Math.min(least, account.served);
    }
    return least == Double.POSITIVE_INFINITY ? 0 : least;
  }

  /**
   * A sequence of a tenant is complete, or given up.
   *
   * @param tenant whose it was
   */
  public void leave(String tenant) {
    Account account = account(tenant);
    account.sequences--;
    if (account.sequences == 0) {
      accounts.remove(tenant);
    }
  }

  /**
   * Tokens were computed for a tenant.
   *
   * @param tenant for whom
   * @param tokens how many
   */
  public void charge(String tenant, int tokens) {
    account(tenant).served += tokens;
  }

  /**
   * What a tenant got.
   *
   * @param tenant who has a sequence here
   * @return tokens, counted from where it came in
   */
  public double served(String tenant) {
    return account(tenant).served;
  }

  private Account account(String tenant) {
    Account account = accounts.get(tenant);
    if (account == null) {
      throw new IllegalStateException("tenant \"" + tenant + "\" has no account");
    }
    return account;
  }

  int size() {
    return accounts.size();
  }
}
