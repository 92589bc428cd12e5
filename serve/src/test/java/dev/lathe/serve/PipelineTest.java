package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.RegistryError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pipelines over models that add a number. */
@Timeout(60)
class PipelineTest {
  private static final String TWO =
      """
      inputs: { x: { datatype: FP32, shape: [-1, -1] } }
      steps:
        one: { kind: model, model: a/one@v1, inputs: { x: x } }
        ten: { kind: model, model: a/ten@v10, inputs: { x: x } }
        mean: { kind: average, inputs: [one.y, ten.y] }
        both: { kind: concat, inputs: [one.y, ten.z] }
      outputs: { mean: mean, both: both }
      """;

  private final ModelSource source = new ModelSource();
  private final Deployments deployments =
      new Deployments(source, ServeOptions.defaults("prod"), new ServeObserver() {});

  @AfterEach
  void stop() {
    deployments.close();
    assertThat(source.engines.values()).allMatch(engine -> engine.closed.get());
  }

  private InferResponse ask(String model, InferRequest request) {
    try (Lease lease = deployments.acquire(ModelName.parse(model), Selector.version("v1"))) {
      return lease.model().infer(request);
    }
  }

  private static InferRequest request(float... values) {
    return InferRequest.of(Map.of("x", Tensor.ofFloats(values, 1, values.length)));
  }

  @Test
  void twoModelsAndAJoin_answerTogether() {
    source.declare("a/two@v1", TWO);
    Map<String, Tensor> outputs = ask("a/two", request(1, 2)).outputs();
    assertThat(outputs.keySet()).containsExactly("mean", "both");
    assertThat(outputs.get("mean").toFloats()).containsExactly(6.5f, 7.5f);
    assertThat(outputs.get("both").toFloats()).containsExactly(2, 3, 1, 2);
    assertThat(outputs.get("both").dims()).containsExactly(1, 4);
  }

