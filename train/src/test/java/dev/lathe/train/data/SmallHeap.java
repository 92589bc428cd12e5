package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs in a virtual machine of their own, whose heap is smaller than what they read. */
final class SmallHeap {
  static final long BYTES = 20L << 20;

  private SmallHeap() {}

  /** Runs a program to its end; what it printed, errors too. */
  static String printed(Path folder, Class<?> program, String... arguments) throws Exception {
    Path printed = folder.resolve("printed.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + BYTES, "-cp", System.getProperty("java.class.path")));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return Files.readString(printed);
  }
}
