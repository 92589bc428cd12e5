package dev.lathe.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.RequestOptions;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotasTest {
  private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

  @TempDir private Path data;
  private final Hands hands = new Hands();

  @Test
  void requests_areCountedInAnyMinute() {
    Quotas quotas = new Quotas(data, hands);
    Caller ci = caller(new Quota(3, 0, 0));
    assertThat(quotas.enter(ci)).isEqualTo(new Usage.Left(3, 2, 60));
    hands.now = NOON.plusSeconds(50);
    quotas.enter(ci);
    assertThat(quotas.enter(ci).remaining()).isZero();
    assertRefused(quotas, ci, Duration.ofSeconds(10));
    hands.now = NOON.plusSeconds(60);
    assertThat(quotas.enter(ci).remaining()).isZero();
    assertRefused(quotas, ci, Duration.ofSeconds(50));
  }

  @Test
  void computeTime_isChargedAfterwardsAndComesBackAfterAMinute() {
    Quotas quotas = new Quotas(data, hands);
    Caller ci = caller(new Quota(0, 100, 0));
    quotas.enter(ci);
    charge(quotas, 99, 1);
    quotas.enter(ci);
    charge(quotas, 2, 2);
    assertRefused(quotas, ci, Duration.ofSeconds(60));
    hands.now = NOON.plusSeconds(60);
    assertThat(quotas.enter(ci)).isEqualTo(Usage.Left.UNLIMITED);
  }

  @Test
  void daysComputeTime_isKeptAcrossARestartAndEndsAtMidnight() {
    Caller ci = caller(new Quota(0, 0, 1000));
    try (Quotas first = new Quotas(data, hands)) {
      first.enter(ci);
      charge(first, 1000, 1);
      assertRefused(first, ci, Duration.ofHours(12));
    }
    try (Quotas second = new Quotas(data, hands)) {
      assertRefused(second, ci, Duration.ofHours(12));
      hands.now = Instant.parse("2030-01-02T00:00:00Z");
      second.enter(ci);
    }
    try (Quotas third = new Quotas(data, hands)) {
      third.enter(ci);
    }
  }

  /** One name, and three kinds of callers. */
  @Test
  void callersOfEqualNames_shareNothing() {
    Quota one = new Quota(1, 0, 0);
    Quotas quotas = new Quotas(data, hands);
    for (String name : List.of("key:ada", "certificate:ada", "token:https://id ada")) {
      Caller caller = new Caller(name, List.of(), one);
      quotas.enter(caller);
      assertRefused(quotas, caller, Duration.ofSeconds(60));
    }
  }

  @Test
  void callersWithoutEnd_areForgottenOnceTheyAreIdle() {
    Quotas quotas = new Quotas(data, hands);
    for (int i = 0; i < 20_000; i++) {
      quotas.enter(new Caller("token:https://id " + i, List.of(), new Quota(9, 0, 0)));
    }
    hands.now = NOON.plusSeconds(120);
    quotas.enter(new Caller("token:https://id new", List.of(), new Quota(9, 0, 0)));
    assertThat(quotas.callers()).isEqualTo(1);
  }

  @Test
  void damagedFile_doesNotStopTheServer() throws Exception {
    Path file = data.resolve("access").resolve("usage.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"day\": ");
    new Quotas(data, hands).enter(caller(new Quota(1, 0, 0)));
  }

  @Test
  void clockThatIsSetBack_standsStill() {
    Quotas quotas = new Quotas(data, hands);
    Caller ci = caller(new Quota(1, 0, 0));
    quotas.enter(ci);
    hands.now = NOON.minusSeconds(3600);
    assertRefused(quotas, ci, Duration.ofSeconds(60));
    hands.now = NOON.plusSeconds(60);
    quotas.enter(ci);
  }

  @Test
  void callersWithoutQuota_areNotWatched() {
    Quotas quotas = new Quotas(data, hands);
    for (int i = 0; i < 1000; i++) {
      assertThat(quotas.enter(caller(Quota.NONE))).isEqualTo(Usage.Left.UNLIMITED);
    }
    charge(quotas, 1000, 1);
    quotas.close();
    assertThat(data.resolve("access")).doesNotExist();
  }

  private static void assertRefused(Quotas quotas, Caller caller, Duration again) {
    assertThatThrownBy(() -> quotas.enter(caller))
        .isInstanceOf(LatheException.class)
        .satisfies(
            e -> {
              assertThat(((LatheException) e).code()).isEqualTo(ServerError.QUOTA);
              assertThat(((LatheException) e).retryAfter()).isEqualTo(again);
            });
  }

  private static void charge(Quotas quotas, long millis, int requests) {
    RequestOptions options = RequestOptions.usual().withCaller("key:ci");
    InferResponse.Timing timing =
        new InferResponse.Timing(5, 0, millis * 1_000_000 * requests, 0, requests, 1, 0);
    quotas.charge(
        new InferRequest(Map.of(), Set.of(), options), new InferResponse(Map.of(), timing));
  }

  private static Caller caller(Quota quota) {
    return new Caller("key:ci", List.of(Scope.parse("*")), quota);
  }

  /** A clock that is moved by hand. */
  private static final class Hands extends Clock {
    private Instant now = NOON;

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
