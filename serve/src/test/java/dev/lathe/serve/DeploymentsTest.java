package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeploymentsTest {
  private static final ModelName MODEL = ModelName.parse("demo/adding");
  private static final Selector PROD = Selector.live("prod");

  private final FakeSource source = new FakeSource();
  private final Deployments deployments = deployments(Duration.ofHours(1));

  @AfterEach
  void stop() {
    deployments.close();
    assertThat(source.open()).as("models left open").isZero();
  }

  @Test
  void liveVersion_answers() {
    source.deploy("v1");
    assertThat(ask(deployments, PROD)).isEqualTo(1);
    assertThat(deployments.ready()).isTrue();
    assertThat(deployments.statuses())
        .containsExactly(new ModelStatus(MODEL, "prod", "v1", "v1", "", false));
  }

  @Test
  void statistics_sayWhatEveryVersionDid_alsoAfterItsEnd() {
    source.deploy("v1");
    ask(deployments, PROD);
    ask(deployments, PROD);
    source.deploy("v10");
    deployments.refresh();
    ask(deployments, Selector.version("v2"));
    List<ModelStatistics> all = deployments.statistics();
    assertThat(all)
        .extracting(one -> one.model().version() + " " + one.executions() + " " + one.loaded())
        .containsExactly("v1 2 false", "v2 1 true", "v10 0 true");
    assertThat(all.getFirst().totals().success().count()).isEqualTo(2);
    assertThat(all.getFirst().totals().computeInfer().nanos()).isPositive();
    assertThat(all.getLast().memory())
        .extracting(ModelStatistics.Memory::bytes)
        .containsExactly(4L);
  }

  @Test
  void refresh_switches() {
    source.deploy("v1");
    assertThat(ask(deployments, PROD)).isEqualTo(1);
    source.deploy("v2");
    assertThat(deployments.refresh(MODEL, "prod").orElseThrow().live()).isEqualTo("v2");
    assertThat(ask(deployments, PROD)).isEqualTo(2);
  }

  @Test
  void changedSettings_areASwitchOfTheSameVersion() {
    source.deploy("v1");
    assertThat(ask(deployments, PROD)).isEqualTo(1);
    FakeEngine before = source.engines.get("v1");
    source.deploy(DeploymentPlan.of("v1").with(Map.of("serving.timeout_millis", "1")));
    deployments.refresh();
    FakeEngine after = source.engines.get("v1");
    assertThat(after).isNotSameAs(before);
    Semaphore gate = after.hold();
    assertThatThrownBy(() -> ask(deployments, PROD)).hasMessageContaining("no answer within");
    gate.release(100);
    source.deploy(DeploymentPlan.of("v1").with(Map.of("rollback.error_rate", "0.5")));
    source.deploy(DeploymentPlan.of("v1").with(Map.of("serving.timeout_millis", "1")));
    deployments.refresh();
    assertThat(source.loads).hasValue(2);
  }

  @Test
  void poll_switchesByItself() {
    try (Deployments polling = deployments(Duration.ofMillis(5))) {
      source.deploy("v1");
      assertThat(ask(polling, PROD)).isEqualTo(1);
      source.deploy("v3");
      while (ask(polling, PROD) != 3) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void oldVersion_staysOpenUntilItsLastLeaseIsGivenBack() {
    source.deploy("v1");
    Lease lease = deployments.acquire(MODEL, PROD);
    source.deploy("v2");
    deployments.refresh();
    FakeEngine old = source.engines.get("v1");
    assertThat(old.closed).isFalse();
    assertThat(ask(lease)).isEqualTo(1);
    lease.close();
    lease.close();
    while (!old.closed.get()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void versionThatCannotBeLoaded_leavesTheOldOneLive() {
    source.deploy("v1");
    assertThat(ask(deployments, PROD)).isEqualTo(1);
    source.deploy("v13");
    ModelStatus status = deployments.refresh(MODEL, "prod").orElseThrow();
    assertThat(status.live()).isEqualTo("v1");
    assertThat(status.wanted()).isEqualTo("v13");
    assertThat(status.problem()).contains("demo/adding@v13 cannot be loaded: unlucky");
    assertThat(ask(deployments, PROD)).isEqualTo(1);
    int tries = source.loads.get();
    deployments.refresh();
    assertThat(source.loads).as("not tried again at once").hasValue(tries);
    source.deploy("v2");
    deployments.refresh();
    assertThat(ask(deployments, PROD)).isEqualTo(2);
  }

  @Test
  void firstVersionThatCannotBeLoaded_saysWhy() {
    source.deploy("v13");
    assertThatThrownBy(() -> deployments.acquire(MODEL, PROD))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("unlucky");
  }

  @Test
  void unknownThings_areNamed() {
    assertThatThrownBy(() -> deployments.acquire(MODEL, PROD))
        .hasMessageContaining("no version is live in environment \"prod\"");
    assertThatThrownBy(() -> deployments.acquire(ModelName.parse("a/b"), PROD))
        .hasMessageContaining("no such model");
    assertThatThrownBy(() -> deployments.acquire(MODEL, Selector.version("99")))
        .hasMessageContaining("v99");
    assertThatThrownBy(() -> Selector.version("v0")).hasMessageContaining("expected: a number");
  }

  @Test
  void versionsByNumber_areKeptUpToALimit() {
    for (int version : new int[] {1, 2, 1, 3, 1}) {
      assertThat(ask(deployments, Selector.version("v" + version))).isEqualTo(version);
    }
    assertThat(source.loads).hasValue(3);
    while (source.open() > 2) {
      Thread.onSpinWait();
    }
    assertThat(source.engines.get("v2").closed).isTrue();
    assertThat(ask(deployments, Selector.version("2"))).isEqualTo(2);
  }

  @Test
  void manyWhoAskAtOnce_loadOnce() throws Exception {
    source.deploy("v1");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(callers.submit(() -> ask(deployments, Selector.version("v1"))));
        answers.add(callers.submit(() -> ask(deployments, PROD)));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(1);
      }
    }
    assertThat(source.loads).hasValue(1);
  }

  @Test
  void environmentThatIsRemoved_isNotServedAnyMore() {
    source.deploy("v1");
    assertThat(ask(deployments, PROD)).isEqualTo(1);
    source.wishes.clear();
    deployments.refresh();
    assertThatThrownBy(() -> deployments.acquire(MODEL, PROD)).isInstanceOf(LatheException.class);
  }

  @Test
  void switchesUnderLoad_failNoRequest() throws Exception {
    source.deploy("v1");
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(
            callers.submit(
                () -> {
                  while (!stop.get()) {
                    ask(deployments, PROD);
                    answered.incrementAndGet();
                  }
                }));
      }
      for (int round = 0; round < 100; round++) {
        source.deploy("v" + (1 + round % 5));
        deployments.refresh(MODEL, "prod");
        int seen = answered.get();
        while (answered.get() < seen + 3 && clients.stream().noneMatch(Future::isDone)) {
          Thread.onSpinWait();
        }
      }
      stop.set(true);
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private Deployments deployments(Duration poll) {
    BatchPolicy policy =
        new BatchPolicy(
            8, 100, Tuned.auto(), Tuned.auto(), 1, Duration.ofSeconds(30), Priorities.defaults());
    ServeOptions options =
        new ServeOptions("prod", policy, 2, 2, poll, Duration.ofHours(1), 1L << 30);
    return new Deployments(source, options, ServeObserver.NONE);
  }

  private static int ask(Deployments deployments, Selector selector) {
    try (Lease lease = deployments.acquire(MODEL, selector)) {
      return ask(lease);
    }
  }

  private static int ask(Lease lease) {
    Tensor x = Tensor.ofFloats(new float[1], 1, 1);
    return (int)
        lease.model().infer(InferRequest.of(Map.of("x", x))).outputs().get("y").toFloats()[0];
  }

  /** Versions v1 to v20, each adding its number; v13 cannot be loaded. */
  private static final class FakeSource implements Source {
    final Map<String, Wish> wishes = new ConcurrentHashMap<>();
    final Map<String, FakeEngine> engines = new ConcurrentHashMap<>();
    final List<FakeEngine> all = java.util.Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger loads = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();

    void deploy(String version) {
      deploy(DeploymentPlan.of(version));
    }

    void deploy(DeploymentPlan plan) {
      wishes.put("prod", new Wish(plan, "change " + changes.incrementAndGet()));
    }

    long open() {
      synchronized (all) {
        return all.stream().filter(engine -> !engine.closed.get()).count();
      }
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
      return model.equals(MODEL);
    }

    @Override
    public Optional<Wish> wish(ModelName model, String environment) {
      return model.equals(MODEL) ? Optional.ofNullable(wishes.get(environment)) : Optional.empty();
    }

    @Override
    public long fileBytes(ModelVersion version) {
      return 100;
    }

    @Override
    public List<String> newest(ModelName model, int most) {
      return List.of("v20", "v19", "v18").subList(0, Math.min(3, most));
    }

    @Override
    public Opened open(ModelVersion version) {
      loads.incrementAndGet();
      int number = Integer.parseInt(version.version().substring(1));
      if (number > 20) {
        throw new LatheException(RegistryError.UNKNOWN_VERSION, version + ": no such version");
      }
      if (number == 13) {
        throw new LatheException(RegistryError.CORRUPT, "unlucky");
      }
      FakeEngine engine = new FakeEngine(number);
      engines.put(version.version(), engine);
      all.add(engine);
      return new Opened(engine, metadata(version));
    }

    @Override
    public Metadata metadata(ModelVersion version) {
      return new Metadata(
          "",
          List.of(),
          new Signature(List.of(), List.of()),
          new Lineage("train", List.of(), "", List.of(), Map.of(), 1, "lathe", Instant.EPOCH));
    }
  }
}
