package dev.lathe.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
  private static final OpenAiConfig.Files LIMITS = new OpenAiConfig.Files(1000, 10, 5000);
  private static final Caller OWNER =
      new Caller("key:a", List.of(Scope.parse("infer")), Quota.NONE);

  @TempDir private Path root;
  private Instant now = Instant.parse("2026-11-01T00:00:00Z");

  private FileStore store() {
    return new FileStore(root, LIMITS, () -> now);
  }

  private static StoredFile store(FileStore store, FileLabel label) throws IOException {
    try (Incoming incoming = store.begin(OWNER.name())) {
      incoming.write("content".getBytes(StandardCharsets.UTF_8));
      return incoming.publish(label);
    }
  }

  @Test
  void fileWithALifetime_isGoneAfterIt() throws IOException {
    FileStore store = store();
    FileLabel label = new FileLabel("a", "batch", Optional.of(Duration.ofHours(1)));
    StoredFile file = store(store, label);
    now = now.plus(Duration.ofMinutes(59));
    assertThat(store.find(OWNER, file.id())).isEqualTo(file);
    now = now.plus(Duration.ofMinutes(1));
    assertThatThrownBy(() -> store.find(OWNER, file.id()))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.UNKNOWN_FILE));
    assertThat(store.list(OWNER)).isEmpty();
    assertThat(Files.exists(store.content(file))).isTrue();
    store();
    assertThat(Files.exists(store.content(file))).isFalse();
  }

  @Test
  void manyAtOnce_takeNoMorePlacesThanThereAre() throws Exception {
    FileStore store = store();
    List<Future<StoredFile>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 40; i++) {
        all.add(threads.submit(() -> store(store, new FileLabel("a", "batch"))));
      }
    }
    long kept = all.stream().filter(one -> one.state() == Future.State.SUCCESS).count();
    assertThat(kept).isEqualTo(10);
    assertThat(store.list(OWNER)).hasSize(10);
  }

  @Test
  void tooManyAtATime_areRefusedUntilOneEnds() throws IOException {
    FileStore store = store();
    List<Incoming> open = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      open.add(store.begin(OWNER.name()));
    }
    assertThatThrownBy(() -> store.begin(OWNER.name())).hasMessageContaining("8 files");
    store.begin("key:b").close();
    open.removeFirst().close();
    store.begin(OWNER.name()).close();
    for (Incoming one : open) {
      one.close();
    }
  }

  @Test
  void whatAKilledProcessLeft_isRemovedAndWhatIsBeingWrittenStays() throws IOException {
    Path left = Files.createDirectories(root.resolve("incoming/file-old"));
    Files.writeString(left.resolve("content"), "half");
    Files.setLastModifiedTime(
        left.resolve("content"), FileTime.from(now.minus(Duration.ofHours(3))));
    Path young = Files.createDirectories(root.resolve("incoming/file-young"));
    Files.writeString(young.resolve("content"), "half");
    Files.setLastModifiedTime(young.resolve("content"), FileTime.from(now));
    FileStore store = store();
    assertThat(left).doesNotExist();
    assertThat(young).exists();
    assertThat(store.list(OWNER)).isEmpty();
  }

  @Test
  void anotherStoreOnTheSameFolder_seesWhatComesAndGoes() throws IOException {
    FileStore one = store();
    FileStore two = store();
    StoredFile first = store(one, new FileLabel("a", "batch"));
    assertThat(two.list(OWNER)).containsExactly(first);
    StoredFile second = store(two, new FileLabel("b", "batch"));
    assertThat(one.list(OWNER)).containsExactlyInAnyOrder(first, second);
    one.delete(OWNER, first.id());
    assertThat(two.list(OWNER)).containsExactly(second);
    assertThatThrownBy(() -> two.find(OWNER, first.id())).hasMessageContaining("No such File");
    assertThat(two.left(OWNER.owner())).isEqualTo(5000 - second.bytes());
  }

  @Test
  void listing_readsWhatIsSaidOfAFileOnce() throws IOException {
    FileStore store = store();
    StoredFile file = store(store, new FileLabel("a", "batch"));
    assertThat(store.list(OWNER)).containsExactly(file);
    Files.delete(store.content(file).resolveSibling("file.json"));
    assertThat(store.list(OWNER)).containsExactly(file);
    assertThat(store().list(OWNER)).isEmpty();
  }

  @Test
  void damagedFile_isNotListedAndStopsNothing() throws IOException {
    FileStore store = store();
    StoredFile file = store(store, new FileLabel("a", "batch"));
    StoredFile other = store(store, new FileLabel("b", "batch"));
    Files.writeString(store.content(file).resolveSibling("file.json"), "{");
    assertThat(store().list(OWNER)).containsExactly(other);
  }
}
