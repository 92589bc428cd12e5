package dev.lathe.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Our side of {@link StepPeer}. */
final class StepProcess {
  private StepProcess() {}

  public static void main(String[] arguments) throws IOException {
    try (StepLoop loop = new StepLoop(Work.parse(arguments));
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("Java " + Runtime.version());
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        System.out.println(
            order.equals("memory")
                ? peakMebibytes()
                : loop.millisPerStep(Double.parseDouble(order)));
      }
    }
  }

  /** The kernel's high-water mark of resident memory; NaN where there is none. */
  static double peakMebibytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return Double.NaN;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")) / 1024)
          .findFirst()
          .orElse(Double.NaN);
    }
  }
}
