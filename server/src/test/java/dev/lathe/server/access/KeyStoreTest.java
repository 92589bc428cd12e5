package dev.lathe.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.KeyInfo;
import dev.lathe.server.KeyWish;
import dev.lathe.server.NewKey;
import dev.lathe.server.Quota;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyStoreTest {
  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  @TempDir private Path data;
  private final Hands hands = new Hands();

  @Test
  void key_isFoundByItsWholeTextOnly() {
    KeyStore keys = new KeyStore(data, hands);
    String key = keys.create(wish("ci", "infer:demo/*")).key();
    Caller caller = keys.find(key).orElseThrow();
    assertThat(caller.name()).isEqualTo("key:ci");
    assertThat(caller.may(Right.INFER, "demo/digits")).isTrue();
    assertThat(caller.may(Right.INFER, "demos/digits")).isFalse();
    assertThat(caller.may(Right.INFER, "")).isFalse();
    assertThat(caller.may(Right.READ, "demo/digits")).isFalse();
    char other = key.charAt(40) == 'x' ? 'y' : 'x';
    assertThat(keys.find(key.substring(0, 40) + other + key.substring(41))).isEmpty();
    assertThat(keys.find(key + "x")).isEmpty();
    assertThat(keys.find("")).isEmpty();
    assertThat(keys.find("lathe_" + "a".repeat(100_000))).isEmpty();
  }

  @Test
  void secret_isNotInTheFile() throws IOException {
    KeyStore keys = new KeyStore(data, hands);
    NewKey key = keys.create(wish("ci", "*"));
    Path file = data.resolve("access").resolve("keys.json");
    String secret = key.key().substring(key.key().lastIndexOf('_', 20) + 1);
    assertThat(Files.readString(file)).contains(key.info().id()).doesNotContain(secret);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void expiredKey_endsOnTheSecond() {
    KeyStore keys = new KeyStore(data, hands);
    String key =
        keys.create(new KeyWish("ci", List.of("*"), Optional.of("90d"), Optional.empty())).key();
    hands.now = START.plus(Duration.ofDays(90)).minusMillis(1);
    assertThat(keys.find(key)).isPresent();
    hands.now = START.plus(Duration.ofDays(90));
    assertThat(keys.find(key)).isEmpty();
    assertThat(keys.list()).isEmpty();
  }

  @Test
  void rotation_leavesTheOldKeyForAWhile() {
    KeyStore keys = new KeyStore(data, hands);
    String old = keys.create(wish("ci", "infer")).key();
    NewKey fresh = keys.rotate("ci", "24h");
    assertThat(fresh.info().allow()).containsExactly("infer");
    assertThat(keys.find(old)).isPresent();
    assertThat(keys.find(fresh.key()).orElseThrow().name()).isEqualTo("key:ci");
    hands.now = START.plus(Duration.ofHours(24));
    assertThat(keys.find(old)).isEmpty();
    assertThat(keys.find(fresh.key())).isPresent();
  }

  @Test
  void revokedKey_endsAtOnceAndLeavesItsNameFree() {
    KeyStore keys = new KeyStore(data, hands);
    String key = keys.create(wish("ci", "*")).key();
    assertThat(keys.revoke("ci")).extracting(KeyInfo::name).containsExactly("ci");
    assertThat(keys.find(key)).isEmpty();
    assertThat(keys.create(wish("ci", "*")).info().name()).isEqualTo("ci");
    assertThatThrownBy(() -> keys.revoke("nobody"))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(ServerError.UNKNOWN_KEY);
  }

  @Test
  void ownerOfAKey_staysByRotationAndIsAnotherWhereANameIsUsedAgain() {
    KeyStore keys = new KeyStore(data, hands);
    String old = keys.create(wish("ci", "infer")).key();
    String owner = keys.find(old).orElseThrow().owner();
    String fresh = keys.rotate("ci", "24h").key();
    String third = keys.rotate("ci", "24h").key();
    assertThat(keys.find(fresh).orElseThrow().owner()).isEqualTo(owner);
    assertThat(keys.find(third).orElseThrow().owner()).isEqualTo(owner);
    assertThat(keys.holder(owner)).isEqualTo(keys.find(third));
    keys.revoke("ci");
    assertThat(keys.holder(owner)).isEmpty();
    String again = keys.create(wish("ci", "read")).key();
    assertThat(keys.find(again).orElseThrow().name()).isEqualTo("key:ci");
    assertThat(keys.find(again).orElseThrow().owner()).isNotEqualTo(owner);
    assertThat(keys.holder(owner)).isEmpty();
  }

  @Test
  void fileOfAnOlderVersion_keepsItsOwners() throws IOException {
    KeyStore keys = new KeyStore(data, hands);
    String key = keys.create(wish("ci", "infer")).key();
    Path file = data.resolve("access").resolve("keys.json");
    String text = Files.readString(file);
    assertThat(text).contains("\"lineage\":\"");
    Files.writeString(file, text.replaceAll(",\\s*\"lineage\":\"[^\"]*\"", ""));
    KeyStore before = new KeyStore(data, hands);
    assertThat(before.find(key).orElseThrow().owner()).isEqualTo("key:ci");
    String next = before.rotate("ci", "1h").key();
    assertThat(before.find(next).orElseThrow().owner()).isEqualTo("key:ci");
    hands.now = START.plus(Duration.ofHours(2));
    assertThat(before.holder("key:ci")).isEqualTo(before.find(next));
  }

  @Test
  void nameThatIsTaken_isRefused() {
    KeyStore keys = new KeyStore(data, hands);
    keys.create(wish("ci", "*"));
    assertThatThrownBy(() -> keys.create(wish("ci", "*")))
        .hasMessageContaining("key \"ci\" exists");
  }

  @Test
  void anotherStoreOnTheSameFolder_seesWhatIsMadeHere() {
    KeyStore server = new KeyStore(data, hands);
    String key = new KeyStore(data, hands).create(wish("ci", "*")).key();
    long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (server.find(key).isEmpty() && System.nanoTime() < patience) {
      Thread.onSpinWait();
    }
    assertThat(server.find(key)).isPresent();
  }

  @Test
  void keysMadeAtOnceInManyThreads_areAllKept() throws InterruptedException {
    List<Thread> threads = new java.util.ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "k" + i;
      threads.add(
          Thread.ofPlatform().start(() -> new KeyStore(data, hands).create(wish(name, "*"))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(new KeyStore(data, hands).list()).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "infre",
        "infer:",
        "infer:demo",
        "infer:*/x",
        "infer:../x",
        "none",
        "known",
        "infer:demo/*x",
        "infer: demo/*",
        "INFER"
      })
  void scopeThatIsNone_isRefused(String scope) {
    KeyStore keys = new KeyStore(data, hands);
    assertThatThrownBy(() -> keys.create(wish("ci", scope)))
        .hasMessageStartingWith("scope \"" + scope + "\" (expected: ");
  }

  @Test
  void wishThatIsNone_isRefused() {
    KeyStore keys = new KeyStore(data, hands);
    assertThatThrownBy(() -> keys.create(wish("a b", "*"))).hasMessageStartingWith("name: ");
    assertThatThrownBy(
            () -> keys.create(new KeyWish("a", List.of(), Optional.empty(), Optional.empty())))
        .hasMessageStartingWith("allow: 0 scopes");
    assertThatThrownBy(
            () ->
                keys.create(new KeyWish("a", List.of("*"), Optional.of("soon"), Optional.empty())))
        .hasMessageStartingWith("time: \"soon\"");
    assertThatThrownBy(
            () ->
                keys.create(
                    new KeyWish(
                        "a", List.of("*"), Optional.empty(), Optional.of(new Quota(-1, 0, 0)))))
        .hasMessageStartingWith("quota: ");
  }

  private static KeyWish wish(String name, String scope) {
    return new KeyWish(name, List.of(scope), Optional.empty(), Optional.empty());
  }

  /** A clock that is moved by hand. */
  private static final class Hands extends Clock {
    private Instant now = START;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
