package dev.lathe.cli.load;

import dev.lathe.serve.BatchPolicy;
import dev.lathe.serve.ServeOptions;
import dev.lathe.serve.Tuned;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A way to serve a model.
 *
 * @param maxBatchRows rows joined into one run
 * @param instances runs that may overlap
 * @param threads threads that share the work inside one run
 */
public record Setting(int maxBatchRows, int instances, int threads) {
  private static final int[] ROWS = {1, 4, 16, 64};

  /**
   * What is worth trying on a machine: each batch with overlapping runs of one thread from 1,
   * doubled, to the processors; with one run of more threads, likewise; and with as many runs of
   * some threads as the processors can take.
   *
   * @param processors of the machine
   * @return settings that need no more processors than there are
   */
  public static List<Setting> forMachine(int processors) {
    Set<Setting> settings = new LinkedHashSet<>();
    for (int rows : ROWS) {
      for (int count : doubled(processors)) {
        settings.add(new Setting(rows, count, 1));
      }
      for (int threads : doubled(processors)) {
        settings.add(new Setting(rows, 1, threads));
        settings.add(new Setting(rows, processors / threads, threads));
      }
    }
    return List.copyOf(settings);
  }

  /** 1, 2, 4, … and the most. */
  private static List<Integer> doubled(int most) {
    List<Integer> counts = new ArrayList<>();
    for (int count = 1; count < most; count *= 2) {
      counts.add(count);
    }
    counts.add(most);
    return counts;
  }

  /** As {@code deployment.yaml} names them. */
  Map<String, String> words() {
    return Map.of(
        "serving.max_batch_rows",
        Integer.toString(maxBatchRows),
        "serving.instances",
        Integer.toString(instances),
        "serving.threads",
        Integer.toString(threads));
  }

  ServeOptions options() {
    ServeOptions usual = InProcess.options();
    BatchPolicy policy = usual.batching();
    return usual.with(
        new BatchPolicy(
            maxBatchRows,
            policy.queueCapacity(),
            policy.maxDelay(),
            Tuned.fixed(instances),
            threads,
            policy.timeout(),
            policy.priorities()));
  }
}
