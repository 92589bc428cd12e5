package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.DeploymentPlan.Canary;
import dev.lathe.registry.DeploymentPlan.Shadow;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.TrialReport.Agreement;
import dev.lathe.serve.TrialReport.Differing;
import dev.lathe.serve.TrialReport.Kind;
import dev.lathe.serve.TrialReport.State;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Versions on trial. */
@Timeout(60)
class TrialsTest {
  private static final ModelName MODEL = AddingSource.MODEL;
  private static final Selector PROD = Selector.live("prod");

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AddingSource source = new AddingSource();
  private final Deployments deployments = open(1L << 30);

  private Deployments open(long memory) {
    ServeOptions options = ServeOptions.defaults("prod").with(BatchPolicy.defaults());
    return new Deployments(
        source,
        new ServeOptions(
            "prod", options.batching(), 2, 2, Duration.ofMillis(20), Duration.ofHours(1), memory),
        new ServeObserver() {
          @Override
          public void rolledBack(ModelVersion canary, String environment, String reason) {
            events.add(canary + " in " + environment + ": " + reason);
          }
        });
  }

  @AfterEach
  void stop() {
    deployments.close();
  }

  @Test
  void percent_isAboutThatPartOfRequests_theSameOnesAgain_andMoreWithMore() {
    start(plan("v1").withCanary(percent(20)));
    Set<Integer> chosen = chosen(2000);
    assertThat(chosen).hasSizeBetween(320, 480);
    assertThat(chosen(2000)).isEqualTo(chosen);
    start(plan("v1").withCanary(percent(50)));
    assertThat(chosen(2000)).containsAll(chosen).hasSizeBetween(900, 1100);
  }

