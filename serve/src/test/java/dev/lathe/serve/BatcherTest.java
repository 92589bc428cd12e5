package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatcherTest {
  private final ComputePool pool = new ComputePool(1);
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    callers.shutdownNow();
    pool.close();
  }

  @Test
  void loneRequest_isAnswered() {
    try (Batcher batcher = batcher(new FakeEngine(1), 8, 10)) {
      InferResponse response = batcher.infer(request("a", 1, 2, 3));
      assertThat(response.outputs().get("y").toFloats()).containsExactly(2, 3, 4);
      assertThat(response.timing().requests()).isEqualTo(1);
    }
  }

  @Test
  void requestsThatWait_shareARunAndGetTheirOwnRows() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 8, 10)) {
      Future<InferResponse> first = callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      List<Future<InferResponse>> others = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        float value = i;
        others.add(callers.submit(() -> batcher.infer(request("a", value))));
        awaitWaiting(batcher, i);
      }
      gate.release(2);
      assertThat(first.get().outputs().get("y").toFloats()).containsExactly(1);
      for (int i = 1; i <= 4; i++) {
        InferResponse answer = others.get(i - 1).get();
        assertThat(answer.outputs().get("y").toFloats()).containsExactly(i + 1);
        assertThat(answer.outputs().get("y").dims()).containsExactly(1, 1);
        assertThat(answer.timing().requests()).isEqualTo(4);
      }
      assertThat(engine.batches).containsExactly(1L, 4L);
    }
  }

  @Test
  void outputsAskedFor_areTheOnesGivenAlsoInASharedRun() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 8, 10)) {
      Future<InferResponse> first = callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      Future<InferResponse> some = callers.submit(() -> batcher.infer(wanting(Set.of("y"))));
      awaitWaiting(batcher, 1);
      Future<InferResponse> all = callers.submit(() -> batcher.infer(wanting(Set.of())));
      awaitWaiting(batcher, 2);
      gate.release(2);
      first.get();
      assertThat(some.get().outputs()).containsOnlyKeys("y");
      assertThat(all.get().outputs()).containsOnlyKeys("y", "z");
      assertThat(engine.batches).containsExactly(1L, 2L);
    }
  }

  @Test
  void otherShapes_doNotShareARun() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 8, 10)) {
      callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      Future<InferResponse> narrow = callers.submit(() -> batcher.infer(request("a", 1)));
      awaitWaiting(batcher, 1);
      Future<InferResponse> wide = callers.submit(() -> batcher.infer(request("b", 1, 2)));
      awaitWaiting(batcher, 2);
      gate.release(3);
      assertThat(narrow.get().timing().requests()).isEqualTo(1);
      assertThat(wide.get().outputs().get("y").toFloats()).containsExactly(2, 3);
    }
  }

  @Test
  void poison_failsItsOwnRequestOnly() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 8, 10)) {
      callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      Future<InferResponse> good = callers.submit(() -> batcher.infer(request("a", 5)));
      awaitWaiting(batcher, 1);
      Future<InferResponse> bad =
          callers.submit(() -> batcher.infer(request("b", FakeEngine.POISON)));
      awaitWaiting(batcher, 2);
      gate.release(10);
      assertThat(good.get().outputs().get("y").toFloats()).containsExactly(6);
      assertThat(failure(bad).code()).isEqualTo(ServeError.BAD_INPUT);
    }
  }

  @Test
  void fullQueue_refusesAtOnce() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 1, 2)) {
      callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      callers.submit(() -> batcher.infer(request("a", 1)));
      callers.submit(() -> batcher.infer(request("a", 2)));
      awaitWaiting(batcher, 2);
      assertThatThrownBy(() -> batcher.infer(request("a", 3)))
          .asInstanceOf(InstanceOfAssertFactories.type(LatheException.class))
          .extracting(LatheException::code)
          .isEqualTo(ServeError.QUEUE_FULL);
      gate.release(10);
    }
  }

  @Test
  void deadline_endsAWaitingRequestAndOneThatRuns() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 1, 10)) {
      Future<InferResponse> running = callers.submit(() -> batcher.infer(hurried(50)));
      engine.entered.await();
      Future<InferResponse> waiting = callers.submit(() -> batcher.infer(hurried(30)));
      assertThat(failure(waiting).code()).isEqualTo(ServeError.DEADLINE_PASSED);
      assertThat(failure(running).code()).isEqualTo(ServeError.DEADLINE_PASSED);
      assertThat(batcher.waiting()).isZero();
      while (engine.stopped.get() == 0) {
        Thread.onSpinWait();
      }
      gate.release(10);
      assertThat(batcher.infer(request("a", 1)).outputs().get("y").toFloats()).containsExactly(2);
      assertThat(engine.batches).as("the expired run and request did not compute").hasSize(1);
    }
  }

  @Test
  void caller_thatIsInterruptedLeavesTheLine() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 1, 10)) {
      callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      Future<InferResponse> waiting = callers.submit(() -> batcher.infer(request("a", 1)));
      awaitWaiting(batcher, 1);
      waiting.cancel(true);
      awaitWaiting(batcher, 0);
      gate.release(10);
    }
    assertThat(engine.batches).hasSize(1);
  }

  @Test
  void cancelledRequest_endsWhereverItIs() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 1, 10)) {
      Cancellation handle = new Cancellation();
      Future<InferResponse> running = callers.submit(() -> batcher.infer(given(handle)));
      engine.entered.await();
      Future<InferResponse> waiting = callers.submit(() -> batcher.infer(given(handle)));
      awaitWaiting(batcher, 1);
      handle.cancel();
      assertThat(failure(running).code()).isEqualTo(ServeError.ABANDONED);
      assertThat(failure(waiting).code()).isEqualTo(ServeError.ABANDONED);
      assertThatThrownBy(() -> batcher.infer(given(handle))).hasMessageContaining("gave");
      while (engine.stopped.get() == 0) {
        Thread.onSpinWait();
      }
      gate.release(10);
      assertThat(batcher.infer(request("a", 1)).outputs()).containsKey("y");
      assertThat(engine.batches).hasSize(1);
    }
  }

  @Test
  void runWithOneRequestLeft_isNotStopped() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 8, 10)) {
      callers.submit(() -> batcher.infer(request("a", 0)));
      engine.entered.await();
      Cancellation handle = new Cancellation();
      Future<InferResponse> gone = callers.submit(() -> batcher.infer(given(handle)));
      awaitWaiting(batcher, 1);
      Future<InferResponse> stays = callers.submit(() -> batcher.infer(request("b", 4)));
      awaitWaiting(batcher, 2);
      gate.release(1);
      awaitWaiting(batcher, 0);
      handle.cancel();
      assertThat(failure(gone).code()).isEqualTo(ServeError.ABANDONED);
      gate.release(1);
      assertThat(stays.get().outputs().get("y").toFloats()).containsExactly(5);
      assertThat(engine.stopped).hasValue(0);
    }
  }

  @Test
  void deadlineThatTheLineCannotMeet_isRefusedAtOnce() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    try (Batcher batcher = batcher(engine, 1, 100)) {
      engine.pace(Duration.ofMillis(20));
      batcher.infer(request("a", 0));
      Semaphore gate = engine.hold();
      List<Future<InferResponse>> line = new ArrayList<>();
      for (int i = 0; i < 11; i++) {
        line.add(callers.submit(() -> batcher.infer(request("a", 1))));
      }
      awaitWaiting(batcher, 10);
      assertThatThrownBy(() -> batcher.infer(hurried(100)))
          .isInstanceOfSatisfying(
              LatheException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ServeError.QUEUE_FULL);
                assertThat(e.retryAfter()).isBetween(Duration.ofMillis(150), Duration.ofSeconds(5));
              });
      gate.release(100);
      for (Future<InferResponse> one : line) {
        assertThat(one.get().outputs()).containsKey("y");
      }
    }
  }

  @Test
  void wrongInputs_areNamedWithFoundAndExpected() {
    FakeEngine engine = new FakeEngine(1, Shape.batchOf(3));
    try (Batcher batcher = batcher(engine, 8, 10)) {
      assertBad(batcher, Map.of(), "input \"x\": missing");
      assertBad(
          batcher,
          Map.of("x", Tensor.ofFloats(new float[4], 2, 2)),
          "input \"x\": shape [2, 2] (expected: [-1, 3])");
      assertBad(
          batcher,
          Map.of("x", Tensor.ofLongs(new long[3], 1, 3)),
          "input \"x\": type INT64 (expected: FLOAT)");
      Tensor x = Tensor.ofFloats(new float[3], 1, 3);
      assertBad(batcher, Map.of("x", x, "w", x), "input \"w\": the model has none of that name");
    }
  }

  @Test
  void modelWithoutBatchAxis_runsEachRequestAlone() throws Exception {
    FakeEngine engine = new FakeEngine(1, Shape.of(1, 2));
    Semaphore gate = engine.hold();
    try (Batcher batcher = batcher(engine, 8, 10)) {
      callers.submit(() -> batcher.infer(request("a", 0, 0)));
      engine.entered.await();
      Future<InferResponse> one = callers.submit(() -> batcher.infer(request("a", 1, 1)));
      Future<InferResponse> two = callers.submit(() -> batcher.infer(request("a", 2, 2)));
      awaitWaiting(batcher, 2);
      gate.release(10);
      assertThat(one.get().timing().requests()).isEqualTo(1);
      assertThat(two.get().timing().requests()).isEqualTo(1);
    }
  }

  @Test
  void manyCallers_allGetTheirOwnAnswers() throws Exception {
    long seed = 11;
    Random random = new Random(seed);
    FakeEngine engine = new FakeEngine(0.5f);
    try (Batcher batcher = batcher(engine, 16, 1000)) {
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        int rows = 1 + random.nextInt(20);
        float[] values = new float[rows * 2];
        for (int j = 0; j < values.length; j++) {
          values[j] = random.nextInt(1000);
        }
        String caller = "c" + random.nextInt(7);
        calls.add(() -> isRight(batcher, caller, values));
      }
      for (Future<Boolean> call : callers.invokeAll(calls)) {
        assertThat(call.get()).as("seed %d", seed).isTrue();
      }
      assertThat(engine.batches.stream().mapToLong(rows -> rows).max().orElseThrow())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(20);
    }
  }

  @Test
  void close_failsWhatWaitsAndLetsTheRunEnd() throws Exception {
    FakeEngine engine = new FakeEngine(1);
    Semaphore gate = engine.hold();
    Batcher batcher = batcher(engine, 1, 10);
    Future<InferResponse> running = callers.submit(() -> batcher.infer(request("a", 0)));
    engine.entered.await();
    Future<InferResponse> waiting = callers.submit(() -> batcher.infer(request("a", 1)));
    awaitWaiting(batcher, 1);
    Future<?> closing = callers.submit(batcher::close);
    awaitWaiting(batcher, 0);
    gate.release(10);
    closing.get();
    assertThat(running.get().outputs()).containsKey("y");
    assertThat(failure(waiting).code()).isEqualTo(ServeError.CLOSED);
    assertThatThrownBy(() -> batcher.infer(request("a", 1))).isInstanceOf(LatheException.class);
  }

  private static boolean isRight(Batcher batcher, String caller, float[] values) {
    Tensor x = Tensor.ofFloats(values, values.length / 2, 2);
    float[] sums =
        batcher
            .infer(new InferRequest(Map.of("x", x), Set.of(), by(caller)))
            .outputs()
            .get("y")
            .toFloats();
    for (int i = 0; i < values.length; i++) {
      if (sums[i] != values[i] + 0.5f) {
        return false;
      }
    }
    return sums.length == values.length;
  }

  private static void assertBad(Batcher batcher, Map<String, Tensor> inputs, String message) {
    assertThatThrownBy(() -> batcher.infer(InferRequest.of(inputs)))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith(message);
  }

  private static LatheException failure(Future<InferResponse> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      return (LatheException) e.getCause();
    }
    throw new AssertionError("no failure");
  }

  private static void awaitWaiting(Batcher batcher, int count) {
    while (batcher.waiting() != count) {
      Thread.onSpinWait();
    }
  }

  private static RequestOptions by(String caller) {
    return RequestOptions.usual().withCaller(caller);
  }

  private static InferRequest request(String caller, float... values) {
    return new InferRequest(
        Map.of("x", Tensor.ofFloats(values, 1, values.length)), Set.of(), by(caller));
  }

  private static InferRequest given(Cancellation handle) {
    return new InferRequest(
        Map.of("x", Tensor.ofFloats(new float[1], 1, 1)),
        Set.of(),
        by("a").withCancellation(handle));
  }

  private static InferRequest wanting(Set<String> outputs) {
    return new InferRequest(Map.of("x", Tensor.ofFloats(new float[1], 1, 1)), outputs, by("a"));
  }

  private static InferRequest hurried(long millis) {
    return new InferRequest(
        Map.of("x", Tensor.ofFloats(new float[1], 1, 1)),
        Set.of(),
        by("a").withTimeout(Duration.ofMillis(millis)));
  }

  private Batcher batcher(FakeEngine engine, int rows, int queue) {
    BatchPolicy policy =
        new BatchPolicy(
            rows,
            queue,
            Tuned.fixed(Duration.ZERO),
            Tuned.fixed(1),
            1,
            Duration.ofSeconds(20),
            Priorities.defaults());
    return new Batcher(engine, policy, pool, timing -> {});
  }
}
