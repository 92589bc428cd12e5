package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.PlanChange;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The setting {@code serving.threads}, with the real engine. */
@EnabledOnOs(OS.LINUX)
class RunThreadsTest {
  private static final ModelName MODEL = ModelName.parse("demo/wide");
  private static final String LOADER = "lathe-load-";

  @TempDir private Path folder;

  @BeforeEach
  void deploy() {
    Model model = new Mlp(64, List.of(512), 4, Activation.RELU).build(1);
    Metadata metadata = new Metadata("", List.of(), Signature.of(model), Metadata.NONE.lineage());
    try (Registry registry = Registry.open(folder)) {
      registry.publish(MODEL, Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "One"));
      registry.deploy(MODEL, "v1", "prod");
    }
  }

  /** What a deployment answers, and how many threads the engine has beside its callers'. */
  private record Seen(float[] answer, long threads) {}

  private Seen see() throws IOException {
    float[] rows = new float[256 * 64];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i % 7 - 3;
    }
    InferRequest request = InferRequest.of(Map.of("x", Tensor.ofFloats(rows, 256, 64)));
    try (Registry registry = Registry.open(folder);
        Deployments deployments =
            new Deployments(registry, ServeOptions.defaults("prod"), new ServeObserver() {});
        Lease lease = deployments.acquire(MODEL, Selector.live("prod"))) {
      return new Seen(lease.model().infer(request).outputs().get("y").toFloats(), enginesThreads());
    }
  }

  /** Native threads are called as the thread that made them: the one that loads. */
  private static long enginesThreads() throws IOException {
    long named = 0;
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        named += Files.readString(task.resolve("comm")).startsWith(LOADER) ? 1 : 0;
      }
    }
    return named
        - Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith(LOADER))
            .count();
  }

  @Test
  void runsOfADeployment_haveAsManyThreadsAsItSays() throws Exception {
    Seen one = see();
    assertThat(one.threads()).isZero();
    PlanChange three = before -> PlanChange.require(before).with(Map.of("serving.threads", "3"));
    try (Registry registry = Registry.open(folder)) {
      assertThat(registry.change(MODEL, "prod", three).plan().yaml()).contains("threads: 3");
    }
    Seen shared = see();
    assertThat(shared.threads()).isEqualTo(2);
    for (int i = 0; i < one.answer().length; i++) {
      assertThat(shared.answer()[i]).isCloseTo(one.answer()[i], within(1e-5f));
    }
  }
}
