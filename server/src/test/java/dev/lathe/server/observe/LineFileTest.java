package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LineFileTest {
  @TempDir Path folder;

  @Test
  void lines_areInTheFileAfterFlushAndAfterClose() throws Exception {
    Path path = folder.resolve("deep/log");
    try (LineFile file = new LineFile(path, new LineFile.Size(1000, 1))) {
      file.append(() -> "one");
      assertThat(file.flush()).isTrue();
      assertThat(path).hasContent("one\n");
      file.append(() -> "two");
    }
    assertThat(path).hasContent("one\ntwo\n");
  }

  @Test
  void fullFile_isRenamedAndTheOldestGoes() throws Exception {
    Path path = folder.resolve("log");
    try (LineFile file = new LineFile(path, new LineFile.Size(8, 2))) {
      for (int i = 0; i < 8; i++) {
        int number = i;
        file.append(() -> "line" + number);
      }
    }
    assertThat(path).hasContent("line6\nline7\n");
    assertThat(folder.resolve("log.1")).hasContent("line4\nline5\n");
    assertThat(folder.resolve("log.2")).hasContent("line2\nline3\n");
    try (var files = Files.list(folder)) {
      assertThat(files.count()).isEqualTo(3);
    }
  }

  @Test
  void limitOfLines_beginsAFileToo() {
    Path path = folder.resolve("log");
    try (LineFile file = new LineFile(path, new LineFile.Size(1000, 2))) {
      file.linesPerFile(1);
      file.append(() -> "a");
      file.append(() -> "b");
    }
    assertThat(path).hasContent("b\n");
    assertThat(folder.resolve("log.1")).hasContent("a\n");
  }

  @Test
  void linesThatComeTooFast_areDroppedAndCounted() throws Exception {
    try (LineFile file = new LineFile(folder.resolve("log"), new LineFile.Size(1 << 20, 0))) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch gate = new CountDownLatch(1);
      file.append(
          () -> {
            entered.countDown();
            await(gate);
            return "slow";
          });
      entered.await();
      for (int i = 0; i < 5000; i++) {
        file.append(() -> "x");
      }
      assertThat(file.dropped()).isEqualTo(5000 - 4096);
      gate.countDown();
    }
    assertThat(Files.readAllLines(folder.resolve("log"))).hasSize(4097);
  }

  @Test
  void folderThatCannotBe_losesLinesAndNothingElse() throws Exception {
    Files.writeString(folder.resolve("file"), "");
    try (LineFile file = new LineFile(folder.resolve("file/log"), new LineFile.Size(1000, 1))) {
      file.append(() -> "x");
      assertThat(file.flush()).isTrue();
      assertThat(file.dropped()).isEqualTo(1);
    }
  }

  private static void await(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
