package dev.lathe.server;

import dev.lathe.server.access.Scope;
import dev.lathe.server.config.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Whose tokens are taken, and what they allow: an entry of {@code access.issuers}.
 *
 * @param issuer what {@code iss} says; its keys are found by discovery
 * @param keys where its keys are, if not by discovery
 * @param audience what {@code aud} must hold
 * @param claim the claim that says what a caller is, with dots for claims within claims
 * @param grants what its values allow
 */
public record IssuerRule(
    URI issuer, Optional<URI> keys, String audience, String claim, List<Grant> grants) {
  /** Copies the grants. */
  public IssuerRule {
    grants = List.copyOf(grants);
  }

  /**
   * What a value of the claim allows.
   *
   * @param value the value; {@code *} for every token
   * @param scopes what it allows
   * @param quota what each subject with it may use, if it says so before the others do
   */
  public record Grant(String value, List<Scope> scopes, Quota quota) {
    /**
     * A grant without a quota.
     *
     * @param value the value; {@code *} for every token
     * @param scopes what it allows
     */
    public Grant(String value, List<Scope> scopes) {
      this(value, scopes, Quota.NONE);
    }

    /** Copies the scopes. */
    public Grant {
      scopes = List.copyOf(scopes);
    }
  }

  static IssuerRule of(Settings section) {
    return new IssuerRule(
        address(section, "issuer"),
        section.has("keys") ? Optional.of(address(section, "keys")) : Optional.empty(),
        required(section, "audience"),
        section.text("claim"),
        section.list("grants").stream()
            .map(
                grant ->
                    new Grant(
                        required(grant, "value"),
                        AccessConfig.scopes(grant),
                        Quota.of(grant.section("quota"))))
            .toList());
  }

  private static String required(Settings section, String key) {
    if (section.text(key).isEmpty()) {
      throw section.bad(key, "is missing");
    }
    return section.text(key);
  }

  private static URI address(Settings section, String key) {
    try {
      return URI.create(required(section, key));
    } catch (IllegalArgumentException e) {
      throw section.bad(key, "\"" + section.text(key) + "\" (expected: an address)");
    }
  }
}
