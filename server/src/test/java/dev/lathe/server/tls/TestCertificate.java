package dev.lathe.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate that signs itself, made by the JDK's own tool, with its PEM files. */
public record TestCertificate(KeyStore store, Path certificate, Path key) {
  private static final char[] PASSWORD = "password".toCharArray();

  /** Makes one, for localhost and 127.0.0.1. */
  public static TestCertificate make(Path folder, String name, String subject) throws Exception {
    return make(folder, name, subject, "EC");
  }

  static TestCertificate make(Path folder, String name, String subject, String algorithm)
      throws Exception {
    Path file = folder.resolve(name + ".p12");
    Files.deleteIfExists(file);
    Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command =
        List.of(
            tool.toString(),
            "-genkeypair",
            "-alias",
            "own",
            "-keyalg",
            algorithm,
            "-dname",
            subject,
            "-ext",
            "SAN=dns:localhost,ip:127.0.0.1",
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-storepass",
            "password",
            "-keystore",
            file.toString());
    Process process = new ProcessBuilder(command).inheritIO().redirectErrorStream(true).start();
    if (process.waitFor() != 0) {
      throw new IOException("keytool failed");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    Path certificate = folder.resolve(name + ".pem");
    Path key = folder.resolve(name + ".key");
    Files.writeString(certificate, pem("CERTIFICATE", store.getCertificate("own").getEncoded()));
    Files.writeString(key, pem("PRIVATE KEY", store.getKey("own", PASSWORD).getEncoded()));
    return new TestCertificate(store, certificate, key);
  }

  private static String pem(String what, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }

  X509Certificate own() throws GeneralSecurityException {
    return (X509Certificate) store.getCertificate("own");
  }

  /** What a client that trusts this certificate uses; it shows its own if it has one. */
  public SSLContext trusted(Map<String, TestCertificate> own) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, PASSWORD);
    trusted.setCertificateEntry("server", store.getCertificate("own"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    KeyManager[] keys = new KeyManager[0];
    for (TestCertificate certificate : own.values()) {
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(certificate.store(), PASSWORD);
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
    return context;
  }
}
