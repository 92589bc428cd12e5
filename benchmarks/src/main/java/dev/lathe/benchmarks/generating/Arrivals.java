package dev.lathe.benchmarks.generating;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextOptions;
import dev.lathe.ir.Model;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.transform.WeightForm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests that arrive at random: how long each waits for its first token, and for each token after
 * it.
 *
 * @param seconds when each arrives, from the start
 */
record Arrivals(List<Double> seconds) {
  private static final long SEED = 11;

  /** Copies the list. */
  Arrivals {
    seconds = List.copyOf(seconds);
  }

  /** Independent arrivals, so many a second on average. */
  static Arrivals of(int count, double perSecond) {
    Random random = new Random(SEED);
    List<Double> seconds = new ArrayList<>();
    double at = 0;
    for (int i = 0; i < count; i++) {
      at -= Math.log(1 - random.nextDouble()) / perSecond;
      seconds.add(at);
    }
    return new Arrivals(seconds);
  }

  /**
   * Milliseconds that half of all are within, and 99 of a hundred.
   *
   * @param half half of all
   * @param most 99 of a hundred
   */
  record Within(double half, double most) {
    static Within of(List<Double> millis) {
      List<Double> sorted = new ArrayList<>(millis);
      Collections.sort(sorted);
      return new Within(at(sorted, 0.5), at(sorted, 0.99));
    }

    private static double at(List<Double> sorted, double part) {
      int index = (int) Math.ceil(part * sorted.size()) - 1;
      return sorted.isEmpty() ? Double.NaN : sorted.get(Math.max(0, index));
    }
  }

  /**
   * How long readers waited.
   *
   * @param first for the first token of a text
   * @param next for each token after it
   */
  record Waits(Within first, Within next) {}

  /** Writes the plain form for the engine to make its own of. */
  static Path release(Model plain, Path folder) {
    Path file = folder.resolve("model.onnx");
    OnnxFile.write(plain, file, new ExternalData("model.bin", 1024, 4096));
    return folder;
  }

  /** All by our engine, with one thread that computes. */
  Waits ours(Path released, WeightForm form, Scale scale) {
    TextOptions options =
        new TextOptions(
            List.of(new TextOptions.Arena(scale.streams().getLast(), scale.capacity())),
            TextOptions.usual().room(),
            TextOptions.usual().prefixBytes(),
            seconds.size(),
            256,
            0,
            1,
            TextOptions.Weights.of(form, released.resolve("forms")),
            0);
    List<Double> first = Collections.synchronizedList(new ArrayList<>());
    List<Double> next = Collections.synchronizedList(new ArrayList<>());
    try (TextModel model = TextModel.open(released, options)) {
      read(model, scale, 0, new Times(new ArrayList<>(), new ArrayList<>()));
      long start = System.nanoTime();
      ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
      try (readers) {
        for (int i = 0; i < seconds.size(); i++) {
          int seed = i + 1;
          long at = start + (long) (seconds.get(i) * 1e9);
          readers.submit(
              () -> {
                for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
                  LockSupport.parkNanos(left);
                }
                read(model, scale, seed, new Times(first, next));
              });
        }
      }
    }
    return new Waits(Within.of(first), Within.of(next));
  }

  private record Times(List<Double> first, List<Double> next) {}

  private static void read(TextModel model, Scale scale, long seed, Times times) {
    int[] prompt = new Random(seed).ints(scale.begun(), 0, scale.vocabulary()).toArray();
    Ending ending =
        new Ending(scale.steps(), 0, List.of(), java.util.Set.of(), Ending.EndTokens.IGNORED);
    long before = System.nanoTime();
    boolean begun = false;
    try (var stream = model.generate(GenerateRequest.of(prompt, ending))) {
      for (Optional<GenerateEvent> event = stream.next();
          event.isPresent();
          event = stream.next()) {
        if (event.get() instanceof GenerateEvent.Token) {
          long now = System.nanoTime();
          (begun ? times.next() : times.first()).add((now - before) / 1e6);
          before = now;
          begun = true;
        }
      }
    }
  }
}
