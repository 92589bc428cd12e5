package dev.lathe.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are replaced as a whole. */
class PrivateFileTest {
  @Test
  void fileThatCannotBeReplaced_isAsItWas_andNothingLiesBesideIt(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("deeper/file.json");
    PrivateFile.replace(file, new byte[] {1});
    PrivateFile.replace(file, new byte[] {2, 3});
    assertThat(file).hasBinaryContent(new byte[] {2, 3});
    Path taken = Files.createDirectories(folder.resolve("deeper/taken"));
    Files.writeString(taken.resolve("inside"), "x");
    assertThatThrownBy(() -> PrivateFile.replace(taken, new byte[] {4}))
        .isInstanceOf(IOException.class);
    assertThat(taken.resolve("inside")).hasContent("x");
    assertThat(folder.resolve("deeper")).isDirectoryNotContaining("glob:**.new");
  }
}
