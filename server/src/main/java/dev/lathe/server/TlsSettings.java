package dev.lathe.server;

import dev.lathe.server.config.Settings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * How the way to the server is protected: section {@code tls}.
 *
 * @param certificate PEM file of the server's certificate and those above it; absent for no TLS
 * @param key PEM file of its private key, in PKCS #8
 * @param clientAuthority PEM file of the authorities of clients' certificates
 * @param clients whether clients show a certificate
 * @param waived whether a server without TLS may be reached from outside
 */
public record TlsSettings(
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> clientAuthority,
    Clients clients,
    boolean waived) {
  /** No TLS, on loopback only. */
  public static final TlsSettings NONE =
      new TlsSettings(Optional.empty(), Optional.empty(), Optional.empty(), Clients.NONE, false);

  /** Whether clients show a certificate. */
  public enum Clients {
    /** They are not asked. */
    NONE,
    /** They may. */
    OPTIONAL,
    /** They must. */
    REQUIRED
  }

  static TlsSettings of(Settings section) {
    TlsSettings tls =
        new TlsSettings(
            section.file("certificate"),
            section.file("key"),
            section.file("client_authority"),
            Clients.valueOf(section.text("clients").toUpperCase(Locale.ROOT)),
            section.flag("waived"));
    if (tls.certificate.isPresent() != tls.key.isPresent()) {
      throw section.bad("key", "certificate and key belong together (expected: both, or none)");
    }
    if (tls.clients != Clients.NONE && tls.clientAuthority.isEmpty()) {
      throw section.bad("clients", "no client_authority (expected: the file of their authorities)");
    }
    return tls;
  }

  /**
   * Whether there is TLS.
   *
   * @return whether there is a certificate
   */
  public boolean on() {
    return certificate.isPresent();
  }
}
