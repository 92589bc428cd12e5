package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFullTest {
  private static final RegistryOptions DEFAULTS = RegistryOptions.defaults();

  @TempDir Path folder;

  private static RegistryOptions leavingFree(long bytes) {
    return new RegistryOptions(
        DEFAULTS.author(),
        DEFAULTS.clock(),
        DEFAULTS.largeFile(),
        DEFAULTS.largestBlob(),
        bytes,
        RegistryOptions.Verification.DIGEST);
  }

  @Test
  void diskWithTooLittleLeft_isSeenBeforehand_andTheOldStateStays() {
    Path root = folder.resolve("registry");
    try (Registry registry = Registry.open(root)) {
      registry.publish(DIGITS, Samples.release(1));
    }
    try (Registry registry = Registry.open(root, leavingFree(Long.MAX_VALUE / 2))) {
      assertThatThrownBy(() -> registry.publish(DIGITS, Samples.release(2)))
          .matches(e -> ((LatheException) e).kind() == ErrorKind.EXHAUSTED)
          .hasMessageContaining("storing model.onnx")
          .hasMessageContaining("nothing was changed");
      assertThat(registry.log(DIGITS)).hasSize(1);
      assertThat(root.resolve("tmp")).isEmptyDirectory();
    }
  }

  /** A file system of 2 MiB is filled so that publishing fails at one step after another. */
  @Test
  void diskThatFillsAtAnyStep_leavesTheOldStateWhole() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small.toString()) == 0,
        "skipped: this user may not mount a small file system");
    try (Registry registry = Registry.open(small.resolve("registry"), leavingFree(0))) {
      registry.publish(DIGITS, Samples.release(1));
      registry.deploy(DIGITS, "v1", "prod");
      EnumSet<RegistryError> seen = EnumSet.noneOf(RegistryError.class);
      int kib = -4;
      while (registry.log(DIGITS).size() == 1) {
        kib += 4;
        assertThat(kib).isLessThan(400);
        publishWith(kib, small, registry).ifPresent(seen::add);
        deployWith(kib, small, registry).ifPresent(seen::add);
      }
      assertThat(seen).containsExactly(RegistryError.STORAGE_FULL);
      assertThat(registry.materialize(DIGITS, "v2").resolve("model.onnx"))
          .hasBinaryContent(Samples.graph(kib + 2L, 50_000));
      String fsck =
          new GitClient(folder)
              .in(small.resolve("registry/git/demo/digits.git"), "fsck", "--full", "--strict");
      assertThat(fsck).doesNotContain("error", "missing", "corrupt");
    } finally {
      assertThat(run("umount", small.toString())).isZero();
    }
  }

  private static Optional<RegistryError> publishWith(int freeKib, Path small, Registry registry)
      throws IOException {
    return with(freeKib, small, () -> registry.publish(DIGITS, Samples.release(freeKib + 2L)));
  }

  private static Optional<RegistryError> deployWith(int freeKib, Path small, Registry registry)
      throws IOException {
    return with(freeKib, small, () -> registry.deploy(DIGITS, "v1", "env" + freeKib));
  }

  /** Does something while only so much is free, and says how it failed. */
  private static Optional<RegistryError> with(int freeKib, Path small, Runnable action)
      throws IOException {
    Path filler = small.resolve("filler");
    long free = Files.getFileStore(small).getUsableSpace();
    Files.write(filler, new byte[(int) Math.max(0, free - freeKib * 1024L)]);
    try {
      action.run();
      return Optional.empty();
    } catch (LatheException e) {
      return Optional.of((RegistryError) e.code());
    } finally {
      Files.delete(filler);
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(List.of(command))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }
}
