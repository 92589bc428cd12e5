package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.zoo.Activation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFullTest {
  private static final int FILLED_AFTER = 5;

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  /** A network whose checkpoint is about 300 KiB. */
  private static Recipe recipe() {
    return Recipe.of(
            "t/full",
            Task.REGRESSION,
            new ArchitectureRecipe.Mlp(List.of(160, 120), Activation.RELU))
        .withEpochs(6, 20)
        .withCheckpointEvery(1);
  }

  private static Dataset data() {
    Random random = new Random(2);
    float[] x = new float[60 * 8];
    float[] y = new float[60];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
      y[i / 8] += x[i];
    }
    return Dataset.of(Tensor.ofFloats(x, 60, 8), Tensor.ofFloats(y, 60));
  }

  /** Fills the disk once the run has made some steps. */
  private final class Filling implements TrainingListener {
    private final Path filler;

    Filling(Path filler) {
      this.filler = filler;
    }

    @Override
    public void progress(TrainingProgress progress) {
      if (progress.step() >= FILLED_AFTER && !Files.exists(filler)) {
        fill(filler);
      }
    }

    @Override
    public void warning(String message) {
      warnings.add(message);
    }
  }

  private static void fill(Path filler) {
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (int i = 0; i < 1 << 16; i++) {
        out.write(new byte[512]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("space");
      return;
    }
    throw new AssertionError("the disk takes everything");
  }

  /** A file system of 2 MiB is filled in the middle of a run. */
  @Test
  void fullDisk_costsCheckpointsNotTheRun_andTheLastGoodOneIsTakenUp() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small.toString()) == 0,
        "skipped: this user may not mount a small file system");
    try {
      TrainingResult whole =
          TrainingRun.start(recipe(), data(), folder.resolve("whole"))
              .run(TrainingListener.SILENT, new CancelToken());
      Path directory = small.resolve("run");
      Path filler = small.resolve("filler");
      TrainingResult full =
          TrainingRun.start(recipe(), data(), directory)
              .run(new Filling(filler), new CancelToken());

      assertSame(full, whole);
      assertThat(warnings).isNotEmpty().anyMatch(warning -> warning.contains("not written"));
      List<Path> kept = files(directory.resolve("checkpoints"));
      assertThat(kept).isNotEmpty().allMatch(file -> file.toString().endsWith(".safetensors"));
      Checkpoint last = Checkpoint.read(kept.getLast());
      assertThat(last.position().step()).isPositive().isLessThan(whole.steps());

      Files.delete(filler);
      TrainingResult resumed =
          TrainingRun.resume(directory, data()).run(TrainingListener.SILENT, new CancelToken());
      assertSame(resumed, whole);
      Path newest = files(directory.resolve("checkpoints")).getLast();
      assertThat(Checkpoint.read(newest).position().finished()).isTrue();
    } finally {
      // Checkpoints that were read stay mapped until they are collected.
      assertThat(run("umount", "-l", small.toString())).isZero();
    }
  }

  private static void assertSame(TrainingResult found, TrainingResult expected) {
    assertThat(found.steps()).isEqualTo(expected.steps());
    expected
        .model()
        .graph()
        .initializers()
        .forEach(
            (name, weight) ->
                assertThat(found.model().graph().initializers().get(name).sameContent(weight))
                    .as(name)
                    .isTrue());
    assertThat(found.metrics()).isEqualTo(expected.metrics());
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static int run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor();
  }
}
