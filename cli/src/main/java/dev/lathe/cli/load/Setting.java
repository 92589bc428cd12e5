package dev.lathe.cli.load;

import dev.lathe.serve.BatchPolicy;
import dev.lathe.serve.ServeOptions;
import dev.lathe.serve.Tuned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A way to serve a model.
 *
 * @param maxBatchRows rows joined into one run
 * @param instances runs that may overlap
 */
public record Setting(int maxBatchRows, int instances) {
  private static final int[] ROWS = {1, 4, 16, 64};

  /**
   * What is worth trying on a machine.
   *
   * @param processors of the machine
   * @return settings: each batch with each number of overlapping runs from 1, doubled, to the
   *     processors
   */
  public static List<Setting> forMachine(int processors) {
    List<Setting> settings = new ArrayList<>();
    for (int rows : ROWS) {
      int instances = 1;
      while (instances < processors) {
        settings.add(new Setting(rows, instances));
        instances *= 2;
      }
      settings.add(new Setting(rows, processors));
    }
    return settings;
  }

  /** As {@code deployment.yaml} names them. */
  Map<String, String> words() {
    return Map.of(
        "serving.max_batch_rows",
        Integer.toString(maxBatchRows),
        "serving.instances",
        Integer.toString(instances));
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
            policy.timeout(),
            policy.priorities()));
  }
}