  @Test
  void namedCaller_alwaysGetsTheSameVersion() {
    start(plan("v1").withCanary(percent(50)));
    for (String caller : List.of("ann", "bob", "cid", "dee")) {
      Set<Float> answers = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        answers.add(ask(visit("r" + i, Map.of(Visit.CALLER, caller))));
      }
      assertThat(answers).hasSize(1);
    }
  }

  @Test
  void header_decides_andVariantBeforeAll() {
    start(
        plan("v1")
            .withCanary(
                new Canary(
                    "v2",
                    Optional.empty(),
                    Optional.of(new DeploymentPlan.Header("X-Beta", "yes")))));
    assertThat(ask(visit("a", Map.of()))).isEqualTo(1);
    assertThat(ask(visit("a", Map.of("x-beta", "no")))).isEqualTo(1);
    assertThat(ask(visit("a", Map.of("x-beta", "yes")))).isEqualTo(2);
    assertThat(ask(visit("a", Map.of("x-beta", "yes", Visit.VARIANT, "live")))).isEqualTo(1);
    assertThat(ask(visit("a", Map.of(Visit.VARIANT, "canary")))).isEqualTo(2);
    assertThatThrownBy(() -> ask(visit("a", Map.of(Visit.VARIANT, "blue"))))
        .hasMessage("variant \"blue\" (expected: live or canary)");
  }

  /** No more requests than a judgement needs: from then on the live version answers. */
  @Test
  void canaryThatFails_isTakenOut_withTheReason_once() {
    start(plan("v1").withCanary(percent(100)).withRollbackOr(errors()));
    source.engines.get("v2").breakDown();
    for (int i = 0; i < 20; i++) {
      int number = i;
      assertThatThrownBy(() -> ask(visit("r" + number, Map.of()))).hasMessageContaining("broken");
    }
    await(() -> source.plan.canary().isEmpty());
    await(() -> !events.isEmpty());
    assertThat(source.reasons)
        .singleElement()
        .asString()
        .startsWith("Roll back prod: v2\n\nerror_rate: ");
    assertThat(events)
        .singleElement()
        .asString()
        .startsWith("demo/adding@v2 in prod: error_rate: ");
    assertThat(ask(visit("r1", Map.of(Visit.VARIANT, "canary")))).isEqualTo(1);
    deployments.refresh();
    TrialReport.Canary told = report().canary().orElseThrow();
    assertThat(told.state()).isEqualTo(State.ROLLED_BACK);
    assertThat(told.reason()).startsWith("error_rate: ");
    assertThat(told.figures().failed()).isGreaterThanOrEqualTo(20);
  }

  @Test
  void canaryThatWasTakenOut_isTriedAnew_whereItIsDeployedAgain() {
    DeploymentPlan plan = plan("v1").withCanary(percent(100)).withRollbackOr(errors());
    start(plan);
    source.engines.get("v2").breakDown();
    for (int i = 0; i < 20; i++) {
      int number = i;
      assertThatThrownBy(() -> ask(visit("r" + number, Map.of()))).hasMessageContaining("broken");
    }
    await(() -> source.plan.canary().isEmpty());
    start(source.plan);
    start(plan);
    TrialReport.Canary told = report().canary().orElseThrow();
    assertThat(told.state()).isEqualTo(State.RUNNING);
    assertThat(told.figures().failed()).isZero();
    assertThat(ask(visit("r1", Map.of()))).isEqualTo(2);
    assertThat(source.reasons).hasSize(1);
  }

  @Test
  void canaryThatCannotBeTakenOut_getsNoMoreRequests_untilItIs() {
    start(plan("v1").withCanary(percent(100)).withRollbackOr(errors()));
    source.refusing = true;
    source.engines.get("v2").breakDown();
    for (int i = 0; i < 20; i++) {
      int number = i;
      assertThatThrownBy(() -> ask(visit("r" + number, Map.of()))).hasMessageContaining("broken");
    }
    await(() -> report().canary().orElseThrow().state() == State.ROLLED_BACK);
    assertThat(ask(visit("r1", Map.of()))).isEqualTo(1);
    assertThat(source.plan.canary()).isPresent();
    source.refusing = false;
    await(() -> source.plan.canary().isEmpty());
  }

  @Test
  void canaryWithoutRule_staysWhateverItDoes() {
    start(plan("v1").withCanary(percent(100)));
    source.engines.get("v2").breakDown();
    for (int i = 0; i < 50; i++) {
      int number = i;
      assertThatThrownBy(() -> ask(visit("r" + number, Map.of()))).hasMessageContaining("broken");
    }
    deployments.refresh();
    assertThat(source.plan.canary()).isPresent();
    assertThat(report().canary().orElseThrow().figures().failed()).isEqualTo(50);
  }

  @Test
  void wrongRequests_areNotTheCanarysFault() {
    start(plan("v1").withCanary(percent(100)).withRollbackOr(errors()));
    for (int i = 0; i < 50; i++) {
      int number = i;
      assertThatThrownBy(() -> ask(visit("r" + number, Map.of()), FakeEngine.POISON))
          .hasMessageContaining("poison");
    }
    await(() -> report().canary().orElseThrow().agreement().dropped() > 0);
    assertThat(report().canary().orElseThrow().figures().failed()).isZero();
  }

  @Test
  void canaryThatCannotBeLoaded_isTakenOut_andLiveAnswersMeanwhile() {
    source.plan = plan("v1").withCanary(whole("v13")).withRollbackOr(errors());
    deployments.refresh();
    assertThat(ask(visit("a", Map.of()))).isEqualTo(1);
    await(() -> source.plan.canary().isEmpty());
    assertThat(source.reasons).singleElement().asString().contains("unlucky");
  }

  @Test
  void canaryThatAnswersDifferently_isTakenOut() {
    start(
        plan("v1")
            .withCanary(percent(100))
            .with(Map.of("rollback.disagreement", "0.1", "rollback.min_requests", "5")));
    for (int i = 0; source.plan.canary().isPresent(); i++) {
      ask(visit("r" + i, Map.of()));
    }
    assertThat(source.reasons).singleElement().asString().contains("disagreement: ");
    Agreement agreement = report().canary().orElseThrow().agreement();
    assertThat(agreement.different()).isEqualTo(agreement.compared()).isGreaterThanOrEqualTo(5);
  }

  @Test
  void shadow_isComparedByRequest_andNeverAnswers() {
    start(plan("v1").withShadow(new Shadow("v3", Optional.empty())));
    for (int i = 0; i < 5; i++) {
      assertThat(ask(visit("r" + i, Map.of()))).isEqualTo(1);
      int seen = i + 1;
      await(() -> agreement().compared() + agreement().dropped() == seen);
    }
    Agreement agreement = agreement();
    assertThat(agreement.different()).isEqualTo(agreement.compared()).isPositive();
    assertThat(agreement.outputs()).extracting(TrialReport.Output::name).containsExactly("y");
    assertThat(agreement.outputs().getFirst().maxAbsolute()).isEqualTo(2);
    Differing one = agreement.requests().getFirst();
    assertThat(one.id()).startsWith("r");
    assertThat(one.inputs()).isEmpty();
    assertThat(one.differences())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.kind()).isEqualTo(Kind.VALUE);
              assertThat(each.live() + " " + each.trial()).isEqualTo("1.0 3.0");
            });
  }

  @Test
  void inputsOfDifferences_areKeptWhereThatIsAskedFor() {
    start(
        plan("v1")
            .withShadow(new Shadow("v3", Optional.empty()))
            .with(Map.of("comparison.keep_inputs", "true")));
    ask(visit("r", Map.of()), 7);
    await(() -> agreement().compared() + agreement().dropped() == 1);
    assertThat(agreement().requests().getFirst().inputs().get("x").toFloats()).containsExactly(7);
  }

  @Test
  void shadowThatHangs_holdsUpNobody_andWhatFindsNoRoomIsDropped() {
    start(plan("v1").withShadow(new Shadow("v3", Optional.empty())));
    var gate = source.engines.get("v3").hold();
    for (int i = 0; i < 200; i++) {
      assertThat(ask(visit("r" + i, Map.of()))).isEqualTo(1);
    }
    assertThat(agreement().dropped()).isGreaterThanOrEqualTo(200 - 64);
    gate.release(1000);
  }

  @Test
  void shadowThatFails_isToldByRequest() {
    start(plan("v1").withShadow(new Shadow("v3", Optional.empty())));
    source.engines.get("v3").breakDown();
    ask(visit("the one", Map.of()));
    await(() -> agreement().compared() + agreement().dropped() == 1);
    assertThat(agreement().requests())
        .singleElement()
        .satisfies(one -> assertThat(one.id() + ": " + one.failure()).contains("the one: broken"));
  }

  @Test
  void nothingOnTrial_isNoReport() {
    start(plan("v1"));
    assertThat(deployments.trials()).isEmpty();
    start(plan("v1").withShadow(new Shadow("v3", Optional.empty())));
    assertThat(deployments.trials()).hasSize(1);
    start(plan("v1"));
    assertThat(deployments.trials()).isEmpty();
    assertThat(deployments.trial(MODEL, "prod")).isEmpty();
  }

  @Test
  void canaryThatDoesNotFit_waits_andLiveAnswers() {
    try (Deployments small = open(150)) {
      source.plan = plan("v1").withCanary(percent(100));
      small.refresh();
      try (Lease lease = small.acquire(MODEL, PROD, visit("r", Map.of()))) {
        assertThat(lease.model().id().version()).isEqualTo("v1");
      }
      assertThat(small.trial(MODEL, "prod").orElseThrow().canary().orElseThrow().state())
          .isEqualTo(State.WAITING);
    }
  }

  @Test
  void canaryThatWaits_isNotToBlameForTheOneBefore() {
    start(plan("v1").withCanary(whole("v13")));
    assertThat(report().canary().orElseThrow().reason()).contains("unlucky");
    start(plan("v1").withCanary(whole("v20")).withRollbackOr(errors()));
    TrialReport.Canary told = report().canary().orElseThrow();
    assertThat(told.state()).isEqualTo(State.WAITING);
    assertThat(told.reason()).startsWith("not in memory");
  }

  private static Canary whole(String version) {
    return new Canary(version, Optional.of(100.0), Optional.empty());
  }

  private void start(DeploymentPlan plan) {
    source.plan = plan;
    deployments.refresh();
  }

  private static DeploymentPlan plan(String live) {
    return DeploymentPlan.of(live);
  }

  private static Canary percent(double percent) {
    return new Canary("v2", Optional.of(percent), Optional.empty());
  }

  private static DeploymentPlan.RollbackRule errors() {
    return DeploymentPlan.RollbackRule.USUAL;
  }

  private Set<Integer> chosen(int requests) {
    Set<Integer> chosen = new HashSet<>();
    IntStream.range(0, requests)
        .filter(i -> version(visit("request-" + i, Map.of())).equals("v2"))
        .forEach(chosen::add);
    return chosen;
  }

  private String version(Visit visit) {
    try (Lease lease = deployments.acquire(MODEL, PROD, visit)) {
      return lease.model().id().version();
    }
  }

  private static Visit visit(String request, Map<String, String> headers) {
    return new Visit(request, "somebody", name -> Optional.ofNullable(headers.get(name)));
  }

  private float ask(Visit visit) {
    return ask(visit, 0);
  }

  private float ask(Visit visit, float value) {
    Tensor x = Tensor.ofFloats(new float[] {value}, 1, 1);
    try (Lease lease = deployments.acquire(MODEL, PROD, visit)) {
      return lease.infer(InferRequest.of(Map.of("x", x))).outputs().get("y").toFloats()[0];
    }
  }

  private TrialReport report() {
    return deployments.trial(MODEL, "prod").orElseThrow();
  }

  private Agreement agreement() {
    return report().shadow().orElseThrow().agreement();
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }
}
