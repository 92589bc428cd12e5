package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.observe.TraceSettings.Level;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TraceSettingsTest {
  private final TraceSettings settings =
      new TraceSettings("traces/trace.json", name -> name.startsWith("demo/"));

  @Test
  void withoutChanges_nothingIsTraced() {
    assertThat(settings.values(""))
        .isEqualTo(
            Map.of(
                "trace_file", List.of("traces/trace.json"),
                "trace_level", List.of("OFF"),
                "trace_rate", List.of("1000"),
                "trace_count", List.of("-1"),
                "log_frequency", List.of("0")));
    assertThat(settings.isOn()).isFalse();
    assertThat(settings.next("demo/a")).isEqualTo(Level.OFF);
  }

  @Test
  void rate_takesOneInSoMany() {
    settings.change("", Map.of("trace_level", List.of("TIMESTAMPS"), "trace_rate", List.of("3")));
    assertThat(taken("demo/a", 9)).isEqualTo(3);
  }

  @Test
  void count_endsTracingAndSaysWhatIsLeft() {
    settings.change(
        "",
        Map.of(
            "trace_level", List.of("TENSORS"),
            "trace_rate", List.of("1"),
            "trace_count", List.of("2")));
    assertThat(settings.next("demo/a")).isEqualTo(Level.TENSORS);
    assertThat(settings.values("").get("trace_count")).containsExactly("1");
    assertThat(taken("demo/a", 5)).isEqualTo(1);
    assertThat(settings.values("").get("trace_count")).containsExactly("0");
  }

  @Test
  void modelsOwnSettings_winOverTheGlobalOnesAndGoWithoutValue() {
    settings.change("", Map.of("trace_rate", List.of("1")));
    settings.change("demo/a", Map.of("trace_level", List.of("TIMESTAMPS", "TENSORS")));
    assertThat(settings.next("demo/a")).isEqualTo(Level.TENSORS);
    assertThat(settings.next("demo/b")).isEqualTo(Level.OFF);
    assertThat(settings.values("demo/a").get("trace_rate")).containsExactly("1");
    settings.change("demo/a", Map.of("trace_level", List.of()));
    assertThat(settings.isOn()).isFalse();
    settings.change("", Map.of("trace_rate", List.of()));
    assertThat(settings.values("demo/a").get("trace_rate")).containsExactly("1000");
  }

  @Test
  void wrongChange_changesNothing() {
    assertBad(Map.of("trace_levl", List.of("OFF")), "did you mean \"trace_level\"");
    assertBad(Map.of("trace_level", List.of("LOUD")), "trace_level \"LOUD\"");
    assertBad(Map.of("trace_rate", List.of("0")), "from 1");
    assertBad(Map.of("trace_count", List.of("-2")), "from -1");
    assertBad(Map.of("log_frequency", List.of("1", "2")), "one whole number");
    assertBad(Map.of("trace_file", List.of("/etc/passwd")), "fixed");
    assertThatThrownBy(() -> settings.values("other/a")).isInstanceOf(LatheException.class);
    assertThat(settings.values("").get("trace_level")).containsExactly("OFF");
  }

  private void assertBad(Map<String, List<String>> changes, String message) {
    assertThatThrownBy(() -> settings.change("", changes))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  private long taken(String model, int requests) {
    return Stream.generate(() -> settings.next(model))
        .limit(requests)
        .filter(level -> level != Level.OFF)
        .count();
  }
}
