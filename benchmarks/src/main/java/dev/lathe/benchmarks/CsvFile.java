package dev.lathe.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A CSV file of any size, the same each time: a header, then records of a class and twenty numbers
 * that lean towards it, each with five decimals.
 */
final class CsvFile {
  static final int FEATURES = 20;
  private static final int CLASSES = 4;
  private static final int LONGEST = 4 + FEATURES * 12;

  private final byte[] block = new byte[1 << 16];
  private int filled;

  private CsvFile() {}

  /** Writes at least some bytes; returns how many records they are. */
  static long write(Path file, long bytes) {
    try (OutputStream out = Files.newOutputStream(file)) {
      return new CsvFile().all(out, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long all(OutputStream out, long bytes) throws IOException {
    StringBuilder header = new StringBuilder("class");
    for (int i = 0; i < FEATURES; i++) {
      header.append(",x").append(i);
    }
    byte[] names = header.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
    out.write(names);
    long written = names.length;
    long records = 0;
    SplittableRandom random = new SplittableRandom(7);
    while (written + filled < bytes) {
      if (filled + LONGEST > block.length) {
        out.write(block, 0, filled);
        written += filled;
        filled = 0;
      }
      record(random);
      records++;
    }
    out.write(block, 0, filled);
    return records;
  }

  private void record(SplittableRandom random) {
    int kind = random.nextInt(CLASSES);
    block[filled++] = (byte) ('0' + kind);
    for (int i = 0; i < FEATURES; i++) {
      block[filled++] = ',';
      long bits = random.nextLong();
      int wide = (int) (bits & 0x3ffff) + (int) (bits >>> 18 & 0x3ffff) - 0x40000;
      number(wide + (i % CLASSES == kind ? 100_000 : 0));
    }
    block[filled++] = '\n';
  }

  /** Writes a number of hundred-thousandths. */
  private void number(int value) {
    if (value < 0) {
      block[filled++] = '-';
    }
    int rest = Math.abs(value);
    int whole = rest / 100_000;
    if (whole >= 10) {
      block[filled++] = (byte) ('0' + whole / 10);
    }
    block[filled++] = (byte) ('0' + whole % 10);
    block[filled++] = '.';
    for (int ten = 10_000; ten > 0; ten /= 10) {
      block[filled++] = (byte) ('0' + rest / ten % 10);
    }
  }
}
