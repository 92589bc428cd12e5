package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.server.access.Scope;
import dev.lathe.server.config.Settings;
import java.util.List;

/**
 * Who is let in: section {@code access}.
 *
 * @param required whether callers must say who they are
 * @param certificates what the holders of client certificates may do
 * @param issuers whose tokens are taken
 * @param audit what is written to the audit log
 */
public record AccessConfig(
    boolean required,
    List<CertificateRule> certificates,
    List<IssuerRule> issuers,
    AuditConfig audit) {
  /**
   * Access with the usual audit log.
   *
   * @param required whether callers must say who they are
   * @param certificates what the holders of client certificates may do
   * @param issuers whose tokens are taken
   * @param audit what is written to the audit log: {@code off}, {@code changes} or {@code all}
   */
  public AccessConfig(
      boolean required,
      List<CertificateRule> certificates,
      List<IssuerRule> issuers,
      String audit) {
    this(required, certificates, issuers, AuditConfig.usual(audit));
  }

  /** Copies the lists. */
  public AccessConfig {
    certificates = List.copyOf(certificates);
    issuers = List.copyOf(issuers);
  }

  /**
   * What is written to the audit log, now that it is known whether callers say who they are: where
   * they need not, only if a file is set.
   *
   * @return the level that holds
   */
  public AuditConfig.Level audited() {
    return required || audit.file().isPresent() ? audit.level() : AuditConfig.Level.OFF;
  }

  static AccessConfig of(Settings section) {
    return new AccessConfig(
        section.flag("required"),
        section.list("certificates").stream().map(CertificateRule::of).toList(),
        section.list("issuers").stream().map(IssuerRule::of).toList(),
        AuditConfig.of(section));
  }

  static List<Scope> scopes(Settings section) {
    try {
      return section.texts("allow").stream().map(Scope::parse).toList();
    } catch (LatheException e) {
      throw section.bad("allow", e.getMessage());
    }
  }

  /**
   * What the holder of a client certificate may do.
   *
   * @param subject the certificate's distinguished name, as RFC 2253 writes it
   * @param scopes what it may do
   * @param quota what it may use
   */
  public record CertificateRule(String subject, List<Scope> scopes, Quota quota) {
    /** Copies the scopes. */
    public CertificateRule {
      scopes = List.copyOf(scopes);
    }

    static CertificateRule of(Settings section) {
      return new CertificateRule(
          section.text("subject"),
          AccessConfig.scopes(section),
          Quota.of(section.section("quota")));
    }
  }
}
