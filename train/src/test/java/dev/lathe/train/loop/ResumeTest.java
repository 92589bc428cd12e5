package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataRecipe.InMemory;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.EarlyStop;
import dev.lathe.train.LoraRecipe;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.Normalization;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Schedule;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.UpdateRecipe;
import dev.lathe.train.WiringRecipe;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Preparing;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Cnn.Stage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was stopped or killed and resumed is the run that was not. */
class ResumeTest {
  @TempDir Path folder;

  static List<Recipe> recipes() {
    Preparation preparation = new Preparation(List.of(), 0.2, 0.1, Normalization.STANDARD);
    ArchitectureRecipe mlp = new ArchitectureRecipe.Mlp(List.of(9), Activation.TANH);
    ArchitectureRecipe cnn =
        new ArchitectureRecipe.Cnn(List.of(new Stage(3, 3, 1, 1, 2)), List.of(5), Activation.RELU);
    Preparation image = new Preparation(List.of(1, 4, 4), 0.2, 0, Normalization.STANDARD_ALL);
    return List.of(
        Recipe.of("t/mlp-adam", Task.CLASSIFICATION, mlp)
            .withData(new InMemory(preparation))
            .withOptimizer(OptimizerRecipe.adam(0.01))
            .withSchedule(Schedule.COSINE)
            .withEpochs(4, 16)
            .withCheckpointEvery(3),
        Recipe.of("t/cnn-nesterov", Task.CLASSIFICATION, cnn)
            .withData(new InMemory(image))
            .withOptimizer(new OptimizerRecipe.Sgd(0.05, 0.9, true, 1e-4))
            .withEpochs(3, 13)
            .withCheckpointEvery(5),
        Recipe.of(
                "t/resnet-batch-statistics",
                Task.CLASSIFICATION,
                new ArchitectureRecipe.ResNet(List.of(4), 1))
            .withData(new InMemory(image))
            .withOptimizer(OptimizerRecipe.adam(0.01))
            .withEpochs(3, 13)
            .withCheckpointEvery(3),
        Recipe.of("t/early-adamw", Task.CLASSIFICATION, mlp)
            .withData(new InMemory(preparation))
            .withOptimizer(new OptimizerRecipe.AdamW(0.05, 0.9, 0.99, 1e-8, 0.1))
            .withEpochs(12, 32)
            .withEarlyStop(new EarlyStop("loss", 2))
            .withCheckpointEvery(4),
        Recipe.of("t/plateau-rmsprop", Task.CLASSIFICATION, mlp)
            .withData(new InMemory(preparation))
            .withOptimizer(new OptimizerRecipe.RmsProp(0.02, 0.9, 0.5, true, 1e-6, 1e-4))
            .withSchedule(
                new Schedule.Warmup(3, 0.1, new Schedule.Plateau("loss", 0.5, 0, 0.2, 0.01)))
            .withEpochs(6, 32)
            .withCheckpointEvery(3),
        Recipe.of("t/several-batches-averaged", Task.CLASSIFICATION, mlp)
            .withData(new InMemory(preparation))
            .withOptimizer(OptimizerRecipe.adam(0.02))
            .withUpdate(
                new UpdateRecipe(
                    0.5,
                    Double.POSITIVE_INFINITY,
                    UpdateRecipe.Decay.MATRICES,
                    List.of(),
                    List.of("0.bias"),
                    3,
                    0.9,
                    UpdateRecipe.Recompute.NOTHING))
            .withEarlyStop(new EarlyStop("loss", 3))
            .withEpochs(5, 7)
            .withCheckpointEvery(2),
        Recipe.of("t/adapters-weighted-measured", Task.CLASSIFICATION, mlp)
            .withData(new InMemory(preparation))
            .withLora(new LoraRecipe(2, 8, 0.3, List.of("*"), LoraRecipe.Release.MERGED))
            .withLoss(new LossRecipe.CrossEntropy(LossRecipe.ClassWeights.BALANCED, 0.1, 0, ""))
            .withMetrics(List.of("f1", "top_2_accuracy", "auc", "confusion"))
            .withEarlyStop(new EarlyStop("auc", 4))
            .withEpochs(4, 16)
            .withCheckpointEvery(3),
        Recipe.of("t/two-losses", Task.CLASSIFICATION, mlp)
            .withData(new InMemory(preparation))
            .withOptimizer(OptimizerRecipe.adam(0.01))
            .withWiring(
                new WiringRecipe(
                    Map.of(),
                    List.of(
                        new WiringRecipe.Objective(
                            "focal",
                            "",
                            Task.CLASSIFICATION,
                            List.of(),
                            new LossRecipe.CrossEntropy(
                                LossRecipe.ClassWeights.BALANCED, 0, 2, "1"),
                            0.5))))
            .withEpochs(3, 16)
            .withCheckpointEvery(3),
        ignoring("t/ignored-one-batch", mlp, 1),
        ignoring("t/ignored-two-batches", mlp, 2),
        Recipe.of("t/binary-sgd", Task.BINARY, new ArchitectureRecipe.Linear())
            .withData(new InMemory(preparation))
            .withOptimizer(OptimizerRecipe.sgd(0.1))
            .withEpochs(3, 20)
            .withCheckpointEvery(1));
  }

