package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SequencesTest {
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final SequencePolicy POLICY =
      new SequencePolicy(
          Duration.ofSeconds(1),
          3,
          List.of(new SequencePolicy.State("before", "after")),
          new SequencePolicy.Controls(
              Optional.of("start"), Optional.of("end"), Optional.empty(), Optional.of("id")));

  private final SummingEngine engine = new SummingEngine();
  private final ComputePool pool = new ComputePool(1);
  private final Batcher batcher = new Batcher(engine, BatchPolicy.defaults(), pool, timing -> {});
  private final AtomicLong now = new AtomicLong();
  private final SequenceInputs io = new SequenceInputs(POLICY, engine.inputs(), engine.outputs());
  private final Sequences sequences =
      new Sequences(POLICY, io, batcher, new Sequences.Timing(LONGEST, now::get));

  @AfterEach
  void stop() {
    batcher.close();
    pool.close();
  }

  @Test
  void state_goesFromRequestToRequest() {
    assertThat(ask(7, 1, "start")).containsExactly(1);
    assertThat(ask(7, 2, "")).containsExactly(3);
    assertThat(ask(8, 10, "start")).containsExactly(10);
    assertThat(ask(7, 3, "end")).containsExactly(6);
    assertThat(ask(8, 5, "")).containsExactly(15);
    assertUnknown(() -> ask(7, 1, ""));
    assertThat(sequences.sequences()).isEqualTo(1);
  }

  @Test
  void start_beginsAnewWithZeros() {
    ask(7, 1, "start");
    assertThat(ask(7, 5, "start")).containsExactly(5);
    assertThat(ask(7, 5, "start end")).containsExactly(5);
    assertThat(sequences.sequences()).isZero();
  }

  @Test
  void controls_sayWhereTheRequestStands() {
    assertThat(outputs(request("a", 7, 1, "start")).get("seen").toFloats())
        .containsExactly(1, 0, 7);
    assertThat(outputs(request("a", 7, 1, "")).get("seen").toFloats()).containsExactly(0, 0, 7);
    assertThat(outputs(request("a", 7, 1, "end")).get("seen").toFloats()).containsExactly(0, 1, 7);
  }

  @Test
  void whatTheServerFills_isNotSeen() {
    assertThat(io.inputs().stream().map(ValueInfo::name)).containsExactly("x");
    assertThat(io.outputs().stream().map(ValueInfo::name)).containsExactly("y", "seen");
    assertThat(outputs(request("a", 7, 1, "start"))).containsOnlyKeys("y", "seen");
    InferRequest given = request("a", 7, 1, "");
    Tensor x = given.inputs().get("x");
    InferRequest more = new InferRequest(Map.of("x", x, "before", x), Set.of(), given.options());
    assertThatThrownBy(() -> sequences.infer(more)).hasMessageContaining("filled by the server");
    InferRequest some = new InferRequest(given.inputs(), Set.of("seen"), given.options());
    assertThat(outputs(some)).containsOnlyKeys("seen");
    assertThat(ask(7, 1, "")).as("the state moved all the same").containsExactly(3);
  }

  @Test
  void callers_haveSequencesOfTheirOwn() {
    sequences.infer(request("a", 7, 1, "start"));
    assertUnknown(() -> sequences.infer(request("b", 7, 1, "")));
    assertThat(sequences.knows("a", new SequenceStep.Id.Numbered(7))).isTrue();
    assertThat(sequences.knows("b", new SequenceStep.Id.Numbered(7))).isFalse();
  }

  @Test
  void idleSequence_isForgotten() {
    ask(7, 1, "start");
    now.addAndGet(999_999_999);
    assertThat(sequences.sequences()).isEqualTo(1);
    now.addAndGet(1);
    assertThat(sequences.sequences()).isZero();
    assertUnknown(() -> ask(7, 1, ""));
  }

  @Test
  void tooManySequences_areRefusedUntilOneEndsOrIsIdle() {
    ask(1, 0, "start");
    ask(2, 0, "start");
    ask(3, 0, "start");
    assertThatThrownBy(() -> ask(4, 0, "start")).hasMessageContaining("as may: 3");
    ask(2, 0, "end");
    ask(4, 0, "start");
    now.addAndGet(Duration.ofSeconds(2).toNanos());
    ask(5, 0, "start");
  }

  @Test
  void failedStart_beginsNothing() {
    InferRequest wrong =
        new InferRequest(
            Map.of("x", Tensor.ofLongs(new long[1], 1, 1)),
            Set.of(),
            request("a", 7, 0, "start").options());
    assertThatThrownBy(() -> sequences.infer(wrong)).hasMessageContaining("INT64");
    assertUnknown(() -> ask(7, 1, ""));
    assertThat(sequences.sequences()).isZero();
  }

  @Test
  void requestWithoutASequence_isRefused() {
    assertThatThrownBy(() -> ask(0, 1, "start")).hasMessageContaining("keeps state");
  }

  @Test
  void policyThatDoesNotFit_isRefused() {
    SequencePolicy wrong =
        new SequencePolicy(
            Duration.ofSeconds(1),
            3,
            List.of(new SequencePolicy.State("before", "later")),
            SequencePolicy.Controls.NONE);
    assertThatThrownBy(() -> new SequenceInputs(wrong, engine.inputs(), engine.outputs()))
        .hasMessageContaining("output \"later\": the model has none");
  }

  @Test
  void manySequencesAtOnce_eachInItsOwnOrder() throws Exception {
    SequencePolicy wide = new SequencePolicy(LONGEST, 100, POLICY.state(), POLICY.controls());
    Sequences many = new Sequences(wide, io, batcher, new Sequences.Timing(LONGEST, now::get));
    List<Future<Boolean>> ends = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 1; i <= 50; i++) {
        long id = i;
        ends.add(callers.submit(() -> sums(many, id)));
      }
    }
    for (Future<Boolean> end : ends) {
      assertThat(end.get()).isTrue();
    }
    assertThat(many.sequences()).isZero();
    assertThat(engine.batches.size()).as("runs were shared").isLessThan(50 * 20);
  }

  private static boolean sums(Sequences many, long id) {
    Random random = new Random(id);
    float sum = 0;
    boolean right = true;
    for (int i = 0; i < 20; i++) {
      float value = random.nextInt(100);
      sum += value;
      String place = i == 0 ? "start" : i == 19 ? "end" : "";
      Tensor y = many.infer(request("a", id, value, place)).outputs().get("y");
      right &= y.toFloats()[0] == sum;
    }
    return right;
  }

  private static void assertUnknown(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServeError.UNKNOWN_SEQUENCE));
  }

  private Map<String, Tensor> outputs(InferRequest request) {
    return sequences.infer(request).outputs();
  }

  private float[] ask(long id, float value, String place) {
    return outputs(request("a", id, value, place)).get("y").toFloats();
  }

  private static InferRequest request(String caller, long id, float value, String place) {
    SequenceStep step =
        new SequenceStep(
            new SequenceStep.Id.Numbered(id), place.contains("start"), place.contains("end"));
    return new InferRequest(
        Map.of("x", Tensor.ofFloats(new float[] {value}, 1, 1)),
        Set.of(),
        RequestOptions.usual().withCaller(caller).withSequence(step));
  }
}