  @Test
  void callersOfAPipeline_shareRunsOfItsModels() throws Exception {
    source.declare("a/two@v1", TWO);
    ask("a/two", request(0));
    FakeEngine one = source.engines.get("a/one@v1");
    Semaphore gate = one.hold();
    int before = one.batches.size();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        Lease inner = deployments.acquire(ModelName.parse("a/one"), Selector.version("v1"))) {
      List<Future<InferResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        float value = i;
        answers.add(callers.submit(() -> ask("a/two", request(value))));
      }
      // Those that no run has taken wait together and will share the next one; none may be left.
      long end = System.nanoTime() + 500_000_000;
      while (inner.model().waiting() < 2 && System.nanoTime() - end < 0) {
        Thread.onSpinWait();
      }
      gate.release(1000);
      for (int i = 0; i < 24; i++) {
        assertThat(answers.get(i).get().outputs().get("mean").toFloats()).containsExactly(i + 5.5f);
      }
    }
    List<Long> batches = one.batches.subList(before, one.batches.size());
    assertThat(batches.stream().mapToLong(rows -> rows).sum()).isEqualTo(24);
    assertThat(batches.size()).isLessThan(24);
  }

  @Test
  void onlyStepsThatAnOutputNeeds_run() {
    source.declare(
        "a/two@v1",
        TWO.replace(
                "both: { kind: concat, inputs: [one.y, ten.z] }",
                "soft: { kind: softmax, inputs: one.y }")
            .replace("both: both", "soft: soft"));
    ask("a/two", request(1));
    int before = source.engines.get("a/ten@v10").batches.size();
    InferResponse answer =
        ask("a/two", new InferRequest(request(1).inputs(), Set.of("soft"), RequestOptions.usual()));
    assertThat(answer.outputs().get("soft").toFloats()).containsExactly(1f);
    assertThat(answer.outputs()).hasSize(1);
    assertThat(source.engines.get("a/ten@v10").batches).hasSize(before);
  }

  @Test
  void modelOfAnEnvironment_isTheOneThatIsLive() {
    source.declare(
        "a/live@v1",
        """
        inputs: { x: { datatype: FP32, shape: [-1, -1] } }
        steps: { it: { kind: model, model: a/it@prod, inputs: { x: x } } }
        outputs: { y: it.y }
        """);
    source.wishes.put("a/it@prod", "v3");
    assertThat(ask("a/live", request(1)).outputs().get("y").toFloats()).containsExactly(4);
    source.wishes.put("a/it@prod", "v5");
    deployments.refresh(ModelName.parse("a/it"), "prod");
    assertThat(ask("a/live", request(1)).outputs().get("y").toFloats()).containsExactly(6);
  }

  @Test
  void pipelinesInPipelines_answer() {
    source.declare("a/two@v1", TWO);
    source.declare(
        "a/outer@v1",
        """
        inputs: { x: { datatype: FP32, shape: [-1, -1] } }
        steps:
          inner: { kind: model, model: a/two@v1, inputs: { x: x } }
          again: { kind: model, model: a/one@v1, inputs: { x: inner.mean } }
        outputs: { y: again.y }
        """);
    assertThat(ask("a/outer", request(1)).outputs().get("y").toFloats()).containsExactly(7.5f);
  }

  @Test
  void versionThatRunsItself_isRefusedAtLoad() {
    String other =
        "inputs: { x: { datatype: FP32, shape: [-1, -1] } }\n"
            + "steps: { it: { kind: model, model: a/%s, inputs: { x: x } } }\noutputs: { y: it.y }\n";
    source.declare("a/first@v1", other.formatted("second@prod"));
    source.declare("a/second@v1", other.formatted("first@v1"));
    source.wishes.put("a/second@prod", "v1");
    assertThatThrownBy(() -> ask("a/first", request(1)))
        .hasMessageContaining("a/first@v1 → a/second@v1 → a/first@v1")
        .hasMessageContaining("a version runs itself");
    for (int i = 1; i <= 6; i++) {
      source.declare(
          "a/deep" + i + "@v1", other.formatted(i < 6 ? "deep" + (i + 1) + "@v1" : "one@v1"));
    }
    assertThatThrownBy(() -> ask("a/deep1", request(1)))
        .hasMessageContaining("deeper than 4 pipelines in each other");
  }

  @Test
  void missingModel_isNamedAtLoad() {
    source.declare("a/two@v1", TWO.replace("a/ten@v10", "a/ten@v99"));
    assertThatThrownBy(() -> ask("a/two", request(1)))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("a/two@v1")
        .hasMessageContaining("a/ten@v99: no such version");
  }

  @Test
  void failureOfAModel_namesTheStepAndKeepsItsKind() {
    source.declare("a/two@v1", TWO);
    assertThatThrownBy(() -> ask("a/two", request(FakeEngine.POISON)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageMatching("step \"(one|ten)\": poison");
  }

  @Test
  void requestThatDoesNotFit_isRefusedAtTheDoor() {
    source.declare("a/two@v1", TWO);
    InferRequest wrong = InferRequest.of(Map.of("y", Tensor.ofFloats(new float[1], 1, 1)));
    assertThatThrownBy(() -> ask("a/two", wrong)).hasMessageContaining("input \"x\": missing");
    InferRequest longs = InferRequest.of(Map.of("x", Tensor.ofLongs(new long[1], 1, 1)));
    assertThatThrownBy(() -> ask("a/two", longs)).hasMessageContaining("INT64");
  }

  @Test
  void deadline_endsThePipelineWhereverItIs() {
    source.declare("a/two@v1", TWO);
    ask("a/two", request(0));
    Semaphore gate = source.engines.get("a/one@v1").hold();
    InferRequest hurried =
        new InferRequest(
            request(1).inputs(),
            Set.of(),
            RequestOptions.usual().withTimeout(Duration.ofMillis(50)));
    assertThatThrownBy(() -> ask("a/two", hurried))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServeError.DEADLINE_PASSED));
    gate.release(1000);
    assertThat(ask("a/two", request(1)).outputs()).isNotEmpty();
  }

  /** Versions that add their number, and those whose pipeline is declared. */
  private static final class ModelSource implements Source {
    final Map<String, FakeEngine> engines = new ConcurrentHashMap<>();
    final Map<String, String> wishes = new ConcurrentHashMap<>();
    private final Map<String, Metadata> declared = new ConcurrentHashMap<>();

    void declare(String version, String pipeline) {
      declared.put(version, Declared.pipeline(pipeline));
    }

    @Override
    public void takeOut(Place place, String canary, String reason) {
      throw new AssertionError("no canary");
    }

    @Override
    public List<ModelName> models() {
      return List.of();
    }

    @Override
    public boolean exists(ModelName model) {
      return true;
    }

    @Override
    public Optional<Wish> wish(ModelName model, String environment) {
      return Optional.ofNullable(wishes.get(model + "@" + environment))
          .map(version -> new Wish(DeploymentPlan.of(version), version));
    }

    @Override
    public Metadata metadata(ModelVersion version) {
      if (version.version().equals("v99")) {
        throw new LatheException(RegistryError.UNKNOWN_VERSION, version + ": no such version");
      }
      return declared.getOrDefault(version.toString(), Metadata.NONE);
    }

    @Override
    public long fileBytes(ModelVersion version) {
      return 100;
    }

    @Override
    public List<String> newest(ModelName model, int most) {
      return List.of();
    }

    @Override
    public Opened open(ModelVersion version) {
      Metadata metadata = metadata(version);
      FakeEngine engine = new FakeEngine(Integer.parseInt(version.version().substring(1)));
      if (metadata.pipeline().isEmpty()) {
        engines.put(version.toString(), engine);
        return new Opened(engine, metadata);
      }
      PipelineNesting.require(this, version);
      engines.put(version.toString(), engine);
      return new Opened(
          engine, metadata, OpenPipeline.open(metadata, Path.of(""), version.toString()));
    }
  }
}
