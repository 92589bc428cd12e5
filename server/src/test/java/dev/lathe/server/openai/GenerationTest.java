package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateEvent.Timing;
import dev.lathe.generate.GenerateEvent.Usage;
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
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class GenerationTest {
  @TempDir private Path data;

  /** An answer whose engine worked seven seconds, mostly before the first token. */
  private static final class Worked implements TextStream {
    private final ArrayDeque<GenerateEvent> events =
        new ArrayDeque<>(
            List.of(
                new GenerateEvent.Token(0, 1, "a", Optional.empty()),
                new GenerateEvent.Completed(new Usage(1, 0, 1, new Timing(0, 0, 0)))));

    @Override
    public Optional<GenerateEvent> next() {
      return Optional.ofNullable(events.poll());
    }

    @Override
    public void cancel() {
      events.clear();
    }

    @Override
    public long workedNanos() {
      return Duration.ofSeconds(7).toNanos();
    }
  }

  @Test
  void caller_isChargedWhatTheEngineWorked_thePromptIncluded() throws Exception {
    Path usage = Files.createDirectories(data.resolve("access")).resolve("usage.json");
    Files.writeString(usage, "{\"day\": 20000, \"compute_millis\": {\"ci\": 1}}");
    Clock clock = Clock.fixed(Instant.EPOCH.plus(Duration.ofDays(20_000)), ZoneOffset.UTC);
    try (ClientWatch clients = new ClientWatch(client -> false);
        Quotas quotas = new Quotas(data, clock)) {
      new Caller("ci", List.of(), Quota.NONE)
          .during(
              () -> {
                try (Generation answer = Generation.begin(clients.watch(), quotas, Worked::new)) {
                  answer.all(event -> {});
                }
              });
    }
    assertThat(JsonMapper.shared().readTree(usage).at("/compute_millis/ci").longValue())
        .isEqualTo(7001);
  }
}
