package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.testkit.Python;
import dev.lathe.train.Schedule.Plateau;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FallTest {
  private static final double[] LOSSES = {3, 2, 2, 1.99, 1.5, 1.5, 1.5, 1.6, 1.4, 9, 9, 9, 9, 1, 1};

  private static double[] factors(Plateau rule, double... values) {
    Fall fall = Fall.NONE;
    double[] factors = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      fall = fall.after(rule, values[i]);
      factors[i] = fall.factor();
    }
    return factors;
  }

  @Test
  void fallsAfterPatience_andNotBelowTheFloor() {
    assertThat(factors(new Plateau("loss", 0.5, 1, 0, 0.3), 5, 5, 5, 5, 5, 5, 5))
        .containsExactly(1, 1, 0.5, 0.5, 0.3, 0.3, 0.3);
  }

  @Test
  void metricsThatShouldGrow_areBetterWhenTheyGrow() {
    assertThat(factors(new Plateau("accuracy", 0.5, 0, 0.1, 0), 0.5, 0.54, 0.6, 0.5))
        .containsExactly(1, 0.5, 0.5, 0.25);
  }

  private static final double[] LOSSES_BELOW_0 = {
    2, 0.5, 0, -1, -1, -1.005, -0.995, -1.02, -0.9, -3, -3.02, -2.98, -2.98, -2.98, -4
  };

  static List<Arguments> values() {
    return List.of(
        Arguments.of("loss", LOSSES),
        Arguments.of("loss", LOSSES_BELOW_0),
        Arguments.of("r2", LOSSES_BELOW_0),
        Arguments.of("r2", Arrays.stream(LOSSES_BELOW_0).map(value -> -value).toArray()),
        Arguments.of("r2", new double[] {-5, -5.04, -5.1, -4.9, -5, -6, -7, -1, 0, 0, 0.1, 0.1}));
  }

  @ParameterizedTest
  @MethodSource("values")
  void factors_arePyTorchs(String metric, double[] values) {
    String script =
        """
        import torch
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=0.3, patience=1, threshold=0.01, min_lr=0.05, mode='%s')
        found = []
        for value in %s:
          schedule.step(value)
          found.append(optimizer.param_groups[0]['lr'])
        print(*found)
        """
            .formatted(metric.equals("r2") ? "max" : "min", Arrays.toString(values));
    String[] found = Python.run(Python.with("torch"), script).strip().split(" ");
    assertThat(factors(new Plateau(metric, 0.3, 1, 0.01, 0.05), values))
        .containsExactly(Arrays.stream(found).mapToDouble(Double::parseDouble).toArray());
  }

  @Test
  void text_readsBackExactly() {
    for (Fall fall : new Fall[] {Fall.NONE, new Fall(0.1, 1 / 3.0, 7)}) {
      Map<String, String> text = new LinkedHashMap<>();
      fall.write(text);
      assertThat(Fall.of(text)).isEqualTo(fall);
    }
  }
}
