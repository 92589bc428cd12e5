package dev.lathe.server.access;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The public keys of an issuer. A key is for one algorithm, by its own type: what a token says
 * cannot make an RSA key check another kind of signature.
 *
 * @param byId the keys by {@code kid}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7518">RFC 7518, JSON Web Algorithms</a>
 */
record TokenKeys(Map<String, Known> byId) {
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST = 100;

  /**
   * A key.
   *
   * @param algorithm as a token's {@code alg} names it
   * @param key the key
   */
  record Known(String algorithm, PublicKey key) {
    /** Whether somebody who holds the private key has signed the bytes. */
    boolean verifies(byte[] signed, byte[] signature) {
      try {
        Signature verifier = Signature.getInstance(verifier());
        verifier.initVerify(key);
        verifier.update(signed);
        return verifier.verify(signature);
      } catch (GeneralSecurityException e) {
        return false;
      }
    }

    private String verifier() {
      return switch (algorithm) {
        case "RS256" -> "SHA256withRSA";
        case "ES256" -> "SHA256withECDSAinP1363Format";
        default -> "Ed25519";
      };
    }
  }

  /** Reads a key set; keys of other kinds are passed over. */
  static TokenKeys read(JsonNode set) {
    Map<String, Known> byId = new HashMap<>();
    for (JsonNode key : set.path("keys")) {
      if (byId.size() < MOST && !key.path("use").asString("sig").equals("enc")) {
        known(key).ifPresent(known -> byId.put(key.path("kid").asString(""), known));
      }
    }
    return new TokenKeys(Map.copyOf(byId));
  }

  private static Optional<Known> known(JsonNode key) {
    try {
      String type = key.path("kty").asString("");
      String curve = key.path("crv").asString("");
      if (type.equals("RSA")) {
        return rsa(key);
      }
      if (type.equals("EC") && curve.equals("P-256")) {
        return Optional.of(new Known("ES256", ellipticCurve(key)));
      }
      return type.equals("OKP") && curve.equals("Ed25519")
          ? Optional.of(new Known("EdDSA", edwards(key)))
          : Optional.empty();
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Known> rsa(JsonNode key) throws GeneralSecurityException {
    RSAPublicKey made =
        (RSAPublicKey)
            KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(number(key, "n"), number(key, "e")));
    return made.getModulus().bitLength() < LEAST_RSA_BITS
        ? Optional.empty()
        : Optional.of(new Known("RS256", made));
  }

  private static PublicKey ellipticCurve(JsonNode key) throws GeneralSecurityException {
    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
    curve.init(new ECGenParameterSpec("secp256r1"));
    ECPoint point = new ECPoint(number(key, "x"), number(key, "y"));
    return KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
  }

  /** RFC 8032: the point's y in little-endian order, its highest bit the sign of x. */
  private static PublicKey edwards(JsonNode key) throws GeneralSecurityException {
    byte[] bytes = bytes(key, "x");
    if (bytes.length != 32) {
      throw new IllegalArgumentException("not 32 bytes");
    }
    boolean odd = bytes[31] < 0;
    bytes[31] &= 0x7f;
    byte[] turned = new byte[32];
    for (int i = 0; i < 32; i++) {
      turned[i] = bytes[31 - i];
    }
    EdECPoint point = new EdECPoint(odd, new BigInteger(1, turned));
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
  }

  private static BigInteger number(JsonNode key, String name) {
    return new BigInteger(1, bytes(key, name));
  }

  private static byte[] bytes(JsonNode key, String name) {
    return Base64.getUrlDecoder().decode(key.path(name).asString(""));
  }
}
