package dev.lathe.server.tls;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files. */
final class Pem {
  private static final int MAX_BYTES = 4 << 20;
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private Pem() {}

  static List<X509Certificate> certificates(Path file) {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw bad(file, "no certificate", "-----BEGIN CERTIFICATE-----");
      }
      return found;
    } catch (CertificateException e) {
      throw bad(file, "no certificates that can be read", "PEM");
    }
  }

  static PrivateKey key(Path file) {
    String text = new String(bytes(file), StandardCharsets.US_ASCII);
    Matcher matcher = KEY.matcher(text);
    if (!matcher.find()) {
      throw bad(
          file,
          "no private key in PKCS #8",
          "-----BEGIN PRIVATE KEY-----, as openssl pkcs8 -topk8 -nocrypt writes it");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        continue;
      } catch (GeneralSecurityException e) {
        throw bad(file, "a private key that cannot be read: " + e.getMessage(), "PKCS #8");
      }
    }
    throw bad(file, "a private key of an unknown kind", "one of " + String.join(", ", ALGORITHMS));
  }

  private static byte[] bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw bad(file, "more than " + MAX_BYTES + " bytes", "a PEM file");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw bad(file, "no such file", "a PEM file");
    } catch (IOException e) {
      throw bad(file, "cannot be read: " + e.getMessage(), "a PEM file");
    }
  }

  private static LatheException bad(Path file, String found, String expected) {
    return new LatheException(
        ServerError.BAD_CONFIGURATION, file + ": " + found + " (expected: " + expected + ")");
  }
}
