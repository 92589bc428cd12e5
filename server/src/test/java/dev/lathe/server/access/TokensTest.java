package dev.lathe.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.lathe.ir.LatheException;
import dev.lathe.server.IssuerRule;
import dev.lathe.server.Quota;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of a real issuer on loopback. */
class TokensTest {
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final long SECONDS = NOW.getEpochSecond();
  private static final KeyPair RSA = pair("RSA");
  private static final KeyPair CURVE = pair("EC");
  private static final KeyPair EDWARDS = pair("Ed25519");

  private HttpServer issuer;
  private String address;
  private final AtomicInteger fetched = new AtomicInteger();
  private Tokens tokens;

  @BeforeEach
  void start() throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    address = "http://127.0.0.1:" + issuer.getAddress().getPort();
    answer("/.well-known/openid-configuration", discovery(address));
    answer("/keys", keySet());
    issuer.start();
    IssuerRule.Grant team = new IssuerRule.Grant("ml", List.of(Scope.parse("infer:demo/*")));
    tokens = tokens("realm.roles", team);
  }

  @AfterEach
  void stop() {
    issuer.stop(0);
  }

  @Test
  void subjects_haveTheQuotaOfTheirFirstGrantThatHasOne() throws Exception {
    List<Scope> scopes = List.of(Scope.parse("infer"));
    Quota few = new Quota(3, 2000, 0);
    IssuerRule rule =
        new IssuerRule(
            URI.create(address),
            Optional.empty(),
            "lathe",
            "realm.roles",
            List.of(
                new IssuerRule.Grant("others", scopes, new Quota(1, 0, 0)),
                new IssuerRule.Grant("ml", scopes),
                new IssuerRule.Grant("*", scopes, few)));
    Tokens limited = new Tokens(List.of(rule), Clock.fixed(NOW, ZoneOffset.UTC));
    assertThat(limited.verify(token("RS256", claims(""))).quota()).isEqualTo(few);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
  void signedToken_standsForWhatItsClaimAllows(String algorithm) throws Exception {
    Caller caller = tokens.verify(token(algorithm, claims("")));
    assertThat(caller.name()).isEqualTo("token:" + address + " ada");
    assertThat(caller.may(Right.INFER, "demo/digits")).isTrue();
    assertThat(caller.may(Right.INFER, "other/digits")).isFalse();
    assertThat(caller.may(Right.READ, "demo/digits")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"exp\": 0`|exp: has passed",
        "`\"exp\": \"soon\"`|exp: is no time",
        "`\"exp\": 1e300`|exp: is no time",
        "`\"nbf\": 1893456100`|nbf: has not come yet",
        "`\"aud\": \"others\"`|aud: is for another audience",
        "`\"aud\": [\"a\", \"b\"]`|aud: is for another audience",
        "`\"iss\": \"http://127.0.0.1:1\"`|iss: an unknown issuer",
        "`\"sub\": \"a\", \"sub\": \"b\"`|claims: is no JSON",
      })
  void claimThatDoesNotHold_isRefused(String changed, String told) throws Exception {
    assertRefused(token("RS256", claims(changed)), told);
  }

  @Test
  void tokenWithoutEnd_isRefused() throws Exception {
    String claims = "{\"iss\": \"" + address + "\", \"aud\": \"lathe\", \"sub\": \"ada\"}";
    assertRefused(token("RS256", claims), "exp: is missing");
  }

  @Test
  void tokenThatIsNotSignedByTheIssuer_isRefused() throws Exception {
    String good = token("RS256", claims(""));
    String[] parts = good.split("\\.");
    String other = encoded(claims("\"sub\": \"root\""));
    assertRefused(parts[0] + "." + other + "." + parts[2], "the signature does not match");
    String none = encoded("{\"alg\": \"none\", \"kid\": \"RS256\"}");
    assertRefused(none + "." + parts[1] + ".", "alg: not that of the key");
    assertRefused(good.substring(0, good.lastIndexOf('.')) + ".", "the signature does not match");
    assertRefused(parts[0] + "." + parts[1], "three parts");
    assertRefused("ey." + parts[1] + "." + parts[2], "header: is ");
    assertRefused("ey".repeat(10_000), "three parts, or too long");
    String critical = encoded("{\"alg\": \"RS256\", \"kid\": \"RS256\", \"crit\": [\"x\"]}");
    assertRefused(critical + "." + parts[1] + "." + parts[2], "crit");
    String unknown = encoded("{\"alg\": \"RS256\", \"kid\": \"other\"}");
    assertRefused(unknown + "." + parts[1] + "." + parts[2], "no such key");
  }

  /** The public key is public: whoever takes it for a secret can sign what he likes. */
  @Test
  void publicKeyAsSecret_isRefused() throws Exception {
    String head = encoded("{\"alg\": \"HS256\", \"kid\": \"RS256\"}") + "." + encoded(claims(""));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(RSA.getPublic().getEncoded(), "HmacSHA256"));
    String signature = encoded(mac.doFinal(head.getBytes(StandardCharsets.US_ASCII)));
    assertRefused(head + "." + signature, "alg: not that of the key (expected: RS256)");
  }

  @Test
  void keys_areFetchedOnceForManyTokens() throws Exception {
    for (int i = 0; i < 20; i++) {
      tokens.verify(token("ES256", claims("\"sub\": \"u" + i + "\"")));
      assertRefused(
          encoded("{\"alg\": \"RS256\", \"kid\": \"x\"}") + "." + encoded(claims("")) + ".AA",
          "no such key");
    }
    assertThat(fetched.get()).isEqualTo(2);
  }

  @Test
  void issuerThatNamesAnother_givesNoKeys() throws Exception {
    issuer.removeContext("/.well-known/openid-configuration");
    answer(
        "/.well-known/openid-configuration",
        "{\"issuer\": \"http://other\", \"jwks_uri\": \"" + address + "/keys\"}");
    assertRefused(token("RS256", claims("")), "no such key");
  }

  @Test
  void subjectsOfTwoIssuers_areTwoOwners() throws Exception {
    answer("/b/.well-known/openid-configuration", discovery(address + "/b"));
    Tokens both =
        new Tokens(List.of(rule(address), rule(address + "/b")), Clock.fixed(NOW, ZoneOffset.UTC));
    Caller first = both.verify(token("RS256", claims("")));
    Caller second = both.verify(token("RS256", claims("\"iss\": \"" + address + "/b\"")));
    assertThat(first.owner()).isNotEqualTo(second.owner());
    assertThat(first.name()).isNotEqualTo(second.name());
    assertThat(both.verify(token("ES256", claims(""))).owner()).isEqualTo(first.owner());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"sub\": \"\"", "\"sub\": \"  \"", "\"sub\": 7", "\"sub\": null"})
  void tokenWithoutASubject_keepsNothing(String sub) throws Exception {
    Caller caller = tokens.verify(token("RS256", claims(sub)));
    assertThat(caller.may(Right.INFER, "demo/digits")).isTrue();
    assertThat(caller.account()).isEmpty();
    assertThatThrownBy(caller::owner)
        .hasMessageContaining("may keep nothing here")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(ServerError.NOT_ALLOWED);
  }

  private String discovery(String who) {
    return "{\"issuer\": \"" + who + "\", \"jwks_uri\": \"" + address + "/keys\"}";
  }

  private static IssuerRule rule(String who) {
    IssuerRule.Grant team = new IssuerRule.Grant("ml", List.of(Scope.parse("infer:demo/*")));
    return new IssuerRule(URI.create(who), Optional.empty(), "lathe", "realm.roles", List.of(team));
  }

  @Test
  void starGrantsToEveryToken_andScopeIsSplitAtSpaces() throws Exception {
    Tokens all = tokens("scope", new IssuerRule.Grant("*", List.of(Scope.parse("read"))));
    assertThat(all.verify(token("RS256", claims(""))).may(Right.READ, "")).isTrue();
    Tokens some = tokens("scope", new IssuerRule.Grant("run", List.of(Scope.parse("infer"))));
    String text = claims("\"scope\": \"openid run\"");
    assertThat(some.verify(token("RS256", text)).may(Right.INFER, "")).isTrue();
  }

  private Tokens tokens(String claim, IssuerRule.Grant grant) {
    IssuerRule rule =
        new IssuerRule(URI.create(address), Optional.empty(), "lathe", claim, List.of(grant));
    return new Tokens(List.of(rule), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private void assertRefused(String token, String told) {
    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(told)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(ServerError.UNAUTHENTICATED);
  }

  /** Claims that hold, with some changed or added. */
  private String claims(String changed) {
    Map<String, String> claims =
        new java.util.LinkedHashMap<>(
            Map.of(
                "iss", "\"" + address + "\"",
                "aud", "[\"x\", \"lathe\"]",
                "exp", "" + (SECONDS + 300),
                "sub", "\"ada\"",
                "realm", "{\"roles\": [\"ml\", \"x\"]}"));
    if (!changed.isEmpty()) {
      claims.remove(changed.split("\"")[1]);
    }
    StringBuilder text = new StringBuilder("{" + changed);
    claims.forEach(
        (name, value) ->
            text.append(text.length() > 1 ? ", " : "").append("\"" + name + "\": " + value));
    return text + "}";
  }

  private static String token(String algorithm, String claims) throws GeneralSecurityException {
    String head =
        encoded("{\"alg\": \"" + algorithm + "\", \"kid\": \"" + algorithm + "\"}")
            + "."
            + encoded(claims);
    Signature signature =
        Signature.getInstance(
            switch (algorithm) {
              case "RS256" -> "SHA256withRSA";
              case "ES256" -> "SHA256withECDSAinP1363Format";
              default -> "Ed25519";
            });
    KeyPair pair = Map.of("RS256", RSA, "ES256", CURVE, "EdDSA", EDWARDS).get(algorithm);
    signature.initSign(pair.getPrivate());
    signature.update(head.getBytes(StandardCharsets.US_ASCII));
    return head + "." + encoded(signature.sign());
  }

  private static String keySet() {
    RSAPublicKey rsa = (RSAPublicKey) RSA.getPublic();
    ECPublicKey curve = (ECPublicKey) CURVE.getPublic();
    byte[] edwards = EDWARDS.getPublic().getEncoded();
    return "{\"keys\": [{\"kty\": \"RSA\", \"kid\": \"RS256\", \"n\": \""
        + encoded(rsa.getModulus(), 256)
        + "\", \"e\": \""
        + encoded(rsa.getPublicExponent(), 3)
        + "\"}, {\"kty\": \"EC\", \"crv\": \"P-256\", \"kid\": \"ES256\", \"x\": \""
        + encoded(curve.getW().getAffineX(), 32)
        + "\", \"y\": \""
        + encoded(curve.getW().getAffineY(), 32)
        + "\"}, {\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"kid\": \"EdDSA\", \"x\": \""
        + encoded(Arrays.copyOfRange(edwards, edwards.length - 32, edwards.length))
        + "\"}, {\"kty\": \"oct\", \"kid\": \"oct\", \"k\": \"AAAA\"}]}";
  }

  private static String encoded(BigInteger number, int bytes) {
    byte[] whole = number.toByteArray();
    byte[] fixed = new byte[bytes];
    int length = Math.min(bytes, whole.length);
    System.arraycopy(whole, whole.length - length, fixed, bytes - length, length);
    return encoded(fixed);
  }

  private static String encoded(String text) {
    return encoded(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static KeyPair pair(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else if (algorithm.equals("RSA")) {
        generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(String path, String text) {
    issuer.createContext(
        path,
        exchange -> {
          fetched.incrementAndGet();
          byte[] body = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
  }
}
