package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegularFileTest {
  @TempDir private Path folder;

  @Test
  void foldersDevicesAndNothing_areToldApart() throws Exception {
    Path file = Files.writeString(folder.resolve("a.csv"), "1,2\n");
    assertThatCode(() -> RegularFile.require(file)).doesNotThrowAnyException();
    for (Path other : new Path[] {folder, Path.of("/dev/zero")}) {
      assertThatThrownBy(() -> RegularFile.require(other))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining(other + ": no regular file (expected: a file");
    }
    assertThatThrownBy(() -> RegularFile.require(folder.resolve("b.csv")))
        .hasMessageContaining("b.csv: no such file");
  }
}
