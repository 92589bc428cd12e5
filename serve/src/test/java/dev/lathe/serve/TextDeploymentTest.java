package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextForm;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextOptions;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.PlanChange;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Serving;
import dev.lathe.registry.Signature;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Text models in the same memory, environments and leases as all others. */
@Timeout(120)
class TextDeploymentTest {
  private static final ModelName NAME = ModelName.parse("demo/poet");
  private static final long BUDGET = 256L << 20;

  @TempDir Path folder;
  private Registry registry;
  private Deployments deployments;

  @BeforeEach
  void start() {
    registry = Registry.open(folder);
    deployments =
        new Deployments(
            registry,
            ServeOptions.defaults("prod")
                .withMemory(BUDGET)
                .with(new TextSettings(8, Serving.Text.NONE, Optional.of(folder.resolve("forms")))),
            new ServeObserver() {});
  }

  @AfterEach
  void stop() {
    deployments.close();
    registry.close();
  }

  private void publish(String task, long seed, Map<String, Content> beside) {
    Model model =
        new Llama(
                1024, 128, new Llama.Size(64, 96, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.OWN)
            .build(seed);
    Metadata metadata =
        new Metadata(
            task, Metadata.NONE.labels(), Signature.of(model), Metadata.NONE.lineage(), Map.of());
    Release release = Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For a test");
    for (Map.Entry<String, Content> file : beside.entrySet()) {
      release = release.with(file.getKey(), file.getValue());
    }
    registry.publish(NAME, release);
  }

  private static GenerateRequest request(int tokens) {
    return GenerateRequest.of(new int[] {5, 6, 7}, Ending.after(tokens).ignoringEndTokens());
  }

  private static int tokens(TextStream stream) {
    int tokens = 0;
    for (Optional<GenerateEvent> event = stream.next(); event.isPresent(); event = stream.next()) {
      tokens += event.get() instanceof GenerateEvent.Token ? 1 : 0;
    }
    return tokens;
  }

  @Test
  void liveTextModel_answersAndIsChargedWithItsCache() {
    publish("text-generation", 1, Map.of());
    registry.deploy(NAME, "v1", "prod");
    deployments.refresh();
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"));
        TextStream stream = lease.model().text().generate(request(20))) {
      assertThat(lease.model().isText()).isTrue();
      assertThat(tokens(stream)).isEqualTo(20);
      long cache = 16L * 128 * 2 * 2 * 2 * 16 * 4;
      assertThat(lease.model().weightBytes()).isGreaterThan(cache);
      assertThat(deployments.memory().used()).isGreaterThanOrEqualTo(cache);
    }
  }

