package dev.lathe.server.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;

/** Says whether two keys are a pair: what the private one signs, the public one verifies. */
final class KeyPairs {
  private static final byte[] MESSAGE = "lathe".getBytes(StandardCharsets.US_ASCII);

  private KeyPairs() {}

  /**
   * Whether two keys belong together.
   *
   * @param open the public key, of a certificate
   * @param secret the private key
   * @return false for keys of two algorithms, or of two pairs
   * @throws GeneralSecurityException if this machine cannot sign with keys of the algorithm
   */
  static boolean belong(PublicKey open, PrivateKey secret) throws GeneralSecurityException {
    if (!open.getAlgorithm().equals(secret.getAlgorithm())) {
      return false;
    }
    Signature signature = Signature.getInstance(scheme(secret.getAlgorithm()));
    signature.initSign(secret);
    signature.update(MESSAGE);
    byte[] signed = signature.sign();
    try {
      signature.initVerify(open);
      signature.update(MESSAGE);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException e) {
      return false; // such as curves or lengths that differ
    }
  }

  private static String scheme(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> algorithm; // EdDSA is its own scheme
    };
  }
}
