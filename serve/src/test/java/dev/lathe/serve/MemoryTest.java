package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Serving;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Models m1 to m50 of versions v1 to v20, each adding its number and 100 for each version, each of
 * 100 MiB.
 */
@Timeout(60)
class MemoryTest {
  private static final long SIZE = 100L << 20;

  private final Fifty source = new Fifty();
  private final List<Deployments> opened = new ArrayList<>();

  @AfterEach
  void stop() {
    opened.forEach(Deployments::close);
    assertThat(source.open()).as("models left open").isZero();
  }

  @Test
  void fiftyModels_answerWithinABudgetForTen() {
    Deployments deployments = deployments(10 * SIZE);
    for (int round = 0; round < 3; round++) {
      for (int i = 1; i <= 50; i++) {
        assertThat(ask(deployments, i)).isEqualTo(100 + i);
        assertThat(source.open()).isLessThanOrEqualTo(10);
        assertThat(deployments.memory().used()).isLessThanOrEqualTo(10 * SIZE);
      }
    }
    assertThat(source.most()).isEqualTo(10);
  }

  @Test
  void whatWasUsedLast_stays() {
    Deployments deployments = deployments(3 * SIZE);
    for (int i : new int[] {11, 12, 13, 11, 14}) {
      ask(deployments, i);
    }
    assertThat(names(deployments)).containsExactlyInAnyOrder("m11", "m13", "m14");
  }