  @Test
  void settingsOfADeployment_areTakenWithoutAnotherVersion() {
    publish("text-generation", 1, Map.of());
    registry.deploy(NAME, "v1", "prod");
    deployments.refresh();
    long usual = charged();
    set(Map.of("serving.text", "{weights: W8A8, slots: 3, context: 96}"));
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"))) {
      TextModel model = lease.model().text();
      assertThat(model.form())
          .isEqualTo(
              new TextForm(
                  WeightForm.W8A8,
                  List.of(new TextOptions.Arena(3, 96)),
                  3L * 96 * 2 * 2 * 2 * 16 * 4));
      assertThat(tokens(model.generate(request(20)))).isEqualTo(20);
    }
    assertThat(charged()).as("rows that are no more").isLessThan(usual / 2);
    set(Map.of("serving.text.context", "128", "serving.text.cache_mib", "1"));
    set(Map.of("serving.text.slots", "1000"));
    assertThat(deployments.statuses().getFirst().problem())
        .contains("cache: 1048576 bytes (expected: at least", "1000 slots of 128 tokens");
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"))) {
      assertThat(lease.model().text().form().slots()).as("what was there stays").isEqualTo(3);
    }
  }

  @Test
  void settingsOfText_areRefusedForOtherModels() {
    publish("", 1, Map.of());
    registry.deploy(NAME, "v1", "prod");
    set(Map.of("serving.text.slots", "2"));
    assertThat(deployments.statuses().getFirst().problem())
        .contains("serving.text: said of demo/poet@v1 (expected: of a text model)");
  }

  /** What a version is charged at least. */
  private long charged() {
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"))) {
      assertThat(deployments.memory().used()).isGreaterThanOrEqualTo(lease.model().weightBytes());
      return lease.model().weightBytes();
    }
  }

  private void set(Map<String, String> settings) {
    PlanChange change = before -> PlanChange.require(before).with(settings);
    registry.change(NAME, "prod", change);
    deployments.refresh();
  }

  @Test
  void switchToAnotherVersion_letsRunningTextsEnd() {
    publish("text-generation", 1, Map.of());
    publish("text-generation", 2, Map.of());
    registry.deploy(NAME, "v1", "prod");
    deployments.refresh();
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"));
        TextStream stream = lease.model().text().generate(request(100))) {
      stream.next();
      registry.deploy(NAME, "v2", "prod");
      deployments.refresh();
      try (Lease next = deployments.acquire(NAME, Selector.live("prod"))) {
        assertThat(next.model().id().version()).isEqualTo("v2");
        assertThat(tokens(next.model().text().generate(request(3)))).isEqualTo(3);
      }
      assertThat(lease.model().id().version()).isEqualTo("v1");
      assertThat(tokens(stream)).isEqualTo(99);
    }
  }

  @Test
  void trainedDecoder_givesScoresAndBecomesATextModelWhenAsked() {
    Path tokenizer = Shared.path("fixtures/text/shakespeare-llama/tokenizer.json");
    publish("language_model", 1, Map.of("tokenizer.json", Content.of(tokenizer)));
    try (Lease lease = deployments.acquire(NAME, Selector.version("v1"))) {
      assertThat(lease.model().outputs()).hasSize(1);
      assertThat(lease.model().openText()).isEmpty();
      long before = deployments.memory().used();
      assertThat(tokens(lease.model().text().generate(request(5)))).isEqualTo(5);
      assertThat(lease.model().openText()).isPresent();
      assertThat(before).as("room is kept").isGreaterThan(lease.model().text().bytes());
      assertThat(deployments.memory().used()).isEqualTo(before);
    }
  }

  private static final ModelName ADAPTER = ModelName.parse("demo/polite");

  private void publishAdapter(String base, int inputs) {
    Map<String, Tensor> tensors =
        Map.of(
            "base_model.model.lm_head.lora_A.weight", ones(2, inputs),
            "base_model.model.lm_head.lora_B.weight", ones(1024, 2));
    Path file = folder.resolve("adapters.safetensors");
    Safetensors.write(file, tensors, Map.of("r", "2", "lora_alpha", "0.5"));
    Lineage none = Metadata.NONE.lineage();
    Lineage lineage =
        new Lineage(
            "import", List.of(base), "", List.of(), Map.of(), 0, none.tool(), none.created());
    Metadata metadata =
        new Metadata(Metadata.ADAPTER_TASK, List.of(), Metadata.NONE.signature(), lineage);
    registry.publish(
        ADAPTER,
        new Release(
            new TreeMap<>(Map.of("adapters.safetensors", Content.of(file))), metadata, "Test"));
  }

  private static Tensor ones(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    return Tensor.ofFloats(values, rows, columns);
  }

  private static List<Integer> said(TextModel model) {
    List<Integer> said = new ArrayList<>();
    try (TextStream stream = model.generate(request(20))) {
      for (Optional<GenerateEvent> event = stream.next();
          event.isPresent();
          event = stream.next()) {
        if (event.get() instanceof GenerateEvent.Token token) {
          said.add(token.token());
        }
      }
    }
    return said;
  }

  @Test
  void adapter_isAVersionThatLoadsItsBaseAndKeepsIt() {
    publish("text-generation", 1, Map.of());
    publishAdapter("demo/poet@v1", 64);
    registry.deploy(ADAPTER, "v1", "prod");
    deployments.refresh();
    assertThat(deployments.loaded().stream().map(one -> one.id().toString()))
        .containsExactlyInAnyOrder("demo/poet@v1", "demo/polite@v1");
    long both = deployments.memory().used();
    try (Lease plain = deployments.acquire(NAME, Selector.version("v1"));
        Lease polite = deployments.acquire(ADAPTER, Selector.live("prod"))) {
      assertThat(polite.model().isText()).isTrue();
      assertThat(polite.model().openText()).isEmpty();
      assertThat(polite.model().text().bytes()).isPositive().isLessThanOrEqualTo(both);
      List<Integer> alone = said(plain.model().text());
      assertThat(said(polite.model().text())).hasSize(20).isNotEqualTo(alone);
      deployments.unload(ADAPTER);
      assertThat(said(polite.model().text())).hasSize(20);
      assertThat(said(plain.model().text())).isEqualTo(alone);
    }
    deployments.unload(NAME);
    long end = System.nanoTime() + 20_000_000_000L;
    while (deployments.memory().used() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(deployments.memory().used()).isZero();
    assertThat(both).isPositive();
  }

  @Test
  void placesOfAdapters_areChargedToTheBaseAsLongAsThereAreAny() throws IOException {
    publish("text-generation", 1, Map.of());
    publishAdapter("demo/poet@v1", 64);
    try (Lease plain = deployments.acquire(NAME, Selector.version("v1"))) {
      assertThat(plain.model().text().failed()).isFalse();
      long alone = deployments.memory().used();
      long own = Files.size(folder.resolve("adapters.safetensors"));
      long place = 16L * (64 + 1024) * Float.BYTES;
      try (Lease polite = deployments.acquire(ADAPTER, Selector.version("v1"))) {
        assertThat(polite.model().text().bytes()).isBetween(1L, own);
        becomes(alone + own + place, 4096);
      }
      deployments.unload(ADAPTER);
      becomes(alone, 0);
    }
  }

  /** Beside what is counted, versions have small files. */
  private void becomes(long bytes, long more) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (deployments.memory().used() > bytes + more && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(deployments.memory().used()).isBetween(bytes, bytes + more);
  }

  @Test
  void adapterThatFitsNoBase_isRefusedAndItsBaseLives() {
    publish("text-generation", 1, Map.of());
    publish("regression", 1, Map.of());
    publishAdapter("demo/poet@v1", 32);
    publishAdapter("demo/poet@v2", 64);
    publishAdapter("demo/polite@v3", 64);
    publishAdapter("demo/poet@v9", 64);
    try (Lease plain = deployments.acquire(NAME, Selector.version("v1"))) {
      refused("v1", "layer \"lm_head\": A [2, 32] (expected: [2, 64]");
      refused("v2", "its base demo/poet@v2 has task \"regression\"");
      refused("v3", "its base demo/polite@v3 has task \"text-adapter\"");
      refused("v4", "v9");
      assertThat(said(plain.model().text())).hasSize(20);
    }
  }

  private void refused(String version, String message) {
    assertThatThrownBy(() -> deployments.acquire(ADAPTER, Selector.version(version)))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  @Test
  void otherModel_isRefusedByItsTask() {
    publish("regression", 1, Map.of());
    try (Lease lease = deployments.acquire(NAME, Selector.version("v1"))) {
      assertThatThrownBy(() -> lease.model().text())
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining("task \"regression\" (expected: a text model");
    }
  }
}
