package dev.lathe.benchmarks;

import dev.lathe.train.ArchitectureRecipe.EncoderDecoder;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.LossRecipe.CrossEntropy;
import dev.lathe.train.OptimizerRecipe.Adam;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * The recipe {@code examples/multi30k.yaml}, and the same run by PyTorch: the same first weights,
 * batches and learning rates, a stretch of steps of one and then of the other. Dropout draws other
 * numbers on each side, so that the two models are not the same in the end.
 */
final class Translation {
  private final Recipe recipe;
  private final Path folder;
  private final Clock ours = new Clock();
  private final Clock theirs = new Clock();

  private Translation(Recipe recipe, Path folder) {
    this.recipe = recipe;
    this.folder = folder;
  }

  /** Seconds of wall clock and of processor. */
  private static final class Clock {
    private double wall;
    private double processor;
    private long steps;

    void add(double[] seconds, long count) {
      wall += seconds[0];
      processor += seconds[1];
      steps += count;
    }
  }

  /**
   * Runs both.
   *
   * @param file the recipe
   * @param steps how many instead of the recipe's; empty leaves them
   */
  static Report run(Path file, String steps) {
    try {
      String text = Files.readString(file);
      String yaml = steps.isEmpty() ? text : text.replaceAll("(?m)^steps: .*$", "steps: " + steps);
      Path base = file.toAbsolutePath().normalize().getParent();
      Recipe recipe = Recipe.parse(yaml, file.toString(), base);
      return new Translation(recipe, Files.createTempDirectory("translation")).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Report run() throws IOException {
    TrainingRun run = TrainingRun.start(recipe, folder.resolve("run"));
    Path recording = folder.resolve("recording");
    run.record(recording);
    writeRest(recording);
    int threads = Math.min(2, Runtime.getRuntime().availableProcessors());
    try (TranslationPeer peer =
        TranslationPeer.start(recording, threads)
            .orElseThrow(() -> new IllegalStateException("no Python with torch, safetensors"))) {
      InTurn turns = new InTurn(peer);
      TrainingResult result = run.run(turns, new CancelToken());
      turns.catchUp(result.steps());
      return report(peer, result);
    }
  }

  /** What the peer must know beside the recording. */
  private void writeRest(Path recording) throws IOException {
    if (!(recipe.architecture() instanceof EncoderDecoder net
        && recipe.optimizer() instanceof Adam adam
        && recipe.loss() instanceof CrossEntropy loss
        && recipe.data() instanceof DataRecipe.Parallel data)) {
      throw new IllegalStateException("the peer has an encoder-decoder by Adam only");
    }
    Files.writeString(
        recording.resolve("run.json"),
        String.format(
            Locale.ROOT,
            "{\"heads\": %d, \"dropout\": %s, \"smoothing\": %s, \"clip_norm\": %s, \"beta1\": %s,"
                + " \"beta2\": %s, \"epsilon\": %s, \"length\": %d}",
            net.heads(),
            net.dropout(),
            loss.smoothing(),
            recipe.update().clipNorm(),
            adam.beta1(),
            adam.beta2(),
            adam.epsilon(),
            data.length()));
    unzip(data.test().source(), recording.resolve("test.source"));
    unzip(data.test().target(), recording.resolve("test.target"));
  }

  private static void unzip(Path from, Path to) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(from))) {
      Files.copy(in, to);
    }
  }

  /** Lets the peer do what we have done, while we wait, each time that we tell where we are. */
  private final class InTurn implements TrainingListener {
    private final TranslationPeer peer;
    private double[] begun = now();

    InTurn(TranslationPeer peer) {
      this.peer = peer;
    }

    private static double[] now() {
      var system =
          (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      return new double[] {System.nanoTime() / 1e9, system.getProcessCpuTime() / 1e9};
    }

    @Override
    public void progress(TrainingProgress told) {
      double[] now = now();
      long steps = told.step() - ours.steps;
      if (steps > 0) {
        ours.add(new double[] {now[0] - begun[0], now[1] - begun[1]}, steps);
        catchUp(told.step());
      }
      begun = now();
    }

    void catchUp(long step) {
      if (step > theirs.steps) {
        long steps = step - theirs.steps;
        theirs.add(peer.train(steps), steps);
      }
    }
  }

  private Report report(TranslationPeer peer, TrainingResult result) {
    double[] tested = peer.test(folder.resolve("run/translations.txt").toAbsolutePath());
    Report report =
        new Report(
            "Translation, English to German, Multi30k",
            "`examples/multi30k.yaml`: "
                + result.steps()
                + " steps of "
                + recipe.batch()
                + " pairs, then greedy translation of test_2016_flickr; and the same model by PyTorch"
                + " with the same first weights, batches and rates, stretch by stretch in turn."
                + " BLEU is sacreBLEU's by default (13a, case counts, detokenized). Our time has the"
                + " measuring of the validation part in it, PyTorch's has steps only."
                + " Reproduce: `benchmarks/run translation [STEPS]`.");
    report.fact("ONNX Runtime", "1.28.0").fact("PyTorch", peer.version().replace("PyTorch ", ""));
    report.fact(
        "BLEU of our translations by our own code",
        String.format(Locale.ROOT, "%.4f", result.metrics().get("test_bleu")));
    report.header(
        "side", "BLEU", "validation loss", "ms per step", "processor ms per step", "pairs per s");
    report.row(row("Lathe", tested[2], result.metrics().get("validation_loss"), ours));
    report.row(row("PyTorch", tested[1], tested[0], theirs));
    return report;
  }

  private String[] row(String side, double bleu, double loss, Clock clock) {
    return new String[] {
      side,
      number("%.2f", bleu),
      number("%.4f", loss),
      number("%.1f", 1000 * clock.wall / clock.steps),
      number("%.1f", 1000 * clock.processor / clock.steps),
      number("%.0f", recipe.batch() * clock.steps / clock.wall)
    };
  }

  private static String number(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }
}
