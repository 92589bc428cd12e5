package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Serving;
import dev.lathe.registry.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sequences and caches as deployments ask for them. */
@Timeout(30)
class StatefulDeploymentTest {
  private static final ModelName MODEL = ModelName.parse("demo/summing");
  private static final Serving.Sequence SEQUENCE =
      new Serving.Sequence(
          Optional.of(60_000L),
          List.of(new Serving.State("before", "after")),
          Optional.of(
              new Serving.Controls(
                  Optional.of("start"), Optional.of("end"), Optional.empty(), Optional.of("id"))));

  private final StatefulSource source = new StatefulSource();
  private final Deployments deployments =
      new Deployments(
          source,
          new ServeOptions(
              "prod",
              BatchPolicy.defaults(),
              2,
              2,
              Duration.ofHours(1),
              Duration.ofHours(1),
              1L << 30),
          ServeObserver.NONE);

  @AfterEach
  void stop() {
    deployments.close();
    assertThat(source.engines.values()).allMatch(engine -> engine.closed.get() == 1);
  }

  @Test
  void newVersion_leavesSequencesWithTheirOwn() {
    source.deploy("v1", stateful());
    assertThat(ask(7, 1, "start")).isEqualTo(1);
    source.deploy("v2", stateful());
    deployments.refresh();
    assertThat(ask(8, 10, "start")).isEqualTo(10);
    assertThat(ask(7, 2, "")).as("v1 kept its state").isEqualTo(3);
    assertThat(ask(8, 5, "")).isEqualTo(15);
    assertThat(source.engines.get("v1").closed).hasValue(0);
    assertThat(ask(7, 3, "end")).isEqualTo(6);
    deployments.refresh();
    awaitClosed("v1");
    assertThat(ask(8, 1, "end")).isEqualTo(16);
    assertThatThrownBy(() -> ask(7, 1, "")).hasMessageContaining("sequence \"7\": is not known");
  }

  @Test
  void sequenceThatStartsAnew_isOnTheNewVersion() {
    source.deploy("v1", stateful());
    ask(7, 1, "start");
    source.deploy("v2", stateful());
    deployments.refresh();
    int before = source.engines.get("v2").batches.size();
    assertThat(ask(7, 4, "start")).isEqualTo(4);
    assertThat(ask(7, 4, "")).isEqualTo(8);
    assertThat(source.engines.get("v2").batches).hasSize(before + 2);
  }

  @Test
  void versionsThatTakeTurns_keepNoCircle() {
    source.deploy("v1", stateful());
    ask(1, 1, "start");
    source.deploy("v2", stateful());
    deployments.refresh();
    ask(2, 2, "start");
    source.deploy("v1", stateful());
    deployments.refresh();
    assertThat(ask(1, 1, "")).isEqualTo(2);
    assertThat(ask(2, 2, "")).isEqualTo(4);
    assertThatThrownBy(() -> ask(3, 1, "")).hasMessageContaining("is not known");
    ask(2, 2, "end");
    deployments.refresh();
    awaitClosed("v2");
    assertThat(ask(1, 1, "")).isEqualTo(3);
  }

  @Test
  void versionWithoutSequences_goesAtOnce() {
    source.deploy("v1", stateful());
    ask(7, 1, "start end");
    source.deploy("v2", stateful());
    deployments.refresh();
    awaitClosed("v1");
  }

  @Test
  void sequenceThatDoesNotFitTheModel_doesNotGoLive() {
    Serving wrong =
        serving(
            Optional.empty(),
            Optional.of(
                new Serving.Sequence(
                    Optional.empty(),
                    List.of(new Serving.State("nothing", "after")),
                    Optional.empty())));
    source.deploy("v1", wrong);
    assertThatThrownBy(() -> ask(7, 1, "start"))
        .hasMessageContaining("input \"nothing\": the model has none");
  }

  @Test
  void cache_answersWithoutARunAndIsCounted() {
    source.deploy("v1", serving(Optional.of(true), Optional.empty()));
    Tensor one = Tensor.ofFloats(new float[] {1}, 1, 1);
    Tensor flag = Tensor.zeros(ElementType.BOOL, 1, 1);
    InferRequest request =
        InferRequest.of(
            Map.of(
                "x", one,
                "before", one,
                "start", Tensor.ofInts(new int[] {0}, 1, 1),
                "end", flag,
                "id", Tensor.ofLongs(new long[] {0}, 1, 1)));
    try (Lease lease = deployments.acquire(MODEL, Selector.live("prod"))) {
      int before = source.engines.get("v1").batches.size();
      for (int i = 0; i < 5; i++) {
        assertThat(lease.model().infer(request).outputs().get("y").toFloats()).containsExactly(2);
      }
      assertThat(source.engines.get("v1").batches).hasSize(before + 1);
      ModelStatistics.Totals totals = lease.model().statistics().totals();
      assertThat(totals.cacheHit().count()).isEqualTo(4);
      assertThat(totals.cacheMiss().count()).isEqualTo(1);
      assertThat(totals.success().count()).isEqualTo(5);
    }
  }

  private void awaitClosed(String version) {
    while (source.engines.get(version).closed.get() == 0) {
      Thread.onSpinWait();
    }
  }

  private float ask(long id, float value, String place) {
    SequenceStep step =
        new SequenceStep(
            new SequenceStep.Id.Numbered(id), place.contains("start"), place.contains("end"));
    InferRequest request =
        new InferRequest(
            Map.of("x", Tensor.ofFloats(new float[] {value}, 1, 1)),
            Set.of(),
            RequestOptions.usual().withSequence(step));
    try (Lease lease = deployments.acquire(MODEL, Selector.live("prod"))) {
      return lease.model().infer(request).outputs().get("y").toFloats()[0];
    }
  }

  private static Serving stateful() {
    return serving(Optional.empty(), Optional.of(SEQUENCE));
  }

  private static Serving serving(Optional<Boolean> cache, Optional<Serving.Sequence> sequence) {
    return new Serving(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        cache,
        sequence,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static final class StatefulSource implements Source {
    final Map<String, SummingEngine> engines = new ConcurrentHashMap<>();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Optional<Wish> wish = Optional.empty();

    void deploy(String version, Serving serving) {
      DeploymentPlan plan =
          new DeploymentPlan(
              version,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(serving));
      wish = Optional.of(new Wish(plan, "change " + changes.incrementAndGet()));
    }

    @Override
    public void takeOut(Place place, String canary, String reason) {
      throw new AssertionError("no canary");
    }

    @Override
    public List<ModelName> models() {
      return List.of(MODEL);
    }

    @Override
    public boolean exists(ModelName model) {
      return true;
    }

    @Override
    public Optional<Wish> wish(ModelName model, String environment) {
      return wish;
    }

    @Override
    public Metadata metadata(ModelVersion version) {
      return new Metadata(
          "",
          List.of(),
          new Signature(List.of(), List.of()),
          new Lineage("train", List.of(), "", List.of(), Map.of(), 1, "lathe", Instant.EPOCH));
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
      SummingEngine engine = new SummingEngine();
      engines.put(version.version(), engine);
      return new Opened(engine, metadata(version));
    }
  }
}
