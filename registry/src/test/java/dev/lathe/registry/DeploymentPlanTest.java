package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentPlanTest {
  private static final String WHOLE =
      """
      live: v1
      canary:
        version: v2
        percent: 10.0
      shadow:
        version: v3
        percent: 50.0
      rollback:
        error_rate: 0.05
        latency_factor: 2.0
        p99_millis: 200
        disagreement: 0.1
        min_requests: 50
        window_seconds: 30
      comparison:
        by: values
        tolerance: 0.01
        keep_inputs: true
      version_policy:
        latest: 3
      serving:
        max_batch_rows: 32
        max_delay_micros: 500
        instances: 2
        threads: 4
        queue_capacity: 64
        timeout_millis: 1000
        priority_levels: 3
        default_priority: 2
        response_cache: true
        sequence:
          idle_millis: 5000
          state:
          - input: h
            output: h_next
          controls:
            start: is_start
            correlation_id: number
        pinned: true
        idle_unload_seconds: 600
      """;

  @Test
  void everything_isReadAndWrittenBackAsItWas() {
    DeploymentPlan plan = DeploymentYaml.parse(WHOLE, "here");
    assertThat(plan.yaml()).isEqualTo(WHOLE);
    assertThat(plan.canary().orElseThrow().percent()).contains(10.0);
    assertThat(plan.serving().orElseThrow().sequence().orElseThrow().state())
        .containsExactly(new Serving.State("h", "h_next"));
    assertThat(plan.versions()).containsExactly("v1", "v2", "v3");
  }

  @Test
  void liveAlone_isEnough_andNoMoreIsWritten() {
    assertThat(DeploymentYaml.parse("live: v7", "here")).isEqualTo(DeploymentPlan.of("v7"));
    assertThat(DeploymentPlan.of("v7").yaml()).isEqualTo("live: v7\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true", "null", "~", "1e3", "0x10", "a: b", " x ", "yes", "#", ""})
  void textThatLooksLikeSomethingElse_staysText(String value) {
    DeploymentPlan plan =
        DeploymentPlan.of("v1")
            .withCanary(
                new DeploymentPlan.Canary(
                    "v2",
                    Optional.empty(),
                    Optional.of(new DeploymentPlan.Header("x-test", value))));
    assertThat(DeploymentYaml.parse(plan.yaml(), "here")).isEqualTo(plan);
  }

  @Test
  void wordsForAbsence_areAbsence() {
    String auto =
        """
        live: v1
        version_policy: all
        serving: {max_delay_micros: auto, instances: auto, max_batch_rows: 8}
        """;
    DeploymentPlan plan = DeploymentYaml.parse(auto, "here");
    assertThat(plan.versionPolicy()).isEmpty();
    assertThat(plan.yaml()).isEqualTo("live: v1\nserving:\n  max_batch_rows: 8\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'live: v1\ncanry: {version: v2}'                       | did you mean "canary"?
          'live: v1\nserving: {max_batch_row: 3}'                | unknown key "serving.max_batch_row" (did you mean "max_batch_rows"?
          'live: v1\nserving: {max_batch_rows: 0}'               | serving.max_batch_rows: 0 (expected: a whole number from 1
          'live: v1\nserving: {max_batch_rows: many}'            | serving.max_batch_rows
          'live: v1\nserving: {max_batch_rows: 3.5}'             | serving.max_batch_rows
          'live: v1\nserving: {max_batch_rows: "3"}'             | serving.max_batch_rows
          'live: v1\nserving: {max_batch_rows: 99999999999}'     | serving.max_batch_rows
          'live: v1\nserving: {instances: often}'                | serving.instances
          'live: v1\nserving: {default_priority: 2}'             | serving.default_priority
          'live: v1\nserving: {text: {weights: int4}}'           | serving.text.weights: "int4" (expected: auto, FLOAT32, W8A8, INT8, INT4_BLOCK32 or INT4_BLOCK128)
          'live: v1\nserving: {text: {slots: 0}}'                | serving.text.slots: 0 (expected: a whole number from 1 to 1024)
          'live: v1\nserving: {text: {contxt: 9}}'               | did you mean "context"?
          'live: v1\nserving: 3'                                 | serving
          'live: one'                                            | live: "one" (expected: a version
          'live: v1\nlive: v2'                                   | uplicate
          'live: v1\ncanary: {version: v2}'                      | neither percent nor header
          'live: v1\ncanary: {version: v1, percent: 5}'          | another version than the live one
          'live: v1\ncanary: {version: v2, percent: 0}'          | above 0, at most 100
          'live: v1\ncanary: {version: v2, percent: .nan}'       | canary.percent
          'live: v1\ncanary: {percent: 5}'                       | canary.version
          'live: v1\nrollback: {error_rate: 2}'                  | a number from 0 to 1
          'live: v1\ncomparison: {by: looks}'                    | comparison.by: "looks" (expected: labels or values)
          'live: v1\nversion_policy: none'                       | version_policy
          'live: v1\nversion_policy: {latest: 1, specific: [v1]}'| latest and specific
          'live: v1\nversion_policy: {specific: [1]}'            | version_policy.specific
          'live: v1\nserving: {sequence: {state: [{input: a, output: b}, {input: a, output: c}]}}' | each name once
          """)
  void whatIsWrong_isNamed(String yaml, String expected) {
    assertThatThrownBy(() -> DeploymentYaml.parse(yaml.replace("\\n", "\n"), "here"))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("here: ")
        .hasMessageContaining(expected);
  }

  @Test
  void exampleOfThePage_isRead() throws IOException {
    String page = Files.readString(Path.of("../docs/reference/deployment.md"));
    String example = page.split("```yaml\n", 2)[1].split("```", 2)[0];
    DeploymentPlan plan = DeploymentYaml.parse(example, "deployment.md");
    assertThat(plan.live()).isEqualTo("v3");
    assertThat(plan.serving().orElseThrow().idleUnloadSeconds()).contains(600L);
  }

  @Test
  void settings_changeWhatTheyName() {
    DeploymentPlan plan =
        DeploymentPlan.of("v1")
            .with(
                Map.of(
                    "serving.max_batch_rows", "32",
                    "serving.instances", "auto",
                    "rollback.error_rate", "0.1",
                    "version_policy.specific", "[v1, v2]"));
    assertThat(plan.serving().orElseThrow().maxBatchRows()).contains(32);
    assertThat(plan.versionPolicy().orElseThrow().specific()).containsExactly("v1", "v2");
    assertThat(plan.with(Map.of("serving.max_batch_rows", "", "version_policy", "all")).yaml())
        .isEqualTo("live: v1\nrollback:\n  error_rate: 0.1\n");
    assertThatThrownBy(() -> plan.with(Map.of("serving.max_batch_row", "3")))
        .hasMessageContaining("did you mean \"max_batch_rows\"?");
    assertThatThrownBy(() -> plan.with(Map.of("serving.max_batch_rows", "[")))
        .hasMessageContaining("a value in YAML");
  }
}
