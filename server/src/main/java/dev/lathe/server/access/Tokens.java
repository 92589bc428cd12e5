package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.IssuerRule;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens that issuers signed. Taken are RS256, ES256 and EdDSA, with {@code iss}, {@code aud} and
 * {@code exp}; clocks may differ by a minute. A token that was verified is remembered for five
 * minutes at most, so that its signature is not checked anew with each request.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8725">RFC 8725, JSON Web Token best practices</a>
 */
final class Tokens {
  private static final Duration LEEWAY = Duration.ofMinutes(1);
  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int MOST_REMEMBERED = 10_000;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Clock clock;
  private final Map<String, Issuer> issuers = new HashMap<>();
  private final Map<String, Verified> verified =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Verified> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  private record Issuer(IssuerRule rule, IssuerKeys keys) {}

  private record Verified(Caller caller, Instant end) {}

  Tokens(List<IssuerRule> rules, Clock clock) {
    this.clock = clock;
    for (IssuerRule rule : rules) {
      issuers.put(
          rule.issuer().toString(), new Issuer(rule, new IssuerKeys(rule.issuer(), rule.keys())));
    }
  }

  /** Whether a secret is a token rather than a key. */
  boolean takes(String text) {
    return !issuers.isEmpty() && text.startsWith("ey");
  }

  /** Whom a token stands for. */
  Caller verify(String token) {
    String digest = HexFormat.of().formatHex(KeyText.digest(token));
    Instant now = clock.instant();
    synchronized (verified) {
      Verified known = verified.get(digest);
      if (known != null && now.isBefore(known.end())) {
        return known.caller();
      }
    }
    Verified fresh = verified(token, now);
    synchronized (verified) {
      verified.put(digest, fresh);
    }
    return fresh.caller();
  }

  private Verified verified(String token, Instant now) {
    String[] parts = token.split("\\.", -1);
    if (token.length() > Credentials.LONGEST || parts.length != 3) {
      throw refused("is not of three parts, or too long");
    }
    JsonNode header = json(parts[0], "header");
    JsonNode claims = json(parts[1], "claims");
    Issuer issuer = issuers.get(claims.path("iss").asString(""));
    if (issuer == null) {
      throw refused("iss: an unknown issuer");
    }
    requireSigned(issuer, header, parts);
    Instant end = requireCurrent(claims, now);
    requireAudience(issuer.rule(), claims);
    Instant sooner = end.isBefore(now.plus(REMEMBERED)) ? end : now.plus(REMEMBERED);
    return new Verified(caller(issuer.rule(), claims), sooner);
  }

  private static void requireSigned(Issuer issuer, JsonNode header, String[] parts) {
    if (header.has("crit")) {
      throw refused("crit: extensions are not understood");
    }
    String algorithm = header.path("alg").asString("");
    TokenKeys.Known key =
        issuer
            .keys()
            .find(header.path("kid").asString(""))
            .orElseThrow(() -> refused("kid: the issuer has no such key"));
    if (!key.algorithm().equals(algorithm)) {
      throw refused("alg: not that of the key (expected: " + key.algorithm() + ")");
    }
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    if (!key.verifies(signed, decoded(parts[2], "signature"))) {
      throw refused("the signature does not match");
    }
  }

  private static Instant requireCurrent(JsonNode claims, Instant now) {
    Instant end = time(claims, "exp").orElseThrow(() -> refused("exp: is missing")).plus(LEEWAY);
    if (!now.isBefore(end)) {
      throw refused("exp: has passed");
    }
    if (time(claims, "nbf").filter(begin -> now.plus(LEEWAY).isBefore(begin)).isPresent()) {
      throw refused("nbf: has not come yet");
    }
    return end;
  }

  private static Optional<Instant> time(JsonNode claims, String name) {
    JsonNode value = claims.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    double seconds = value.isNumber() ? value.asDouble() : -1;
    if (seconds < 0 || seconds > 1e11) {
      throw refused(name + ": is no time");
    }
    return Optional.of(Instant.ofEpochSecond((long) seconds));
  }

  private static void requireAudience(IssuerRule rule, JsonNode claims) {
    if (!values(claims.path("aud"), false).contains(rule.audience())) {
      throw refused("aud: is for another audience");
    }
  }

  private static Caller caller(IssuerRule rule, JsonNode claims) {
    JsonNode claim = claims;
    for (String name : rule.claim().split("\\.")) {
      claim = claim.path(name);
    }
    List<String> given = values(claim, true);
    List<Scope> scopes = new ArrayList<>();
    Quota quota = Quota.NONE;
    for (IssuerRule.Grant grant : rule.grants()) {
      if (grant.value().equals("*") || given.contains(grant.value())) {
        scopes.addAll(grant.scopes());
        quota = quota.equals(Quota.NONE) ? grant.quota() : quota;
      }
    }
    JsonNode subject = claims.path("sub");
    Optional<String> known =
        Optional.of(subject)
            .filter(sub -> sub.isString() && !sub.asString().isBlank())
            .map(sub -> prefix(rule) + sub.asString());
    String name = known.orElse("token:" + rule.issuer());
    return new Caller(name, known, scopes, quota);
  }

  /** How names from an issuer begin. No address has a space: no two pairs read the same. */
  static String prefix(IssuerRule rule) {
    return "token:" + rule.issuer() + " ";
  }

  /** The texts of a claim that may be one or many; {@code scope} has them with spaces between. */
  private static List<String> values(JsonNode claim, boolean split) {
    List<String> values = new ArrayList<>();
    if (claim.isString()) {
      values.addAll(split ? List.of(claim.asString().split(" ")) : List.of(claim.asString()));
    }
    if (claim.isArray()) {
      claim.forEach(element -> values.add(element.asString("")));
    }
    return values;
  }

  private static JsonNode json(String part, String name) {
    try {
      JsonNode tree = JSON.readTree(decoded(part, name));
      if (!tree.isObject()) {
        throw refused(name + ": is no JSON object");
      }
      return tree;
    } catch (JacksonException e) {
      throw refused(name + ": is no JSON");
    }
  }

  private static byte[] decoded(String part, String name) {
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw refused(name + ": is not Base64");
    }
  }

  private static LatheException refused(String why) {
    return new LatheException(ServerError.UNAUTHENTICATED, "token: " + why);
  }
}
