package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.files.FileLabel;
import dev.lathe.server.files.Incoming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes files of what a batch has written.
 *
 * @param work where files go
 * @param batch whose results they are
 */
record Publication(Work work, Batch batch) {
  /**
   * One of the two files.
   *
   * @param lines what was written
   * @param kind what it holds, for its name
   * @param planned the name that it may have already
   */
  record Part(Path lines, String kind, Optional<String> planned) {}

  /** Which of the two are files already. */
  Set<String> there() {
    Set<String> there = new HashSet<>();
    batch.progress().output().filter(this::isThere).ifPresent(file -> there.add(Results.OUTPUT));
    batch.progress().errors().filter(this::isThere).ifPresent(file -> there.add(Results.ERRORS));
    return there;
  }

  /**
   * Makes a file of a part that holds something and is none yet.
   *
   * @param own what the part is one of
   * @param part which
   * @param named writes the file's name to the disk before the file is there, so that nothing is
   *     published twice
   */
  void publish(Results own, Part part, Consumer<Optional<String>> named) throws IOException {
    if (Files.size(part.lines()) == 0 || part.planned().filter(this::isThere).isPresent()) {
      return;
    }
    try (Incoming out = work.files().beginResult(batch.owner().holder())) {
      named.accept(Optional.of(out.id()));
      out.link(part.lines());
      String name = batch.id() + "_" + part.kind() + ".jsonl";
      Optional<Duration> life = batch.order().resultSeconds().map(Duration::ofSeconds);
      FileLabel label = new FileLabel(name, "batch_output", life);
      own.publish(part.lines(), () -> out.publish(label));
    }
  }

  private boolean isThere(String file) {
    try {
      work.files().find(batch.owner().caller(), file);
      return true;
    } catch (LatheException e) {
      if (e.code() == ServerError.UNKNOWN_FILE) {
        return false;
      }
      throw e;
    }
  }
}