  @Test
  void pinnedModel_staysLoaded_andWhatCannotFitIsRefusedWithFigures() {
    source.plans.put("m1", DeploymentPlan.of("v1").with(Map.of("serving.pinned", "true")));
    Deployments deployments = deployments(SIZE + 10);
    ask(deployments, 1);
    assertThatThrownBy(() -> ask(deployments, 2))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.EXHAUSTED))
        .hasMessageContaining("demo/m2@v1 needs 104857600 bytes")
        .hasMessageContaining("104857600 of 104857610 are taken")
        .hasMessageContaining("104857600 bytes are pinned");
    assertThat(names(deployments)).containsExactly("m1");
    source.plans.put("m1", DeploymentPlan.of("v1"));
    deployments.refresh(ModelName.parse("demo/m1"), "prod");
    assertThat(ask(deployments, 2)).isEqualTo(102);
  }

  @Test
  void switchThatCannotFit_isNotTriedAtEachLook_butTheOldVersionAnswers() {
    source.plans.put("m1", DeploymentPlan.of("v1").with(Map.of("serving.pinned", "true")));
    Deployments deployments = deployments(2 * SIZE);
    ask(deployments, 1);
    ask(deployments, 2);
    source.plans.put("m3", DeploymentPlan.of("v1").with(Map.of("serving.pinned", "true")));
    ask(deployments, 3);
    int loads = source.loads.get();
    for (int i = 0; i < 20; i++) {
      deployments.refresh();
      assertThat(ask(deployments, 1)).isEqualTo(101);
      assertThat(ask(deployments, 3)).isEqualTo(103);
    }
    assertThat(source.loads).hasValue(loads);
    assertThatThrownBy(() -> ask(deployments, 2)).hasMessageContaining("are pinned");
    source.plans.remove("m3");
    deployments.refresh(ModelName.parse("demo/m3"), "prod");
    assertThat(ask(deployments, 2)).as("lack of memory passes at once").isEqualTo(102);
  }

  @Test
  void versionThatSomebodyTookAgain_countsAsOneThatCanBeLetGo() {
    MemoryBudget budget = new MemoryBudget(SIZE, Duration.ofSeconds(30));
    Served first = served("m1");
    MemoryBudget.Evictor none =
        (wanted, leaving) -> {
          throw new AssertionError("nothing to let go");
        };
    budget.reserve(first, SIZE, none);
    budget.leaves(first);
    budget.stays(first);
    budget.reserve(
        served("m2"),
        SIZE,
        (wanted, leaving) -> {
          assertThat(leaving).isEmpty();
          budget.leaves(first);
          budget.release(first);
          return true;
        });
    assertThat(budget.used()).isEqualTo(SIZE);
    assertThat(budget.charge(first)).isZero();
  }

  private static Served served(String model) {
    ModelName name = ModelName.parse("demo/" + model);
    return new Served(new ModelVersion(name, "v1"), Serving.NONE);
  }

  @Test
  void modelThatARequestHolds_isNotLetGo_andTheOtherWaitsForIt() throws Exception {
    Deployments deployments = deployments(SIZE);
    Lease held = deployments.acquire(ModelName.parse("demo/m1"), Selector.live("prod"));
    try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> waiting = other.submit(() -> ask(deployments, 2));
      assertThat(ask(held)).isEqualTo(101);
      held.close();
      assertThat(waiting.get()).isEqualTo(102);
    }
  }

  @Test
  void switchThatDoesNotFitBeside_goesThroughTheOldOnesPlace() throws Exception {
    Deployments deployments = deployments(SIZE);
    ModelName first = ModelName.parse("demo/m1");
    ask(deployments, 1);
    source.plans.put("m1", DeploymentPlan.of("v2"));
    assertThat(deployments.refresh(first, "prod").orElseThrow().live()).isEqualTo("v2");
    assertThat(ask(deployments, 1)).isEqualTo(201);
    assertThat(source.most()).isEqualTo(1);
    source.plans.put("m1", DeploymentPlan.of("v13"));
    ModelStatus status = deployments.refresh(first, "prod").orElseThrow();
    assertThat(status.problem()).contains("unlucky");
    assertThat(ask(deployments, 1)).as("what was live is back").isEqualTo(201);
  }

  @Test
  void idleModel_isLetGo_andComesBack() {
    source.plans.put(
        "m1", DeploymentPlan.of("v1").with(Map.of("serving.idle_unload_seconds", "1")));
    Deployments deployments = deployments(60 * SIZE, Duration.ofMillis(20));
    ask(deployments, 1);
    while (names(deployments).contains("m1")) {
      Thread.onSpinWait();
    }
    assertThat(ask(deployments, 1)).isEqualTo(101);
    assertThat(names(deployments)).contains("m2", "m50");
  }

  /** Whoever looks all the time keeps nothing in memory, and loads nothing. */
  @Test
  void glances_areNoUse_andLoadNothing() {
    source.plans.put(
        "m1", DeploymentPlan.of("v1").with(Map.of("serving.idle_unload_seconds", "1")));
    Deployments deployments = deployments(60 * SIZE, Duration.ofMillis(20));
    ModelName first = ModelName.parse("demo/m1");
    Selector live = Selector.live("prod");
    deployments.acquire(first, Selector.version("2")).close();
    ask(deployments, 1);
    while (names(deployments).contains("m1")
        && deployments.loaded().stream()
            .anyMatch(one -> one.id().toString().equals("demo/m1@v1"))) {
      assertThat(deployments.glance(first, live)).isPresent();
    }
    Glance let = deployments.glance(first, live).orElseThrow();
    assertThat(let.id()).isEqualTo(new ModelVersion(first, "v1"));
    assertThat(let.signature().orElseThrow().inputs()).isNotEmpty();
    assertThat(deployments.glance(first, Selector.version("1"))).contains(let);
    assertThat(deployments.glance(first, Selector.version("7"))).as("never loaded").isEmpty();
    assertThat(deployments.loaded()).noneMatch(one -> one.id().equals(let.id()));
    assertThat(deployments.statuses())
        .filteredOn(status -> status.model().equals(first))
        .singleElement()
        .satisfies(
            status -> assertThat(status.parked()).isTrue(),
            status -> assertThat(status.problem()).isEmpty());
    assertThat(ask(deployments, 1)).isEqualTo(101);
  }

  @Test
  void unloadedModel_staysAway_untilItIsLoaded() {
    Deployments deployments = deployments(60 * SIZE, Duration.ofMillis(5));
    ModelName first = ModelName.parse("demo/m1");
    ask(deployments, 1);
    deployments.unload(first);
    assertThatThrownBy(() -> ask(deployments, 1))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("unloaded by request");
    assertThatThrownBy(() -> deployments.acquire(first, Selector.version("1")))
        .hasMessageContaining("unloaded by request");
    deployments.refresh();
    assertThat(names(deployments)).doesNotContain("m1");
    assertThat(deployments.isUnloaded(first)).isTrue();
    deployments.load(first, Map.of());
    assertThat(ask(deployments, 1)).isEqualTo(101);
  }

  @Test
  void versionPolicy_saysWhatCanBeAskedForByNumber() {
    ModelName first = ModelName.parse("demo/m1");
    source.plans.put("m1", DeploymentPlan.of("v1").with(Map.of("version_policy.specific", "[v3]")));
    Deployments deployments = deployments(60 * SIZE);
    deployments.acquire(first, Selector.version("1")).close();
    deployments.acquire(first, Selector.version("3")).close();
    assertThatThrownBy(() -> deployments.acquire(first, Selector.version("2")))
        .hasMessageContaining("demo/m1@v2: not offered");
    source.plans.put("m1", DeploymentPlan.of("v1").with(Map.of("version_policy.latest", "1")));
    deployments.acquire(first, Selector.version("20")).close();
    assertThatThrownBy(() -> deployments.acquire(first, Selector.version("3")))
        .hasMessageContaining("latest: 1");
  }

  @Test
  void noRequestFails_whileModelsComeAndGoAndSwitch() throws Exception {
    Deployments deployments = deployments(4 * SIZE, Duration.ofMillis(5));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int caller = 0; caller < 3; caller++) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(caller);
        all.add(
            callers.submit(
                () -> {
                  for (int i = 0; i < 300; i++) {
                    int model = 1 + random.nextInt(10);
                    assertThat(ask(deployments, model) % 100).isEqualTo(model);
                  }
                }));
      }
      for (int i = 0; all.stream().anyMatch(one -> !one.isDone()); i++) {
        source.plans.put("m" + (1 + i % 10), DeploymentPlan.of("v" + (1 + i % 5)));
        deployments.refresh(ModelName.parse("demo/m" + (1 + i % 10)), "prod");
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(source.most()).isLessThanOrEqualTo(4);
  }

  private Deployments deployments(long memory) {
    return deployments(memory, Duration.ofHours(1));
  }

  private Deployments deployments(long memory, Duration poll) {
    ServeOptions options =
        new ServeOptions("prod", BatchPolicy.defaults(), 2, 2, poll, Duration.ofHours(1), memory);
    Deployments deployments = new Deployments(source, options, ServeObserver.NONE);
    opened.add(deployments);
    while (!deployments.ready()) {
      Thread.onSpinWait();
    }
    return deployments;
  }

  private static List<String> names(Deployments deployments) {
    return deployments.loaded().stream().map(one -> one.id().model().name()).toList();
  }

  private static int ask(Deployments deployments, int model) {
    try (Lease lease =
        deployments.acquire(ModelName.parse("demo/m" + model), Selector.live("prod"))) {
      return ask(lease);
    }
  }

  private static int ask(Lease lease) {
    Tensor x = Tensor.ofFloats(new float[1], 1, 1);
    return (int)
        lease.model().infer(InferRequest.of(Map.of("x", x))).outputs().get("y").toFloats()[0];
  }

  private static final class Fifty implements Source {
    final Map<String, DeploymentPlan> plans = new ConcurrentHashMap<>();
    private final List<FakeEngine> all = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger loads = new AtomicInteger();
    private long most;

    long open() {
      synchronized (all) {
        return all.stream().filter(engine -> !engine.closed.get()).count();
      }
    }

    synchronized long most() {
      return most;
    }

    @Override
    public void takeOut(Place place, String canary, String reason) {
      throw new AssertionError("no canary");
    }

    @Override
    public List<ModelName> models() {
      List<ModelName> models = new ArrayList<>();
      for (int i = 1; i <= 50; i++) {
        models.add(ModelName.parse("demo/m" + i));
      }
      return models;
    }

    @Override
    public boolean exists(ModelName model) {
      return models().contains(model);
    }

    @Override
    public Optional<Wish> wish(ModelName model, String environment) {
      DeploymentPlan plan = plans.getOrDefault(model.name(), DeploymentPlan.of("v1"));
      return Optional.of(new Wish(plan, plan.yaml()));
    }

    @Override
    public Metadata metadata(ModelVersion version) {
      return Metadata.NONE;
    }

    @Override
    public long fileBytes(ModelVersion version) {
      return SIZE;
    }

    @Override
    public List<String> newest(ModelName model, int count) {
      return List.of("v20", "v19").subList(0, Math.min(2, count));
    }

    @Override
    public synchronized Opened open(ModelVersion version) {
      int number = Integer.parseInt(version.version().substring(1));
      if (number == 13) {
        throw new LatheException(ServeError.BAD_OPTION, "unlucky");
      }
      loads.incrementAndGet();
      int model = Integer.parseInt(version.model().name().substring(1));
      FakeEngine engine = new FakeEngine(100 * number + model);
      all.add(engine);
      most = Math.max(most, open());
      return new Opened(engine, Metadata.NONE);
    }
  }
}
