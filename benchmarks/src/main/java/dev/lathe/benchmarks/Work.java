package dev.lathe.benchmarks;

import dev.lathe.transform.Adam;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.Sgd;
import java.util.List;

/**
 * One row of the table of training steps.
 *
 * @param subject the model
 * @param batch examples in a step
 * @param optimizer {@code sgd} or {@code adam}
 * @param threads threads of each side
 */
record Work(Subject subject, int batch, String optimizer, int threads) {
  /** What a process is told on its command line. */
  List<String> arguments() {
    return List.of(subject.name(), String.valueOf(batch), optimizer, String.valueOf(threads));
  }

  static Work parse(String[] arguments) {
    return new Work(
        Subject.valueOf(arguments[0]),
        Integer.parseInt(arguments[1]),
        arguments[2],
        Integer.parseInt(arguments[3]));
  }

  Optimizer rule() {
    return optimizer.equals("adam") ? Adam.standard() : Sgd.plain();
  }
}
