package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataRecipe.InMemory;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.EarlyStop;
import dev.lathe.train.Normalization;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.UpdateRecipe;
import dev.lathe.train.UpdateRecipe.Decay;
import dev.lathe.train.UpdateRecipe.Group;
import dev.lathe.train.data.Preparing;
import dev.lathe.transform.ParameterGroup;
import dev.lathe.zoo.Activation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frozen parts, groups, clipping, averages and steps of several batches, from recipe to weights.
 */
class UpdatePlanTest {
  private static final double NONE = Double.POSITIVE_INFINITY;
  private static final Recipe RECIPE =
      Recipe.of(
              "t/mlp", Task.CLASSIFICATION, new ArchitectureRecipe.Mlp(List.of(6), Activation.TANH))
          .withData(new InMemory(new Preparation(List.of(), 0.2, 0, Normalization.NONE)))
          .withOptimizer(new OptimizerRecipe.AdamW(0.02, 0.9, 0.99, 1e-6, 0.1))
          .withEpochs(3, 16);

  @TempDir Path folder;

  private static Dataset clouds() {
    Random random = new Random(4);
    int size = 150;
    float[] x = new float[size * 5];
    long[] y = new long[size];
    for (int n = 0; n < size; n++) {
      y[n] = random.nextInt(3);
      for (int i = 0; i < 5; i++) {
        x[n * 5 + i] = (float) (random.nextGaussian() + (i == y[n] ? 2 : 0));
      }
    }
    return Dataset.of(Tensor.ofFloats(x, size, 5), Tensor.ofLongs(y, size));
  }

  private static Plan plan(UpdateRecipe update) {
    return plan(RECIPE.withUpdate(update));
  }

  private static Plan plan(Recipe recipe) {
    return Plan.of(recipe, Preparing.of(recipe, clouds()));
  }

  private static UpdatePlan updating(UpdateRecipe update) {
    Plan plan = plan(UpdateRecipe.PLAIN);
    return UpdatePlan.of(RECIPE.withUpdate(update), plan.network());
  }

  private static UpdateRecipe groups(Decay decay, Group... groups) {
    return new UpdateRecipe(
        NONE, NONE, decay, List.of(groups), List.of(), 1, 0, UpdateRecipe.Recompute.NOTHING);
  }

  private static UpdateRecipe freezing(String... patterns) {
    return new UpdateRecipe(
        NONE, NONE, Decay.ALL, List.of(), List.of(patterns), 1, 0, UpdateRecipe.Recompute.NOTHING);
  }

  private TrainingResult run(Plan plan, TrainingListener listener) throws Exception {
    Path directory = Files.createTempDirectory(folder, "run");
    TrainingLoop.Watch watch =
        new TrainingLoop.Watch(listener, new CancelToken(), new Tick()::next);
    try (TrainingLoop loop = new TrainingLoop(plan, new RunFolder(directory), watch)) {
      return loop.run();
    }
  }

  /** A clock on which every look is news. */
  private static final class Tick {
    private long now;

    long next() {
      now += 200_000_000L;
      return now;
    }
  }

  @Test
  void network_hasTheseParameters() {
    assertThat(updating(UpdateRecipe.PLAIN).parameters())
        .containsExactlyInAnyOrder("0.weight", "0.bias", "2.weight", "2.bias");
  }

  @Test
  void patternsFreeze_andFrozenWeightsStay() throws Exception {
    assertThat(updating(freezing("0.*", "?.bias")).parameters()).containsExactly("2.weight");
    Plan plan = plan(freezing("0.*"));
    Map<String, Tensor> before = plan.network().model().graph().initializers();
    Map<String, Tensor> after = run(plan, TrainingListener.SILENT).model().graph().initializers();
    assertThat(after.get("0.weight").sameContent(before.get("0.weight"))).isTrue();
    assertThat(after.get("2.weight").sameContent(before.get("2.weight"))).isFalse();
  }

  @Test
  void patternThatMatchesNothing_orLeavesNothing_isRefused() {
    assertThatThrownBy(() -> updating(freezing("1.*")))
        .hasMessage(
            "update.freeze: \"1.*\" matches no parameter (known: 0.bias, 0.weight, 2.bias,"
                + " 2.weight)")
        .extracting("code")
        .isEqualTo(TrainError.BAD_RECIPE);
    assertThatThrownBy(() -> updating(freezing("*")))
        .hasMessage("update.freeze: no parameter is left to train (expected: one at least)");
    assertThatThrownBy(() -> updating(groups(Decay.ALL, new Group(List.of("x"), 1, 1))))
        .hasMessageStartingWith("update.groups: \"x\" matches no parameter");
  }

  @Test
  void patterns_meanEveryOtherCharacterAsItStands() {
    assertThatThrownBy(() -> updating(freezing("0.w.ight")))
        .hasMessageContaining("matches no parameter");
    assertThatThrownBy(() -> updating(freezing("[0-9].*")))
        .hasMessageContaining("matches no parameter");
  }

  @Test
  void decayOfMatrices_sparesVectors_andKeepsAGroupsRate() {
    assertThat(updating(groups(Decay.MATRICES)).options().groups())
        .containsExactly(new ParameterGroup(Set.of("0.bias", "2.bias"), 1, 0));
    assertThat(
            updating(groups(Decay.MATRICES, new Group(List.of("0.*"), 0.5, 2))).options().groups())
        .containsExactlyInAnyOrder(
            new ParameterGroup(Set.of("0.weight"), 0.5, 2),
            new ParameterGroup(Set.of("0.bias"), 0.5, 0),
            new ParameterGroup(Set.of("2.bias"), 1, 0));
  }

