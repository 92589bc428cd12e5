package dev.lathe.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.files.FileLabel;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.files.Incoming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What results count as, before they are files and afterwards, and where lines come from. */
@Timeout(60)
class RoomTest {
  private static final String OWNER = "key:a";

  @TempDir private Path data;
  private FileStore files;
  private Room room;

  @BeforeEach
  void open() {
    OpenAiConfig.Files limits = new OpenAiConfig.Files(1 << 20, 100, 1000);
    files = new FileStore(data.resolve("files"), limits, Clock.systemUTC());
    room = new Room(files, OWNER);
  }

  private void makeFile(int bytes) {
    try (Incoming out = files.beginResult(OWNER)) {
      out.write(new byte[bytes]);
      out.publish(new FileLabel("out.jsonl", "batch_output"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path folder(int output, int errors) throws IOException {
    Path folder = Files.createDirectories(data.resolve("batch"));
    Files.writeString(folder.resolve(Results.OUTPUT), line(output));
    Files.writeString(folder.resolve(Results.ERRORS), line(errors));
    return folder;
  }

  private static String line(int bytes) {
    return "{\"custom_id\": \"" + "r".repeat(bytes - 18) + "\"}\n";
  }

  @Test
  void publishedResults_countOnce_beforeTheirBatchIsOver() throws IOException {
    try (Results results = Results.in(folder(600, 100), room, Set.of())) {
      assertThat(room.take(301, data)).isFalse();
      results.publish(results.output(), () -> makeFile(600));
      assertThat(room.take(301, data)).isFalse();
      assertThat(room.take(300, data)).isTrue();
      room.giveBack(300);
    }
    assertThat(room.take(401, data)).isFalse();
    assertThat(room.take(400, data)).isTrue();
  }

  @Test
  void resultsThatAreFilesAlready_areNotHeldAgain() throws IOException {
    makeFile(600);
    try (Results _ = Results.in(folder(600, 100), room, Set.of(Results.OUTPUT))) {
      assertThat(room.take(301, data)).isFalse();
      assertThat(room.take(300, data)).isTrue();
      room.giveBack(300);
    }
    assertThat(room.take(400, data)).isTrue();
  }

  @Test
  void whoAsksForRoomDuringAPublication_isToldOfItAsAWhole() throws Exception {
    room.hold(600);
    CountDownLatch made = new CountDownLatch(1);
    FutureTask<Boolean> other =
        new FutureTask<>(
            () -> {
              made.await();
              return room.take(400, data);
            });
    Thread asking = Thread.ofPlatform().start(other);
    room.publish(
        600,
        () -> {
          makeFile(600);
          made.countDown();
          while (asking.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
          }
        });
    assertThat(other.get()).isTrue();
  }

  @Test
  void publicationThatFails_givesNothingBack() throws IOException {
    try (Results results = Results.in(folder(600, 100), room, Set.of())) {
      Runnable failing =
          () -> {
            throw new IllegalStateException("disk full");
          };
      assertThatThrownBy(() -> results.publish(results.output(), failing)).hasMessage("disk full");
      assertThat(room.take(301, data)).isFalse();
    }
    assertThat(room.take(1000, data)).isTrue();
  }

  @Test
  void linesOnAnotherDisk_areCopied() throws IOException {
    Path shared = Path.of("/dev/shm");
    assumeTrue(
        Files.isWritable(shared) && !Files.getFileStore(shared).equals(Files.getFileStore(data)),
        "there is no second disk");
    Path content = Files.createTempFile(shared, "lathe", ".jsonl");
    try {
      Files.writeString(content, "{}\n");
      BatchFolder folder = new BatchFolder(Files.createDirectory(data.resolve("one")));
      folder.take(content);
      assertThat(folder.input()).hasContent("{}");
      assertThat(data.resolve("one").toFile().list()).containsExactly("input.jsonl");
    } finally {
      Files.delete(content);
    }
  }

  @Test
  void linesThatAreGone_areNotTaken() throws IOException {
    BatchFolder folder = new BatchFolder(Files.createDirectory(data.resolve("one")));
    assertThatThrownBy(() -> folder.take(data.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(data.resolve("one")).isEmptyDirectory();
  }
}
