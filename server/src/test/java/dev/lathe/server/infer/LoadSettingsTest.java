package dev.lathe.server.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model's configuration, as a request to load it brings it. */
class LoadSettingsTest {
  @Test
  void config_isReadAsADeploymentsSettings() {
    String config =
        """
        {"max_batch_size": "16", "response_cache": {"enable": true}, "instance_group": [{"count": 2}],
         "dynamic_batching": {"max_queue_delay_microseconds": 100, "priority_levels": 3,
           "default_priority_level": 2, "default_queue_policy": {"max_queue_size": 7}}}
        """;
    assertThat(LoadSettings.of(Map.of("config", config)))
        .containsOnly(
            Map.entry("serving.max_batch_rows", "16"),
            Map.entry("serving.response_cache", "true"),
            Map.entry("serving.instances", "2"),
            Map.entry("serving.max_delay_micros", "100"),
            Map.entry("serving.priority_levels", "3"),
            Map.entry("serving.default_priority", "2"),
            Map.entry("serving.queue_capacity", "7"));
    assertThat(LoadSettings.of(Map.of())).isEmpty();
    assertThat(LoadSettings.of(Map.of("config", "{}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|config: \"\" (expected: an object of JSON)",
        "[1]|config: \"[1]\" (expected: an object of JSON)",
        "{\"max_batch_size\": 1, \"max_batch_size\": 2}|config",
        "{\"max_batch_size\": {}}|config: \"max_batch_size\": \"{}\" (expected: a number from 0",
        "{\"max_batch_size\": -1}|config: \"max_batch_size\": \"-1\" (expected: a number from 0",
        "{\"max_batch_size\": \"1}, live: {\"}|config: \"max_batch_size\": \"1}, live: {\"",
        "{\"platform\": \"x\"}|config: key \"platform\" (expected: some of"
            + " dynamic_batching.default_",
        "{\"dynamic_batching\": {\"preferred_batch_size\": [4]}}|config: key"
            + " \"dynamic_batching.pref",
        "{\"dynamic_batching\": 1}|config: \"dynamic_batching\" (expected: an object)",
        "{\"instance_group\": [{}, {}]}|config: \"instance_group\" (expected: a list of one object)"
      })
  void whatIsNoneOrHasOtherKeys_isRefused(String config, String message) {
    assertThatThrownBy(() -> LoadSettings.of(Map.of("config", config)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(message);
  }

  @Test
  void deepAndLongConfigurations_areRefused() {
    for (String config : new String[] {"[".repeat(60_000), "{}" + " ".repeat(70_000)}) {
      assertThatThrownBy(() -> LoadSettings.of(Map.of("config", config)))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    }
  }

  @Test
  void files_areRefused_andTheirNamesCutShort() {
    String name = "file:" + "A".repeat(1000);
    assertThatThrownBy(() -> LoadSettings.of(Map.of("config", "{}", name, "")))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
        .hasMessageContaining("failed to poll from model repository: parameter \"file:AAA")
        .message()
        .hasSizeLessThan(300);
    assertThatThrownBy(() -> LoadSettings.requireNone(Set.of("x"), "unload_dependents"))
        .hasMessageContaining("parameter \"x\" (expected: unload_dependents, or none");
  }
}
