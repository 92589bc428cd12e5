package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.DeploymentPlan.Canary;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.registry.DeploymentPlan.Shadow;
import dev.lathe.serve.TrialReport.Agreement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is on trial is judged by what it does itself, and takes nothing from callers. */
@Timeout(60)
class TrialFairnessTest {
  private static final DeploymentPlan CANARY =
      DeploymentPlan.of("v1")
          .withCanary(new Canary("v2", Optional.of(100.0), Optional.empty()))
          .withRollbackOr(RollbackRule.USUAL);
  private static final DeploymentPlan SHADOW =
      DeploymentPlan.of("v1")
          .with(Map.of("serving.instances", "1", "serving.max_batch_rows", "1"))
          .withShadow(new Shadow("v3", Optional.empty()));

  private final AddingSource source = new AddingSource();
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final Deployments deployments =
      new Deployments(
          source,
          new ServeOptions(
              "prod",
              BatchPolicy.defaults(),
              2,
              2,
              Duration.ofMillis(20),
              Duration.ofHours(1),
              1L << 30),
          new ServeObserver() {});

  @AfterEach
  void stop() {
    callers.shutdownNow();
    deployments.close();
  }

  @Test
  void deadlinesThatNoVersionMeets_areNotTheCanarysFault() {
    start(CANARY);
    Semaphore gate = source.engines.get("v2").hold();
    for (int i = 0; i < 40; i++) {
      assertThatThrownBy(() -> ask(Duration.ofMillis(1))).hasMessageContaining("1.0 ms");
    }
    assertThat(canary().figures().failed()).isZero();
    gate.release(1000);
    assertThat(ask(Duration.ZERO)).isEqualTo(2);
  }

  @Test
  void canaryThatHangsBeyondTheServersDeadline_isTakenOut() {
    start(CANARY.with(Map.of("serving.timeout_millis", "5")));
    source.engines.get("v2").hold();
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> ask(Duration.ZERO)).hasMessageContaining("within 5.0 ms");
    }
    await(() -> source.plan.canary().isEmpty());
    assertThat(source.reasons).singleElement().asString().contains("error_rate: 20 of 20");
  }

  @Test
  void copies_areDroppedWhileCallersWait() throws Exception {
    start(SHADOW);
    Semaphore gate = source.engines.get("v1").hold();
    List<Future<Float>> asked = List.of(submit(), submit(), submit());
    await(() -> loaded("v1").waiting() == 2);
    gate.release(1);
    await(() -> asked.stream().anyMatch(Future::isDone));
    assertThat(agreement().dropped()).isOne();
    gate.release(2);
    for (Future<Float> one : asked) {
      assertThat(one.get()).isEqualTo(1);
    }
    await(() -> agreement().dropped() + agreement().compared() == 3);
  }

  /** More often than there is room for copies. */
  @Test
  void answersThatCannotBeCompared_areDropped_andNothingIsKept() {
    start(SHADOW);
    source.engines.get("v3").giveUnreadable();
    for (int i = 1; i <= 200; i++) {
      assertThat(ask(Duration.ZERO)).isEqualTo(1);
      int seen = i;
      await(() -> agreement().dropped() == seen);
    }
    assertThat(agreement().compared()).isZero();
    start(SHADOW.withShadow(new Shadow("v4", Optional.empty())));
    ask(Duration.ZERO);
    await(() -> agreement().compared() == 1);
  }

  @Test
  void wrongRequestsThatTheLiveVersionCannotJudge_areDropped() {
    start(CANARY);
    for (int i = 1; i <= 3; i++) {
      assertThatThrownBy(() -> ask(Duration.ZERO, FakeEngine.POISON));
      int seen = i;
      await(() -> canary().agreement().dropped() == seen);
    }
    assertThat(canary().figures().failed()).isZero();
  }

  @Test
  void canaryThatRefusesAll_isFoundOutWhileCallersOfTheLiveVersionWait() throws Exception {
    start(CANARY.with(Map.of("serving.instances", "1", "serving.max_batch_rows", "1")));
    source.engines.get("v2").refuse();
    Semaphore gate = source.engines.get("v1").hold();
    List<Future<Float>> asked = List.of(submitLive(), submitLive(), submitLive());
    await(() -> loaded("v1").waiting() == 2);
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> ask(Duration.ZERO)).hasMessageContaining("poison");
    }
    // Two take their turn, the others find no room.
    await(() -> loaded("v1").waiting() == 4);
    assertThat(canary().agreement().dropped()).isEqualTo(8);
    gate.release(5);
    for (Future<Float> one : asked) {
      assertThat(one.get()).isEqualTo(1);
    }
    await(() -> canary().figures().failed() == 2);
  }

  private Future<Float> submitLive() {
    Visit visit =
        new Visit(
            "request",
            "somebody",
            name -> name.equals(Visit.VARIANT) ? Optional.of("live") : Optional.empty());
    return callers.submit(() -> ask(visit, Duration.ZERO, 0));
  }

  private Future<Float> submit() {
    return callers.submit(() -> ask(Duration.ZERO));
  }

  private void start(DeploymentPlan plan) {
    source.plan = plan;
    deployments.refresh();
  }

  private float ask(Duration timeout) {
    return ask(timeout, 0);
  }

  private float ask(Duration timeout, float value) {
    return ask(new Visit("request", "somebody", name -> Optional.empty()), timeout, value);
  }

  private float ask(Visit visit, Duration timeout, float value) {
    InferRequest request =
        new InferRequest(
            Map.of("x", Tensor.ofFloats(new float[] {value}, 1, 1)),
            Set.of(),
            RequestOptions.usual().withTimeout(timeout));
    try (Lease lease = deployments.acquire(AddingSource.MODEL, Selector.live("prod"), visit)) {
      return lease.infer(request).outputs().get("y").toFloats()[0];
    }
  }

  private LoadedModel loaded(String version) {
    return deployments.loaded().stream()
        .filter(model -> model.id().version().equals(version))
        .findFirst()
        .orElseThrow();
  }

  private TrialReport.Canary canary() {
    return deployments.trial(AddingSource.MODEL, "prod").orElseThrow().canary().orElseThrow();
  }

  private Agreement agreement() {
    return deployments
        .trial(AddingSource.MODEL, "prod")
        .orElseThrow()
        .shadow()
        .orElseThrow()
        .agreement();
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }
}
