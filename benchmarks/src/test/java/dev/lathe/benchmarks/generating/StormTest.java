package dev.lathe.benchmarks.generating;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A short storm: what it takes a quarter of an hour to find may be missed, the rest not. */
class StormTest {
  @Test
  @Timeout(240)
  void aShortStorm_findsNothingWrong(@TempDir Path folder) throws Exception {
    Storm.run(3).write(folder.resolve("storm.md"));
    assertThat(Files.readString(folder.resolve("storm.md")))
        .contains("| wrong answers, or none | 0 | 0 |")
        .contains("a token or a byte miscounted | 0 | 0 |");
  }
}
