package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.cli.text.Screen;
import dev.lathe.server.JobProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainingViewTest {
  private static final Screen.Traits TERMINAL = new Screen.Traits(true, true, false, true, 100);
  private static final String WARNING = "warning: checkpoint step-7: not written: No space left";

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private TrainingView view(Screen.Traits traits) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new TrainingView(
        new Screen(stream, stream, traits), Clock.fixed(FakeLathe.NOW, ZoneOffset.UTC));
  }

  private String shown() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static JobProgress at(long step, Map<String, Double> metrics) {
    return new JobProgress(1, 1, step, 100, 0.5, metrics, 0, Optional.of(75.0));
  }

  private static Map<String, Double> rate(double rate) {
    return Map.of("learning_rate", rate, "gradient_norm", 3.0);
  }

  @Test
  void warning_standsWholeOnALineAboveTheBar() {
    try (TrainingView view = view(TERMINAL)) {
      view.progress(at(7, Map.of()));
      view.log(WARNING);
      view.progress(at(100, Map.of()));
    }
    assertThat(shown()).containsPattern("\r" + WARNING + " *\\R");
    assertThat(shown().lastIndexOf("100%")).isGreaterThan(shown().indexOf(WARNING));
  }

  @Test
  void waitForData_isShownWhereItIsMuch() {
    try (TrainingView view = view(TERMINAL)) {
      view.progress(at(7, Map.of("data_wait", 0.04)));
      assertThat(shown()).doesNotContain("data wait");
      view.progress(at(100, Map.of("data_wait", 0.37)));
    }
    assertThat(shown()).contains("data wait 37 %");
  }

  @Test
  void warningThatComesBeforeTheBar_isALine() {
    try (TrainingView view = view(TERMINAL)) {
      view.log(WARNING);
    }
    assertThat(shown()).isEqualTo(WARNING + System.lineSeparator());
  }

  @Test
  void metricsOfTheRecipe_areAllShown_thoseOfTheValidationPartWhereThereIsOne() {
    try (TrainingView view = view(Screen.Traits.PIPE)) {
      Map<String, Double> metrics = new LinkedHashMap<>(rate(0.1));
      metrics.put("train_perplexity", 12.5);
      metrics.put("train_loss", 0.5);
      view.progress(at(100, metrics));
      assertThat(shown()).contains("train perplexity 12.50").doesNotContain("norm", "train loss");
      metrics.put("validation_loss", 0.75);
      metrics.put("validation_mae", 0.25);
      metrics.put("validation_accuracy", 0.99999);
      view.progress(at(100, metrics));
    }
    assertThat(shown().lines().skip(1).findFirst().orElseThrow())
        .contains("validation loss 0.7500", "validation mae 0.2500", "validation accuracy 99.9 %")
        .doesNotContain("perplexity");
  }

  @Test
  void learningRate_isShownOnceItChanges() {
    try (TrainingView view = view(Screen.Traits.PIPE)) {
      view.progress(at(100, rate(0.1)));
      assertThat(shown()).doesNotContain("learning rate");
      view.progress(at(100, rate(0.05)));
      assertThat(shown()).contains("learning rate 0.0500");
      view.progress(at(100, rate(0.1)));
    }
    assertThat(shown().lines().toList().getLast()).contains("learning rate 0.100");
  }

  @Test
  void timeThatRemains_isWhatTheJobTells() {
    try (TrainingView view = view(Screen.Traits.PIPE)) {
      view.progress(at(1, Map.of()));
      view.progress(at(2, Map.of("validation_loss", 1.0)));
    }
    assertThat(shown()).contains("step 2/100").contains("1 min 15 s left");
  }
}
