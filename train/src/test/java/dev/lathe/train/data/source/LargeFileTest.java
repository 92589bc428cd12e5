package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import dev.lathe.train.data.source.CsvSource.Header;
import java.io.BufferedWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files larger than the heap are read. */
class LargeFileTest {
  private static final int ROWS = 400_000;

  @TempDir Path folder;

  @Test
  void fileLargerThanTheHeap_isLookedThroughAndShuffled() throws Exception {
    Path file = folder.resolve("large.csv");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("y,a,b,c,d,e,f,g,h\n");
      for (int i = 0; i < ROWS; i++) {
        out.write(i % 5 + "," + i + ".0000000," + "0.1234567890,".repeat(6) + "1\n");
      }
    }
    long heap = 24L << 20;
    assertThat(Files.size(file)).isGreaterThan(heap * 3 / 2);
    Path printed = folder.resolve("printed.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                Reading.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String text = Files.readString(printed, StandardCharsets.UTF_8);
    assertThat(text.lines().filter(line -> line.startsWith("rows"))).as(text).hasSize(1);
    long sum = (long) ROWS * (ROWS - 1) / 2;
    assertThat(text).contains("rows " + ROWS + " sum " + sum);
  }

  /** Reads one shuffled epoch and prints how many rows it had and the sum of their numbers. */
  static final class Reading {
    private Reading() {}

    static void main(String[] args) {
      CsvSource source = CsvSource.open(Path.of(args[0]), Header.NAMES);
      TableSpec spec =
          new TableSpec(
              List.of("y"),
              List.of(),
              Task.CLASSIFICATION,
              Normalization.NONE,
              List.of(),
              Split.NONE,
              1L << 26);
      long began = System.nanoTime();
      Table table = Table.of(source, spec);
      long looked = System.nanoTime();
      var part = table.part(Role.TRAIN);
      long rows = 0;
      double sum = 0;
      try (Arena arena = Arena.ofConfined();
          var cursor = part.shuffled(1, 0)) {
        List<MemorySegment> columns = new ArrayList<>();
        part.columns().forEach(column -> columns.add(arena.allocate(column.bytes(), 8)));
        while (cursor.next(columns, 0)) {
          rows++;
          sum += columns.getFirst().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
        }
      }
      long read = System.nanoTime();
      System.out.println("rows " + rows + " sum " + (long) sum);
      System.out.printf(
          "looked through in %.1f s, one epoch in %.1f s%n",
          (looked - began) / 1e9, (read - looked) / 1e9);
    }
  }
}
