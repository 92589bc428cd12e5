package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many at once, in one process and in several: nothing lost, nothing twice. */
class ConcurrencyTest {
  @TempDir Path folder;

  @Test
  void threadsAndProcesses_publishToOneModel_andNoVersionIsLost() throws Exception {
    Path root = folder.resolve("registry");
    int threads = 4;
    int each = 5;
    List<String> told = new ArrayList<>();
    try (ChildJvm one = publisher(root, 1000, 8);
        ChildJvm two = publisher(root, 2000, 8);
        Registry first = Registry.open(root);
        Registry second = Registry.open(root);
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<List<String>>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Registry registry = i % 2 == 0 ? first : second;
        long seed = 100L * i;
        running.add(pool.submit(() -> publish(registry, seed, each)));
      }
      for (Future<List<String>> future : running) {
        told.addAll(future.get());
      }
      told.addAll(one.rest());
      told.addAll(two.rest());
      assertThat(one.exit()).isZero();
      assertThat(two.exit()).isZero();
      // Opened before the other processes wrote, and told nothing of it.
      assertThat(first.log(DIGITS)).hasSize(threads * each + 16);
      assertThat(second.deployment(DIGITS, "prod")).isPresent();
    }
    int total = threads * each + 16;
    List<String> published = told.stream().filter(line -> line.startsWith("published")).toList();
    assertThat(published).hasSize(total);
    try (Registry registry = Registry.open(root)) {
      Set<String> inLog =
          registry.log(DIGITS).stream()
              .map(v -> "published " + v.version() + " " + v.message().substring(12))
              .collect(Collectors.toSet());
      assertThat(inLog).hasSize(total).containsExactlyInAnyOrderElementsOf(published);
      assertThat(registry.show(DIGITS, "latest").version()).isEqualTo("v" + total);
    }
    GitClient git = new GitClient(folder);
    Path repository = root.resolve("git/demo/digits.git");
    assertThat(git.in(repository, "fsck", "--full", "--strict")).isEmpty();
    assertThat(git.in(repository, "rev-list", "--count", "main")).isEqualTo(total + "\n");
  }

  private ChildJvm publisher(Path root, long seed, long count) throws Exception {
    return ChildJvm.start(
        folder, PublishLoop.class, root.toString(), "demo/digits", "" + seed, "" + count);
  }

  private static List<String> publish(Registry registry, long first, int count) {
    return LongStream.range(first, first + count)
        .mapToObj(
            seed ->
                "published "
                    + registry.publish(DIGITS, Samples.release(seed)).version()
                    + " "
                    + seed)
        .toList();
  }

  @Test
  void readers_seeWholeStatesOnly_whileAWriterIsAtWork() throws Exception {
    try (Registry registry = Registry.open(folder.resolve("registry"));
        ExecutorService pool = Executors.newFixedThreadPool(3)) {
      registry.publish(DIGITS, Samples.release(1));
      registry.deploy(DIGITS, "v1", "prod");
      Future<?> writer =
          pool.submit(
              () -> {
                for (int seed = 2; seed <= 8; seed++) {
                  registry.publish(DIGITS, Samples.release(seed));
                  registry.deploy(DIGITS, "v" + seed, "prod");
                }
              });
      Future<Integer> reader = pool.submit(() -> readUntil(registry, writer));
      Future<Integer> other = pool.submit(() -> readUntil(registry, writer));
      writer.get();
      assertThat(reader.get()).isPositive();
      assertThat(other.get()).isPositive();
    }
  }

  private static int readUntil(Registry registry, Future<?> writer) {
    int reads = 0;
    int newest = 0;
    do {
      int size = registry.log(DIGITS).size();
      assertThat(size).isGreaterThanOrEqualTo(newest);
      newest = size;
      VersionInfo live = registry.show(DIGITS, "prod");
      assertThat(registry.materialize(DIGITS, "prod").resolve("model.onnx")).hasSize(50_000);
      assertThat(registry.materialize(DIGITS, live.version()).resolve("model.onnx"))
          .hasBinaryContent(Samples.graph(Long.parseLong(live.version().substring(1)), 50_000));
      reads++;
    } while (!writer.isDone());
    return reads;
  }

  @Test
  void sameVersion_isMaterializedByManyAtOnce() throws Exception {
    try (Registry registry = Registry.open(folder.resolve("registry"));
        Registry other = Registry.open(folder.resolve("registry"));
        ExecutorService pool = Executors.newFixedThreadPool(8)) {
      registry.publish(DIGITS, Samples.release(1));
      List<Future<Path>> paths = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Registry which = i % 2 == 0 ? registry : other;
        paths.add(pool.submit(() -> which.materialize(DIGITS, "v1")));
      }
      for (Future<Path> path : paths) {
        assertThat(path.get().resolve("model.onnx")).hasBinaryContent(Samples.graph(1, 50_000));
      }
    }
  }
}