  /** Two examples in a batch: now and then a step has none that counts. */
  private static Recipe ignoring(String name, ArchitectureRecipe network, int batches) {
    Preparation preparation = new Preparation(List.of(), 0.2, 0.1, Normalization.STANDARD);
    return Recipe.of(name, Task.CLASSIFICATION, network)
        .withData(new InMemory(preparation))
        .withOptimizer(OptimizerRecipe.adam(0.01))
        .withLoss(new LossRecipe.CrossEntropy(LossRecipe.ClassWeights.EQUAL, 0, 0, "1"))
        .withUpdate(
            new UpdateRecipe(
                0.5,
                Double.POSITIVE_INFINITY,
                UpdateRecipe.Decay.MATRICES,
                List.of(),
                List.of(),
                batches,
                0.9,
                UpdateRecipe.Recompute.NOTHING))
        .withEarlyStop(new EarlyStop("loss", 2))
        .withEpochs(2, 3 - batches)
        .withCheckpointEvery(5);
  }

  /** Two or three noisy clouds in 16 dimensions. */
  private static Dataset clouds(Task task) {
    Random random = new Random(4);
    int size = 160;
    int classes = task == Task.BINARY ? 2 : 3;
    float[] x = new float[size * 16];
    long[] y = new long[size];
    for (int n = 0; n < size; n++) {
      y[n] = random.nextInt(classes);
      for (int i = 0; i < 16; i++) {
        x[n * 16 + i] = (float) (random.nextGaussian() + (i % classes == y[n] ? 1 : 0));
      }
    }
    return Dataset.of(Tensor.ofFloats(x, size, 16), Tensor.ofLongs(y, size));
  }

