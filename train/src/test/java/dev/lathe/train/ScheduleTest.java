package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.testkit.Python;
import dev.lathe.train.Schedule.Cosine;
import dev.lathe.train.Schedule.Linear;
import dev.lathe.train.Schedule.OneCycle;
import dev.lathe.train.Schedule.Plateau;
import dev.lathe.train.Schedule.Step;
import dev.lathe.train.Schedule.Warmup;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static double[] factors(Schedule schedule, long steps) {
    return LongStream.rangeClosed(1, steps)
        .mapToDouble(step -> schedule.factor(step, steps))
        .toArray();
  }

  @Test
  void constantAndPlateau_stayByThemselves() {
    assertThat(factors(Schedule.CONSTANT, 3)).containsOnly(1);
    assertThat(factors(new Plateau("loss", 0.1, 2, 0, 0), 3)).containsOnly(1);
  }

  @Test
  void step_fallsAgainAndAgain() {
    assertThat(factors(new Step(2, 0.5), 5)).containsExactly(1, 1, 0.5, 0.5, 0.25);
  }

  @Test
  void linearAndCosine_endOneStepAfterTheLast() {
    assertThat(factors(new Linear(0.2), 4))
        .containsExactly(new double[] {1, 0.8, 0.6, 0.4}, within(1e-12));
    assertThat(factors(new Cosine(0.2), 2)).containsExactly(new double[] {1, 0.6}, within(1e-12));
    assertThat(Schedule.COSINE.factor(5, 4)).isCloseTo(0, within(1e-12));
  }

  @Test
  void warmup_goesUpInALine_thenTheOtherTakesTheRestOfTheRun() {
    Schedule schedule = new Warmup(5, 0.2, new Cosine(0.1));
    double[] found = factors(schedule, 40);
    for (int step = 0; step < 40; step++) {
      double expected =
          step < 5
              ? 0.2 + 0.8 * step / 5
              : 0.1 + 0.9 * (1 + Math.cos(Math.PI * (step - 5) / 35)) / 2;
      assertThat(found[step]).as("step %d", step).isCloseTo(expected, within(1e-12));
    }
    // The learning rate that PyTorch had at the last step of the recorded run.
    assertThat(0.01 * found[39]).isCloseTo(0.0010181156770214242, within(1e-12));
  }

  private static final String PEER =
      """
      import torch
      def rates(make):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        schedule = make(optimizer)
        found = []
        for _ in range(%d):
          found.append(optimizer.param_groups[0]['lr'])
          optimizer.step()
          schedule.step()
        print(*found)
      S = torch.optim.lr_scheduler
      rates(lambda o: S.OneCycleLR(o, 1.0, total_steps=%d, cycle_momentum=False))
      rates(lambda o: S.OneCycleLR(o, 1.0, total_steps=%d, pct_start=0.5, div_factor=4,
          final_div_factor=10, cycle_momentum=False))
      rates(lambda o: S.StepLR(o, 3, 0.5))
      """;

  @Test
  void oneCycleAndStep_arePyTorchs() {
    int steps = 20;
    String script = String.format(PEER, steps - 1, steps, steps);
    List<String> lines = Python.run(Python.with("torch"), script).lines().toList();
    List<Schedule> ours =
        List.of(new OneCycle(0.3, 25, 1e4), new OneCycle(0.5, 4, 10), new Step(3, 0.5));
    for (int i = 0; i < ours.size(); i++) {
      double[] expected =
          Arrays.stream(lines.get(i).split(" ")).mapToDouble(Double::parseDouble).toArray();
      assertThat(Arrays.copyOf(factors(ours.get(i), steps), steps - 1))
          .as(ours.get(i).toString())
          .containsExactly(expected, within(1e-9));
    }
  }

  @Test
  void oneCycle_ofVeryShortRuns_isFinite() {
    for (int steps = 1; steps < 6; steps++) {
      assertThat(Arrays.stream(factors(new OneCycle(0.3, 25, 1e4), steps)))
          .as("%d steps", steps)
          .allMatch(factor -> factor > 0 && factor <= 1);
    }
  }

  @Test
  void warmupBeforeAWarmup_isRefused() {
    Schedule once = new Warmup(2, 0, Schedule.CONSTANT);
    assertThatThrownBy(() -> new Warmup(2, 0, once)).hasMessageContaining("expected: one");
  }
}
