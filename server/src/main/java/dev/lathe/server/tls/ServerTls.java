package dev.lathe.server.tls;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.TlsSettings;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes the web server's TLS of PEM files; what is replaced on disk is used within a second. */
public final class ServerTls {
  private static final char[] NO_PASSWORD = new char[0];

  private ServerTls() {}

  /**
   * TLS 1.2 and 1.3 by a server's certificate, and clients' certificates if they are asked for.
   *
   * @param settings the files
   * @return what the web server takes
   * @throws LatheException BAD_CONFIGURATION if a file is not what it should be
   */
  public static Tls of(TlsSettings settings) {
    Path certificate = settings.certificate().orElseThrow();
    Path key = settings.key().orElseThrow();
    Reloaded<X509ExtendedKeyManager> own =
        new Reloaded<>(List.of(certificate, key), () -> keys(certificate, key));
    KeyManager[] keys = {new FreshKeys(own)};
    TrustManager[] trust =
        settings
            .clientAuthority()
            .map(file -> new FreshTrust(new Reloaded<>(List.of(file), () -> trust(file))))
            .map(manager -> new TrustManager[] {manager})
            .orElseGet(() -> new TrustManager[0]);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return Tls.builder()
          .sslContext(context)
          .clientAuth(auth(settings))
          .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"))
          .endpointIdentificationAlgorithm(Tls.ENDPOINT_IDENTIFICATION_NONE)
          .build();
    } catch (GeneralSecurityException e) {
      throw bad("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static TlsClientAuth auth(TlsSettings settings) {
    return switch (settings.clients()) {
      case NONE -> TlsClientAuth.NONE;
      case OPTIONAL -> TlsClientAuth.OPTIONAL;
      case REQUIRED -> TlsClientAuth.REQUIRED;
    };
  }

  private static X509ExtendedKeyManager keys(Path certificate, Path key) {
    X509Certificate[] chain = Pem.certificates(certificate).toArray(new X509Certificate[0]);
    PrivateKey secret = Pem.key(key);
    try {
      if (!KeyPairs.belong(chain[0].getPublicKey(), secret)) {
        throw bad(key + ": is not the key of the certificate in " + certificate, null);
      }
      KeyStore store = empty();
      store.setKeyEntry("server", secret, NO_PASSWORD, chain);
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, NO_PASSWORD);
      return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
    } catch (GeneralSecurityException e) {
      throw bad(certificate + ": cannot be used: " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager trust(Path authority) {
    try {
      KeyStore store = empty();
      int number = 0;
      for (X509Certificate one : Pem.certificates(authority)) {
        store.setCertificateEntry("authority-" + number++, one);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException e) {
      throw bad(authority + ": cannot be used: " + e.getMessage(), e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      return store;
    } catch (java.io.IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static LatheException bad(
      String message, @org.jspecify.annotations.Nullable Exception cause) {
    return new LatheException(ServerError.BAD_CONFIGURATION, message, cause);
  }
}
