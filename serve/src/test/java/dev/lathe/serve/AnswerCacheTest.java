package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class AnswerCacheTest {
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger hits = new AtomicInteger();
  private final AtomicInteger misses = new AtomicInteger();
  private final AnswerCache.Heard heard =
      new AnswerCache.Heard() {
        @Override
        public void hit(long looked, long nanos) {
          hits.incrementAndGet();
        }

        @Override
        public void missed(long nanos) {
          misses.incrementAndGet();
        }
      };
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    callers.shutdownNow();
  }

  @Test
  void equalRequests_runOnce() {
    AnswerCache cache = cache(this::echo, 1 << 20);
    assertThat(ask(cache, 1, 2)).containsExactly(1, 2);
    assertThat(ask(cache, 1, 2)).containsExactly(1, 2);
    assertThat(ask(cache, 1, 3)).containsExactly(1, 3);
    assertThat(runs).hasValue(2);
    assertThat(hits).hasValue(1);
    assertThat(misses).hasValue(2);
  }

  @Test
  void whatDiffers_isAnotherQuestion() {
    Tensor a = Tensor.ofFloats(new float[] {1, 2}, 1, 2);
    InferRequest asked = InferRequest.of(Map.of("x", a));
    List<InferRequest> others =
        List.of(
            new InferRequest(asked.inputs(), Set.of("x"), asked.options()),
            InferRequest.of(Map.of("y", a)),
            InferRequest.of(Map.of("x", Tensor.ofFloats(new float[] {1, 2}, 2, 1))),
            InferRequest.of(Map.of("x", Tensor.ofFloats(new float[] {1, 2.5f}, 1, 2))),
            InferRequest.of(Map.of("x", Tensor.of(ElementType.INT32, a.dims(), a.data()))),
            InferRequest.of(Map.of("x", Tensor.ofStrings(List.of("a", "b"), 2))),
            InferRequest.of(Map.of("x", Tensor.ofStrings(List.of("ab", ""), 2))),
            InferRequest.of(
                Map.of(
                    "x",
                    ByteStrings.tensor(List.of(Bytes.of(new byte[] {-1}), Bytes.utf8("")), 2))));
    List<ContentKey> keys = new ArrayList<>();
    keys.add(ContentKey.of(asked));
    others.forEach(other -> keys.add(ContentKey.of(other)));
    assertThat(keys).doesNotHaveDuplicates();
    InferRequest same =
        new InferRequest(
            Map.of("x", Tensor.ofFloats(new float[] {1, 2}, 1, 2)),
            Set.of(),
            RequestOptions.usual().withCaller("another").withPriority(1));
    assertThat(ContentKey.of(same)).isEqualTo(keys.getFirst());
  }

  @Test
  void fullCache_forgetsWhatWasUsedLongestAgo() {
    AnswerCache cache = cache(this::echo, 3 * (512 + 8));
    for (int i = 0; i < 3; i++) {
      ask(cache, i, 0);
    }
    ask(cache, 0, 0);
    ask(cache, 3, 0);
    assertThat(runs).hasValue(4);
    ask(cache, 0, 0);
    ask(cache, 2, 0);
    assertThat(runs).hasValue(4);
    ask(cache, 1, 0);
    assertThat(runs).hasValue(5);
    assertThat(cache.bytes()).isLessThanOrEqualTo(3 * (512 + 8));
  }

  @Test
  void answerLargerThanTheCache_isNotKept() {
    AnswerCache cache = cache(this::echo, 100);
    ask(cache, 1);
    ask(cache, 1);
    assertThat(runs).hasValue(2);
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void equalRequestsAtOnce_shareOneRun() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AnswerCache cache = cache(request -> awaitThenEcho(gate, request), 1 << 20);
    List<Future<float[]>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      asked.add(callers.submit(() -> ask(cache, 5, 6)));
    }
    while (runs.get() == 0) {
      Thread.onSpinWait();
    }
    gate.countDown();
    for (Future<float[]> one : asked) {
      assertThat(one.get()).containsExactly(5, 6);
    }
    assertThat(runs).hasValue(1);
    assertThat(hits).hasValue(19);
  }

  @ParameterizedTest
  @EnumSource(names = {"ABANDONED", "DEADLINE_PASSED", "QUEUE_FULL"})
  void runnerThatGivesUpOrIsRefused_leavesTheRunToAnother(ServeError why) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    AnswerCache cache =
        cache(
            request -> {
              if (calls.incrementAndGet() == 1) {
                awaitThenEcho(gate, request);
                throw new LatheException(why, "gone");
              }
              return echo(request);
            },
            1 << 20);
    Future<float[]> first = callers.submit(() -> ask(cache, 1));
    while (runs.get() == 0) {
      Thread.onSpinWait();
    }
    Future<float[]> second = callers.submit(() -> ask(cache, 1));
    gate.countDown();
    assertThat(second.get()).containsExactly(1);
    assertThatThrownBy(first::get).isInstanceOf(ExecutionException.class);
  }

  @Test
  void failure_isNotKept() {
    AtomicInteger calls = new AtomicInteger();
    AnswerCache cache =
        cache(
            request -> {
              if (calls.incrementAndGet() == 1) {
                throw new LatheException(ServeError.RUN_FAILED, "once");
              }
              return echo(request);
            },
            1 << 20);
    assertThatThrownBy(() -> ask(cache, 1)).hasMessage("once");
    assertThat(ask(cache, 1)).containsExactly(1);
  }

  @Test
  void whoWaitsForAnothersRun_hasADeadlineAndMayGiveUp() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AnswerCache cache = cache(request -> awaitThenEcho(gate, request), 1 << 20);
    Future<float[]> first = callers.submit(() -> ask(cache, 1));
    while (runs.get() == 0) {
      Thread.onSpinWait();
    }
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[] {1}, 1, 1));
    RequestOptions hurried = RequestOptions.usual().withTimeout(Duration.ofMillis(5));
    assertThatThrownBy(() -> cache.infer(new InferRequest(inputs, Set.of(), hurried)))
        .hasMessageContaining("no answer within 5.0 ms");
    Cancellation handle = new Cancellation();
    handle.cancel();
    RequestOptions gone = RequestOptions.usual().withCancellation(handle);
    assertThatThrownBy(() -> cache.infer(new InferRequest(inputs, Set.of(), gone)))
        .hasMessageContaining("gave the request up");
    gate.countDown();
    assertThat(first.get()).containsExactly(1);
  }

  private InferResponse echo(InferRequest request) {
    runs.incrementAndGet();
    return new InferResponse(request.inputs(), new InferResponse.Timing(1, 1, 1, 1, 1, 1));
  }

  private InferResponse awaitThenEcho(CountDownLatch gate, InferRequest request) {
    InferResponse response = echo(request);
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return response;
  }

  private AnswerCache cache(Function<InferRequest, InferResponse> behind, long bytes) {
    return new AnswerCache(new Behind(behind), heard, bytes, Duration.ofSeconds(20));
  }

  private static float[] ask(AnswerCache cache, float... values) {
    Tensor x = Tensor.ofFloats(values, 1, values.length);
    return cache.infer(InferRequest.of(Map.of("x", x))).outputs().get("x").toFloats();
  }

  private record Behind(Function<InferRequest, InferResponse> answer) implements Responder {
    @Override
    public List<ValueInfo> inputs() {
      return List.of();
    }

    @Override
    public List<ValueInfo> outputs() {
      return List.of();
    }

    @Override
    public InferResponse infer(InferRequest request) {
      return answer.apply(request);
    }

    @Override
    public boolean joinable() {
      return false;
    }

    @Override
    public BatchPolicy policy() {
      return BatchPolicy.defaults();
    }

    @Override
    public int waiting() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
