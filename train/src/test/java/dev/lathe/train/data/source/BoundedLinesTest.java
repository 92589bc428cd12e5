package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedLinesTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void place() {
    file = folder.resolve("lines");
  }

  private List<String> read(int longest) {
    List<String> all = new ArrayList<>();
    try (BoundedLines lines = BoundedLines.open(file, "lines", longest)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        all.add(line.get());
        assertThat(lines.number()).isEqualTo(all.size());
      }
    }
    return all;
  }

  @Test
  void lines_areThoseOfTheLibrary_whereverABufferEnds() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    String[] parts = {"\n", "\r", "\r\n", "a", "ß😀", "x".repeat(16_380), ""};
    for (int i = 0; i < 200; i++) {
      StringBuilder text = new StringBuilder();
      random.ints(12, 0, parts.length).forEach(part -> text.append(parts[part]));
      Files.writeString(file, text);
      assertThat(read(1 << 20)).as("text %d", i).isEqualTo(Files.readAllLines(file));
    }
  }

  @Test
  void mark_isNoPartOfTheFirstLine_alone() throws IOException {
    Files.writeString(file, "\uFEFFa\n\uFEFFb");
    assertThat(read(2)).containsExactly("a", "\uFEFFb");
  }

  @Test
  void longLine_isRefusedByItsNumber() throws IOException {
    Files.writeString(file, "a\n" + "b".repeat(100_000) + "\n");
    assertThat(read(100_000)).hasSize(2);
    assertThatThrownBy(() -> read(99_999))
        .isInstanceOf(LatheException.class)
        .hasMessage("lines: line 2: more than 99999 characters (expected: at most so many)")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.TOO_LARGE);
  }

  @Test
  void otherBytes_areNoText() throws IOException {
    Files.write(file, new byte[] {'a', '\n', (byte) 0xff});
    assertThatThrownBy(() -> read(9)).hasMessageContaining("not UTF-8 text");
  }
}
