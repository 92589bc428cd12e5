package dev.lathe.benchmarks.serving;

import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;

/** The bare engine: a session run in a loop, in a process of its own. */
final class Engine {
  private Engine() {}

  /**
   * Told a number of seconds on standard input, it prints how often it ran the model.
   *
   * @param arguments the task's name, and the inputs' shape if it is not that of one request
   */
  public static void main(String[] arguments) throws IOException {
    Task task = Task.valueOf(arguments[0]);
    long[] shape = Stream.of(arguments).skip(1).mapToLong(Long::parseLong).toArray();
    Map<String, Tensor> inputs = shape.length == 0 ? task.inputs() : task.inputs(shape);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Session session = Session.open(task.model(), SessionOptions.defaults())) {
      System.out.println("ready");
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        long end = System.nanoTime() + (long) (Double.parseDouble(order) * 1e9);
        long count = 0;
        do {
          session.run(inputs);
          count++;
        } while (System.nanoTime() < end);
        System.out.println(count);
      }
    }
  }
}
