package dev.lathe.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.AccessConfig;
import dev.lathe.server.IssuerRule;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Quota;
import dev.lathe.server.Right;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who somebody is by the time that work for it goes on. */
class AccessTest {
  private static final List<Scope> INFER = List.of(Scope.parse("infer"));

  @TempDir private Path data;

  private Access access(boolean required, KeyStore keys) {
    IssuerRule issuer =
        new IssuerRule(
            URI.create("https://one.example"), Optional.empty(), "lathe", "scope", List.of());
    AccessConfig.CertificateRule known =
        new AccessConfig.CertificateRule("CN=a", INFER, Quota.NONE);
    AccessConfig config = new AccessConfig(required, List.of(known), List.of(issuer), "off");
    return new Access(config, keys, data, Clock.systemUTC());
  }

  @Test
  void callerOfBefore_hasTheRightsOfNowOrIsGone() {
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    try (Access access = access(true, keys)) {
      String key = keys.create(wish("infer")).key();
      Caller then = keys.find(key).orElseThrow();
      assertThat(access.now(then)).contains(then);
      String other = keys.rotate("ci", "1h").key();
      assertThat(access.now(then)).isEqualTo(keys.find(other));
      keys.revoke("ci");
      assertThat(access.now(then)).isEmpty();
      keys.create(wish("admin"));
      assertThat(access.now(then)).isEmpty();
      Caller certificate = new Caller("certificate:CN=a", List.of(Scope.parse("*")), Quota.NONE);
      assertThat(access.now(certificate).orElseThrow().may(Right.ADMIN, "")).isFalse();
      assertThat(access.now(named("certificate:CN=b"))).isEmpty();
      assertThat(access.now(named("token:https://one.example ada"))).isPresent();
      assertThat(access.now(named("token:https://one.example.evil ada"))).isEmpty();
      assertThat(access.now(Caller.ANYBODY)).isEmpty();
    }
  }

  @Test
  void whereAllMayDoAll_nobodyIsGone() {
    try (Access access = access(false, new KeyStore(data, Clock.systemUTC()))) {
      assertThat(access.now(Caller.ANYBODY)).contains(Caller.ANYBODY);
      assertThat(access.now(named("key:a"))).contains(named("key:a"));
    }
  }

  private static Caller named(String name) {
    return new Caller(name, INFER, Quota.NONE);
  }

  private static KeyWish wish(String scope) {
    return new KeyWish("ci", List.of(scope), Optional.empty(), Optional.empty());
  }
}
