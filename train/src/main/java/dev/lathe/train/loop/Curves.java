package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.curves.EventFile;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run's metrics as TensorBoard shows them: {@code train/loss}, {@code validation/accuracy}. They
 * are something to look at, so that a disk that is full costs the curves, not the run.
 */
final class Curves implements AutoCloseable {
  private final Path folder;
  private final TrainingListener listener;
  private @Nullable EventFile events;

  Curves(Path folder, TrainingListener listener) {
    this.folder = folder;
    this.listener = listener;
  }

  /**
   * Begins a file; what earlier files of the run say of later steps no longer counts.
   *
   * @param step steps made so far
   */
  void begin(long step) {
    attempt(
        () -> {
          EventFile begun = EventFile.create(folder, InstantSource.system());
          events = begun;
          if (step > 0) {
            begun.resume(step + 1);
          }
        });
  }

  /**
   * Adds a point to each curve.
   *
   * @param step steps made so far
   * @param values metrics by their names, the part they were measured on first
   */
  void add(long step, Map<String, Double> values) {
    EventFile open = events;
    if (open != null) {
      Map<String, Double> named = new LinkedHashMap<>();
      values.forEach((name, value) -> named.put(named(name), value));
      attempt(() -> open.scalars(step, named));
    }
  }

  private static String named(String metric) {
    for (String part : new String[] {"train", "validation", "test"}) {
      if (metric.startsWith(part + "_")) {
        return part + "/" + metric.substring(part.length() + 1);
      }
    }
    return "step/" + metric;
  }

  private void attempt(Runnable work) {
    try {
      work.run();
    } catch (LatheException e) {
      listener.warning("no curves from here on: " + e.getMessage());
      close();
    }
  }

  @Override
  public void close() {
    EventFile open = events;
    events = null;
    if (open != null) {
      try {
        open.close();
      } catch (LatheException e) {
        listener.warning("curves: " + e.getMessage());
      }
    }
  }
}
