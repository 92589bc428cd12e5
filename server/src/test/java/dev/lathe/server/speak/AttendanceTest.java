package dev.lathe.server.speak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.TextStream;
import dev.lathe.server.ClientWatch;
import dev.lathe.server.Quota;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Quotas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class AttendanceTest {
  @TempDir private Path data;

  /** An answer whose engine worked seven seconds. */
  private static final class Worked implements TextStream {
    private boolean cancelled;

    @Override
    public Optional<GenerateEvent> next() {
      return Optional.empty();
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public long workedNanos() {
      return Duration.ofSeconds(7).toNanos();
    }
  }

  @Test
  void caller_isChargedWhatTheEngineWorked_andNothingForARefusal() throws Exception {
    Path usage = Files.createDirectories(data.resolve("access")).resolve("usage.json");
    Files.writeString(usage, "{\"day\": 20000, \"compute_millis\": {\"ci\": 1}}");
    Clock clock = Clock.fixed(Instant.EPOCH.plus(Duration.ofDays(20_000)), ZoneOffset.UTC);
    Worked worked = new Worked();
    try (ClientWatch clients = new ClientWatch(client -> false);
        Quotas quotas = new Quotas(data, clock)) {
      Attendance attendance = new Attendance(clients, quotas);
      new Caller("ci", List.of(), Quota.NONE)
          .during(
              () -> {
                try (TextStream stream = attendance.begin(() -> worked)) {
                  assertThat(stream.next()).isEmpty();
                }
                assertThatThrownBy(
                        () ->
                            attendance.begin(
                                () -> {
                                  throw new IllegalStateException("full");
                                }))
                    .hasMessage("full");
              });
    }
    assertThat(worked.cancelled).isTrue();
    assertThat(JsonMapper.shared().readTree(usage).at("/compute_millis/ci").longValue())
        .isEqualTo(7001);
  }
}
