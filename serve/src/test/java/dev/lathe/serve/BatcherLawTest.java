package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds for any mix of requests: each gets exactly its own answer or a reason of its own. */
@Timeout(60)
class BatcherLawTest {
  private static final float ADDEND = 0.25f;

  private record Asked(InferRequest request, float[] values, Cancellation handle, boolean poison) {}

  @Test
  void anyMixOfRequests_eachEndsWithItsOwnAnswerOrReason() throws Exception {
    for (long seed = 1; seed <= 12; seed++) {
      Random random = new Random(seed);
      Priorities priorities = new Priorities(3, 2, Duration.ofMillis(1 + random.nextInt(20)));
      Tuned<Duration> delay =
          random.nextBoolean() ? Tuned.auto() : Tuned.fixed(Duration.ofMillis(random.nextInt(3)));
      Tuned<Integer> instances =
          random.nextBoolean() ? Tuned.auto() : Tuned.fixed(1 + random.nextInt(3));
      BatchPolicy policy =
          new BatchPolicy(
              1 + random.nextInt(16), 400, delay, instances, 1, Duration.ofSeconds(20), priorities);
      FakeEngine engine = new FakeEngine(ADDEND);
      engine.pace(Duration.ofNanos(random.nextInt(500_000)));
      try (ComputePool pool = new ComputePool(1 + random.nextInt(3));
          Batcher batcher = new Batcher(engine, policy, pool, timing -> {});
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        ask(batcher, callers, random, seed);
        assertThat(batcher.waiting()).as("seed %d: left in line", seed).isZero();
      }
      engine.close();
    }
  }

  private static void ask(Batcher batcher, ExecutorService callers, Random random, long seed)
      throws Exception {
    List<Asked> all = new ArrayList<>();
    List<Future<String>> ends = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Asked asked = draw(random);
      all.add(asked);
      ends.add(callers.submit(() -> end(batcher, asked)));
      if (random.nextInt(4) == 0) {
        all.get(random.nextInt(all.size())).handle().cancel();
      }
      if (random.nextInt(20) == 0) {
        Thread.yield();
      }
    }
    for (int i = 0; i < ends.size(); i++) {
      Asked asked = all.get(i);
      assertThat(ends.get(i).get())
          .as("seed %d request %d", seed, i)
          .isIn(
              asked.poison() ? "BAD_INPUT" : "right",
              asked.handle().isCancelled() ? "ABANDONED" : "right",
              asked.request().options().timeout().isPositive() ? "DEADLINE_PASSED" : "right",
              asked.request().options().timeout().isPositive() ? "QUEUE_FULL" : "right");
      assertThat(asked.poison() && "right".equals(ends.get(i).get())).isFalse();
    }
  }

  private static Asked draw(Random random) {
    int rows = 1 + random.nextInt(4);
    int width = 1 + random.nextInt(3);
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(1000);
    }
    boolean poison = random.nextInt(12) == 0;
    if (poison) {
      values[random.nextInt(values.length)] = FakeEngine.POISON;
    }
    Cancellation handle = new Cancellation();
    Duration timeout =
        random.nextInt(8) == 0 ? Duration.ofMillis(1 + random.nextInt(10)) : Duration.ZERO;
    RequestOptions options =
        RequestOptions.usual()
            .withCaller("c" + random.nextInt(5))
            .withPriority(random.nextInt(5))
            .withCancellation(handle)
            .withTimeout(timeout);
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(values, rows, width));
    Set<String> outputs = random.nextBoolean() ? Set.of() : Set.of("y");
    return new Asked(new InferRequest(inputs, outputs, options), values, handle, poison);
  }

  /** What came of a request; "right" if its answer is that of the request alone. */
  private static String end(Batcher batcher, Asked asked) {
    try {
      Map<String, Tensor> outputs = batcher.infer(asked.request()).outputs();
      float[] expected = asked.values().clone();
      for (int i = 0; i < expected.length; i++) {
        expected[i] += ADDEND;
      }
      boolean right = Arrays.equals(outputs.get("y").toFloats(), expected);
      boolean shaped =
          Arrays.equals(outputs.get("y").dims(), asked.request().inputs().get("x").dims());
      boolean chosen = asked.request().outputs().isEmpty() == outputs.containsKey("z");
      return right && shaped && chosen ? "right" : "wrong: " + outputs;
    } catch (LatheException e) {
      return e.code().toString();
    }
  }
}