  /** A process that is gone, as far as the run can tell. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static TrainingResult run(Recipe recipe, Path directory, TrainingListener listener) {
    return run(recipe, directory, listener, new CancelToken());
  }

  private static TrainingResult run(
      Recipe recipe, Path directory, TrainingListener listener, CancelToken cancel) {
    Plan plan = Plan.of(recipe, Preparing.of(recipe, clouds(recipe.task())));
    AtomicLong clock = new AtomicLong();
    TrainingLoop.Watch watch =
        new TrainingLoop.Watch(listener, cancel, () -> clock.addAndGet(200_000_000L));
    RunFolder run = new RunFolder(directory);
    try (FileChannel _ = run.lock();
        TrainingLoop loop = new TrainingLoop(plan, run, watch)) {
      return loop.run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static void assertSame(TrainingResult found, TrainingResult expected, String when) {
    Map<String, Tensor> tensors = found.model().graph().initializers();
    expected
        .model()
        .graph()
        .initializers()
        .forEach(
            (name, tensor) ->
                assertThat(tensors.get(name).sameContent(tensor)).as(when + ": " + name).isTrue());
    assertThat(found.metrics()).as(when).isEqualTo(expected.metrics());
    assertThat(found.steps()).as(when).isEqualTo(expected.steps());
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void stoppedAnywhere_endsWithTheSameBits(Recipe recipe) throws Exception {
    TrainingResult whole = run(recipe, directory("whole"), TrainingListener.SILENT);
    long seed = 11;
    Random random = new Random(seed);
    for (int round = 0; round < 6; round++) {
      Path directory = directory("round" + round);
      String when = recipe.model() + ", seed " + seed + ", round " + round;
      for (int stops = 0; stops < 3; stops++) {
        long at = 1 + random.nextInt((int) whole.steps());
        boolean kill = random.nextBoolean();
        when += (kill ? ", killed at " : ", stopped at ") + at;
        CancelToken cancel = new CancelToken();
        TrainingListener listener = progress -> stop(progress, at, kill, cancel);
        Throwable end = catchThrowable(() -> run(recipe, directory, listener, cancel));
        assertThat(end == null || end instanceof Killed || end instanceof LatheException).isTrue();
      }
      assertSame(run(recipe, directory, TrainingListener.SILENT), whole, when);
    }
  }

  private static void stop(TrainingProgress progress, long at, boolean kill, CancelToken cancel) {
    if (progress.step() >= at) {
      if (kill) {
        throw new Killed();
      }
      cancel.cancel();
    }
  }

  private void runUntil(Recipe recipe, Path directory, long step) {
    assertThatThrownBy(() -> run(recipe, directory, p -> stop(p, step, true, new CancelToken())))
        .isInstanceOf(Killed.class);
  }

  private static List<Path> checkpoints(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("checkpoints"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void newestTwoCheckpoints_areKept() throws Exception {
    Recipe recipe = recipes().getFirst();
    Path directory = directory("run");
    runUntil(recipe, directory, 11);
    assertThat(checkpoints(directory))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("step-000000000006.safetensors", "step-000000000009.safetensors");
  }

  @Test
  void damagedNewestCheckpoint_fallsBackToTheOneBefore() throws Exception {
    Recipe recipe = recipes().getFirst();
    TrainingResult whole = run(recipe, directory("whole"), TrainingListener.SILENT);
    byte[] good = null;
    for (int damage = 0; damage < 16; damage++) {
      Path directory = directory("run" + damage);
      runUntil(recipe, directory, 11);
      Path newest = checkpoints(directory).getLast();
      good = Files.readAllBytes(newest);
      Files.write(newest, damaged(good, damage));
      List<String> warnings = new ArrayList<>();
      assertSame(run(recipe, directory, listening(warnings)), whole, "damage " + damage);
      assertThat(warnings).as("damage " + damage).hasSize(1);
      assertThat(warnings.getFirst()).contains("step-000000000009.safetensors: passed over");
    }
  }

  private static byte[] damaged(byte[] good, int seed) {
    Random random = new Random(seed);
    if (seed % 4 == 0) {
      return java.util.Arrays.copyOf(good, random.nextInt(good.length));
    }
    byte[] bad = good.clone();
    int at = seed % 4 == 1 ? random.nextInt(8) : random.nextInt(good.length);
    bad[at] ^= (byte) (1 << random.nextInt(8));
    return bad;
  }

  private static TrainingListener listening(List<String> warnings) {
    return new TrainingListener() {
      @Override
      public void progress(TrainingProgress progress) {}

      @Override
      public void warning(String message) {
        warnings.add(message);
      }
    };
  }

  @Test
  void noReadableCheckpoint_isRefused() throws Exception {
    Recipe recipe = recipes().getFirst();
    Path directory = directory("run");
    runUntil(recipe, directory, 8);
    for (Path file : checkpoints(directory)) {
      Files.write(file, new byte[] {1, 2, 3});
    }
    assertThatThrownBy(() -> run(recipe, directory, TrainingListener.SILENT))
        .hasMessageContaining("none of 2 checkpoints can be read")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.CHECKPOINT_CORRUPT);
  }

  @Test
  void checkpointOfAnotherGraph_isRefused() throws Exception {
    Recipe recipe = recipes().getFirst();
    Path directory = directory("run");
    runUntil(recipe, directory, 8);
    Recipe other = recipe.withOptimizer(OptimizerRecipe.sgd(0.1));
    assertThatThrownBy(() -> run(other, directory, TrainingListener.SILENT))
        .hasMessageContaining("made with another step graph, sha256 ")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.CHECKPOINT_MISMATCH);
  }

  @Test
  void noRoomForCheckpoints_isAWarningAndTheRunGoesOn() throws Exception {
    Recipe recipe = recipes().getFirst();
    Path directory = directory("run");
    Files.writeString(directory.resolve("checkpoints"), "in the way");
    List<String> warnings = new ArrayList<>();
    TrainingResult result = run(recipe, directory, listening(warnings));
    assertSame(result, run(recipe, directory("whole"), TrainingListener.SILENT), "no room");
    assertThat(warnings).isNotEmpty().allMatch(warning -> warning.contains("not written"));
  }

  @Test
  void secondProcess_isKeptOut() throws Exception {
    Recipe recipe = recipes().getFirst();
    Path directory = directory("run");
    try (FileChannel _ = new RunFolder(directory).lock()) {
      assertThatThrownBy(() -> run(recipe, directory, TrainingListener.SILENT))
          .hasMessageContaining("is under way in another process");
    }
  }

  @Test
  void divergedRun_namesTheStepAndKeepsTheLastGoodCheckpoint() throws Exception {
    Recipe recipe =
        Recipe.of("t/wild", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withOptimizer(OptimizerRecipe.sgd(900))
            .withEpochs(50, 40)
            .withCheckpointEvery(2);
    Dataset clouds = clouds(Task.CLASSIFICATION);
    Dataset data = Dataset.of(clouds.x(), clouds.x());
    Plan plan = Plan.of(recipe, Preparing.of(recipe, data));
    RunFolder run = new RunFolder(directory("run"));
    TrainingLoop.Watch watch =
        new TrainingLoop.Watch(TrainingListener.SILENT, new CancelToken(), System::nanoTime);
    try (TrainingLoop loop = new TrainingLoop(plan, run, watch)) {
      assertThatThrownBy(loop::run)
          .hasMessageMatching("step \\d+: (loss is .*|weights are no longer finite).*")
          .extracting(e -> ((LatheException) e).code())
          .isEqualTo(TrainError.DIVERGED);
    }
    Checkpoint kept = Checkpoint.read(checkpoints(directory("run")).getLast());
    assertThat(kept.position().step()).isPositive();
    kept.state()
        .values()
        .forEach(
            tensor ->
                assertThat(java.util.Arrays.stream(tensor.toDoubles())).allMatch(Double::isFinite));
  }

  @Test
  void threads_doNotChangeTheBits() {
    Recipe recipe = recipes().get(1);
    Plan plan = Plan.of(recipe, Preparing.of(recipe, clouds(recipe.task())));
    List<Map<String, Tensor>> results = new ArrayList<>();
    for (int threads : new int[] {1, 2, 3}) {
      try (Batch batch = new Batch(plan.data().train().columns(), plan.batch());
          Stepper stepper = new Stepper(plan.graphs().step(), threads)) {
        for (int step = 1; step <= 9; step++) {
          try (Cursor cursor = plan.data().train().inOrder()) {
            cursor.skip((step - 1L) % plan.batchesPerEpoch() * batch.size());
            batch.fill(cursor);
          }
          stepper.step(batch, plan.optimizer().scalars(step, 0.05));
        }
        results.add(stepper.weights());
      }
    }
    results.forEach(
        weights ->
            weights.forEach(
                (name, tensor) ->
                    assertThat(tensor.sameContent(results.getFirst().get(name))).isTrue()));
  }
}
