package dev.lathe.benchmarks.serving;

import java.util.function.DoubleFunction;

/**
 * One of the things that are measured in turn.
 *
 * @param title what it is
 * @param process what works
 * @param work has it work for some seconds and counts its answers
 */
record Side(String title, Watched process, DoubleFunction<Load.Done> work) {
  /**
   * What one measurement found.
   *
   * @param rate answers per second
   * @param cpuMillis the process' milliseconds of CPU time for each answer
   */
  record Sample(double rate, double cpuMillis) {}

  /** Answers over HTTP for some callers. */
  static Side http(String title, Watched process, Load load) {
    return new Side(title, process, load::run);
  }

  /** A loop without a network: told a number of seconds, it answers how often it ran. */
  static Side loop(String title, Watched process) {
    return new Side(
        title,
        process,
        seconds -> {
          long start = System.nanoTime();
          process.tell(String.valueOf(seconds));
          long count = Long.parseLong(process.line().orElseThrow());
          return new Load.Done(count, (System.nanoTime() - start) / 1e9);
        });
  }

  Sample measure(double seconds) {
    double before = process.cpuSeconds();
    Load.Done done = work.apply(seconds);
    double cpu = process.cpuSeconds() - before;
    return new Sample(done.requests() / done.seconds(), cpu * 1e3 / done.requests());
  }
}
