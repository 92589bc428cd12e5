package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Quota;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import java.util.List;
import java.util.Optional;

/**
 * Somebody who asks.
 *
 * @param name what logs, quotas and turns go by, for example {@code key:ci}
 * @param account what the things that it keeps go by: the same as long as it is the same caller,
 *     never that of another; absent if the next one who comes so may be somebody else
 * @param scopes what it may do
 * @param quota what it may use
 */
public record Caller(String name, Optional<String> account, List<Scope> scopes, Quota quota) {
  /** Anybody, where there is no access control. */
  public static final Caller ANYBODY = new Caller("", List.of(Scope.parse("*")), Quota.NONE);

  private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

  /**
   * Whose request the current thread answers.
   *
   * @return the caller; anybody if that is not known
   */
  public static Caller current() {
    return CURRENT.orElse(ANYBODY);
  }

  /**
   * Does something as the answer to this caller.
   *
   * @param work the work, on this thread
   * @throws Exception what the work threw
   */
  public void during(Work work) throws Exception {
    ScopedValue.where(CURRENT, this)
        .<Void, Exception>call(
            () -> {
              work.run();
              return null;
            });
  }

  /** Something to be done. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does it.
     *
     * @throws Exception what went wrong
     */
    void run() throws Exception;
  }

  /** Copies the scopes. */
  public Caller {
    scopes = List.copyOf(scopes);
  }

  /**
   * A caller whose name is nobody else's.
   *
   * @param name what everything of it goes by
   * @param scopes what it may do
   * @param quota what it may use
   */
  public Caller(String name, List<Scope> scopes, Quota quota) {
    this(name, Optional.of(name), scopes, quota);
  }

  /**
   * Whose the things are that this caller keeps here.
   *
   * @return its account
   * @throws LatheException NOT_ALLOWED if it has none
   */
  public String owner() {
    return account.orElseThrow(
        () ->
            new LatheException(
                ServerError.NOT_ALLOWED,
                name + " may keep nothing here (expected: a token that names its subject)"));
  }

  /**
   * Refuses what this caller may not do.
   *
   * @param right what it asks for
   * @param model the model that it is about; empty for all models
   * @throws LatheException NOT_ALLOWED if it may not
   */
  public void require(Right right, String model) {
    if (!may(right, model)) {
      boolean one = !model.isEmpty() && !model.equals(Ask.ANY_MODEL);
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          name
              + " may not "
              + right.word()
              + (one ? " " + model : "")
              + " (expected: a scope such as "
              + right.word()
              + (one ? ":" + model : "")
              + ")");
    }
  }

  /**
   * Whether this caller may do something.
   *
   * @param right what is asked for
   * @param model the model that it is about; empty for all models
   * @return whether it may
   */
  public boolean may(Right right, String model) {
    if (right == Right.NONE || right == Right.KNOWN) {
      return true;
    }
    for (Scope scope : scopes) {
      if (scope.allows(right, model)) {
        return true;
      }
    }
    return false;
  }
}