  @Test
  void parameterInTwoGroups_isRefused() {
    UpdateRecipe update =
        groups(Decay.ALL, new Group(List.of("0.*"), 1, 0), new Group(List.of("*.bias"), 1, 0));
    assertThatThrownBy(() -> updating(update))
        .hasMessage("update.groups: \"0.bias\" is in two groups (expected: one)");
  }

  @Test
  void stepsOfSeveralBatches_areThoseOfOneLargeBatch() throws Exception {
    // 120 examples: 5 batches of 24, or steps of 3 batches of 8 each.
    UpdateRecipe three =
        new UpdateRecipe(
            0.5, NONE, Decay.ALL, List.of(), List.of(), 3, 0.9, UpdateRecipe.Recompute.NOTHING);
    UpdateRecipe one =
        new UpdateRecipe(
            0.5, NONE, Decay.ALL, List.of(), List.of(), 1, 0.9, UpdateRecipe.Recompute.NOTHING);
    TrainingResult large =
        run(plan(RECIPE.withUpdate(one).withEpochs(3, 24)), TrainingListener.SILENT);
    TrainingResult small =
        run(plan(RECIPE.withUpdate(three).withEpochs(3, 8)), TrainingListener.SILENT);
    assertThat(small.steps()).isEqualTo(large.steps()).isEqualTo(15);
    large
        .model()
        .graph()
        .initializers()
        .forEach(
            (name, tensor) ->
                assertThat(small.model().graph().initializers().get(name).toDoubles())
                    .as(name)
                    .containsExactly(tensor.toDoubles(), within(1e-5)));
  }

  @Test
  void lastStepOfAnEpoch_mayHaveFewerBatches() throws Exception {
    UpdateRecipe three =
        new UpdateRecipe(
            NONE, NONE, Decay.ALL, List.of(), List.of(), 3, 0, UpdateRecipe.Recompute.NOTHING);
    Plan plan = plan(RECIPE.withUpdate(three).withEpochs(2, 16));
    assertThat(plan.batchesPerEpoch()).isEqualTo(8);
    assertThat(plan.stepsPerEpoch()).isEqualTo(3);
    assertThat(run(plan, TrainingListener.SILENT).steps()).isEqualTo(6);
  }

  @Test
  void normOfTheGradient_isToldWhereItIsClipped() throws Exception {
    List<TrainingProgress> told = new ArrayList<>();
    run(
        plan(
            new UpdateRecipe(
                0.5, NONE, Decay.ALL, List.of(), List.of(), 1, 0, UpdateRecipe.Recompute.NOTHING)),
        told::add);
    assertThat(told).isNotEmpty();
    assertThat(told).allMatch(progress -> progress.metrics().get("gradient_norm") > 0);
  }

  @Test
  void averages_areMeasuredAndReleased() throws Exception {
    UpdateRecipe slow =
        new UpdateRecipe(
            NONE, NONE, Decay.ALL, List.of(), List.of(), 1, 0.999, UpdateRecipe.Recompute.NOTHING);
    Plan plan = plan(RECIPE.withUpdate(slow).withEarlyStop(new EarlyStop("loss", 9)));
    TrainingResult averaged = run(plan, TrainingListener.SILENT);
    TrainingResult last = run(plan(UpdateRecipe.PLAIN), TrainingListener.SILENT);
    double[] start = plan.network().model().graph().initializers().get("0.weight").toDoubles();
    double moved = distance(start, averaged);
    assertThat(moved).isPositive().isLessThan(distance(start, last) / 5);
    assertThat(averaged.metrics().get("validation_loss"))
        .isGreaterThan(last.metrics().get("validation_loss"));
  }

  private static double distance(double[] start, TrainingResult result) {
    double[] end = result.model().graph().initializers().get("0.weight").toDoubles();
    double sum = 0;
    for (int i = 0; i < start.length; i++) {
      sum += Math.abs(end[i] - start[i]);
    }
    return sum;
  }

  @Test
  void segmentsThatAreComputedTwice_trainTheSameModel() throws Exception {
    ArchitectureRecipe deep = new ArchitectureRecipe.Mlp(List.of(6, 6, 6, 6, 6), Activation.TANH);
    Recipe recipe =
        Recipe.of("t/deep", Task.CLASSIFICATION, deep).withData(RECIPE.data()).withEpochs(2, 16);
    UpdateRecipe twice =
        new UpdateRecipe(
            0.5, NONE, Decay.ALL, List.of(), List.of(), 1, 0, UpdateRecipe.Recompute.SEGMENTS);
    Plan less = plan(recipe.withUpdate(twice));
    UpdateRecipe clipped =
        new UpdateRecipe(
            0.5, NONE, Decay.ALL, List.of(), List.of(), 1, 0, UpdateRecipe.Recompute.NOTHING);
    Plan more = plan(recipe.withUpdate(clipped));
    assertThat(nodes(less)).isGreaterThan(nodes(more));
    Map<String, Tensor> expected =
        run(more, TrainingListener.SILENT).model().graph().initializers();
    Map<String, Tensor> found = run(less, TrainingListener.SILENT).model().graph().initializers();
    expected.forEach(
        (name, tensor) -> assertThat(found.get(name).sameContent(tensor)).as(name).isTrue());
  }

  private static int nodes(Plan plan) {
    return plan.graphs().step().model().graph().nodes().size();
  }
}
