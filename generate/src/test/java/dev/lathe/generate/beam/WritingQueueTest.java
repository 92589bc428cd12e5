package dev.lathe.generate.beam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.Caller;
import dev.lathe.generate.GenerateError;
import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.Sitting;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Orders share steps, come and go between them, and wait for their turn within bounds. */
@Timeout(60)
class WritingQueueTest {
  private static final int END = 1;
  private static final int BAD = 99;
  private static final WritingRules RULES =
      WritingRules.parse(
          Map.of(
              WritingRules.FILE,
              "{\"decoder_start_token_id\": 0, \"eos_token_id\": 1, \"max_length\": 50}"));

  /** A model of two lines: it writes as many 3s as a source says, a step for each permit. */
  private static final class Counting implements SourceScores {
    final Semaphore steps = new Semaphore(0);
    final List<List<Integer>> seen = Collections.synchronizedList(new ArrayList<>());
    final List<Integer> begun = Collections.synchronizedList(new ArrayList<>());
    private final int lines;

    Counting(int lines) {
      this.lines = lines;
    }

    @Override
    public JointScores joint() {
      return new JointScores() {
        private final Map<Integer, long[]> sources = new TreeMap<>();

        @Override
        public void begin(Map<Integer, long[]> more) {
          if (more.values().stream().anyMatch(source -> source[0] == BAD)) {
            throw new LatheException(GenerateError.BAD_REQUEST, "bad source");
          }
          more.values().forEach(source -> begun.add((int) source[0]));
          sources.putAll(more);
        }

        @Override
        public void end(int source) {
          sources.remove(source);
        }

        @Override
        public long bytes() {
          return sources.size();
        }

        @Override
        public Tensor after(List<Line> all) {
          steps.acquireUninterruptibly();
          seen.add(all.stream().map(line -> (int) sources.get(line.source())[0]).toList());
          float[] scores = new float[4 * all.size()];
          for (int i = 0; i < all.size(); i++) {
            long wanted = sources.get(all.get(i).source())[0];
            scores[4 * i + (all.get(i).tokens().length > wanted ? END : 3)] = 1;
          }
          return Tensor.ofFloats(scores, all.size(), 4);
        }
      };
    }

    @Override
    public int mostLines(int longest) {
      return lines;
    }

    @Override
    public int context() {
      return 50;
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private final Counting model = new Counting(2);
  private final WritingQueue queue = new WritingQueue(model, 1);

  private CompletableFuture<List<List<Hypothesis>>> ask(Sitting sitting, long... sources) {
    List<long[]> all = new ArrayList<>();
    for (long source : sources) {
      all.add(new long[] {source});
    }
    CompletableFuture<List<List<Hypothesis>>> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                answer.complete(queue.write(new WritingOrder(all, RULES, sitting)));
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    return answer;
  }

  private CompletableFuture<List<List<Hypothesis>>> ask(long... sources) {
    return ask(Sitting.USUAL, sources);
  }

  private static Sitting of(Caller caller) {
    return new Sitting(caller, () -> {}, _ -> {});
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(2_000_000);
    }
  }

  private void awaitWaiting(int orders) {
    await(() -> queue.waiting() == orders);
  }

  private static LatheException failure(CompletableFuture<?> answer) {
    try {
      answer.join();
      throw new AssertionError("no failure");
    } catch (CompletionException e) {
      return (LatheException) e.getCause();
    }
  }

  @Test
  void whoeverIsDone_makesRoomForTheNext() {
    AtomicLong held = new AtomicLong();
    AtomicLong most = new AtomicLong();
    queue.onResized(more -> most.accumulateAndGet(held.addAndGet(more), Math::max));
    CompletableFuture<?> first = ask(5);
    await(() -> model.begun.size() == 1);
    CompletableFuture<?> second = ask(2);
    awaitWaiting(1);
    CompletableFuture<?> third = ask(3);
    awaitWaiting(2);
    model.steps.release(30);
    CompletableFuture.allOf(first, second, third).join();
    assertThat(model.seen)
        .containsExactly(
            List.of(5),
            List.of(5, 2),
            List.of(5, 2),
            List.of(5, 2),
            List.of(5, 3),
            List.of(5, 3),
            List.of(3),
            List.of(3));
    await(() -> held.get() == 0);
    assertThat(most.get()).isEqualTo(2);
  }

  @Test
  void smallOrders_areNotHeldUpByLargeOnes() {
    CompletableFuture<?> large = ask(1, 2, 3, 4, 5, 6, 7, 8);
    await(() -> model.begun.size() == 2);
    CompletableFuture<List<List<Hypothesis>>> small = ask(20);
    awaitWaiting(2);
    model.steps.release(200);
    CompletableFuture.allOf(large, small).join();
    assertThat(model.begun.indexOf(20)).isEqualTo(2);
    assertThat(small.join().getFirst().getFirst().tokens()).hasSize(22);
  }

  @Test
  void urgentOrders_areBegunFirst_andTenantsTakeTurns() {
    CompletableFuture<?> running = ask(of(Caller.of("a")), 1, 1);
    await(() -> model.begun.size() == 2);
    List<CompletableFuture<?>> all = new ArrayList<>(List.of(running));
    all.add(ask(of(Caller.of("a").withPriority(9)), 11));
    awaitWaiting(1);
    all.add(ask(of(Caller.of("b")), 21));
    awaitWaiting(2);
    all.add(ask(of(Caller.of("b")), 22));
    awaitWaiting(3);
    all.add(ask(of(Caller.of("c")), 31));
    awaitWaiting(4);
    all.add(ask(of(Caller.of("a").withPriority(1)), 12));
    awaitWaiting(5);
    model.steps.release(500);
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    assertThat(model.begun).startsWith(1, 1, 12).endsWith(11);
    assertThat(model.begun.indexOf(31)).isLessThan(model.begun.indexOf(22));
  }

  @Test
  void whoGoesAway_isDroppedAtTheNextStep_andOthersGoOn() {
    AtomicBoolean gone = new AtomicBoolean();
    AtomicLong worked = new AtomicLong(-1);
    Runnable look =
        () -> {
          if (gone.get()) {
            throw new LatheException(GenerateError.ABANDONED, "gone");
          }
        };
    CompletableFuture<?> left = ask(new Sitting(Caller.USUAL, look, worked::set), 30);
    await(() -> model.begun.size() == 1);
    CompletableFuture<?> stays = ask(4);
    awaitWaiting(1);
    model.steps.release(2);
    await(() -> model.seen.size() == 2);
    gone.set(true);
    model.steps.release(20);
    assertThat(failure(left)).hasMessage("gone");
    stays.join();
    assertThat(model.seen.subList(1, 5)).contains(List.of(4));
    assertThat(model.seen).hasSizeLessThan(10);
    assertThat(worked.get()).isPositive();
  }

  @Test
  void whoWaitsTooLong_isToldWhenToComeBack_orThatTheTimeIsOver() {
    CompletableFuture<?> running = ask(1, 1);
    await(() -> model.begun.size() == 2);
    CompletableFuture<?> hasty = ask(of(Caller.USUAL.withTimeout(Duration.ofMillis(1))), 3);
    assertThat(failure(hasty).code()).isEqualTo(GenerateError.DEADLINE_PASSED);
    List<CompletableFuture<?>> all = new ArrayList<>(List.of(running));
    for (int i = 0; i < 256; i++) {
      all.add(ask(1));
    }
    awaitWaiting(256);
    LatheException full = failure(ask(1));
    assertThat(full.code()).isEqualTo(GenerateError.QUEUE_FULL);
    assertThat(full.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
    model.steps.release(2000);
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
  }

  @Test
  void sourceThatCannotBeRead_failsAlone() {
    CompletableFuture<?> running = ask(2, 2);
    await(() -> model.begun.size() == 2);
    CompletableFuture<?> bad = ask(BAD);
    awaitWaiting(1);
    CompletableFuture<?> good = ask(3);
    awaitWaiting(2);
    model.steps.release(50);
    CompletableFuture.allOf(running, good).join();
    assertThat(failure(bad)).hasMessage("bad source");
  }

  @Test
  void closing_failsWhatIsNotOver() throws InterruptedException {
    CompletableFuture<?> running = ask(40);
    await(() -> model.begun.size() == 1);
    CompletableFuture<?> later = ask(of(Caller.of("b")), 3, 3, 3);
    awaitWaiting(1);
    Thread closing = Thread.ofPlatform().start(queue::close);
    assertThat(failure(later).code()).isEqualTo(GenerateError.CLOSED);
    model.steps.release(2);
    closing.join();
    assertThat(failure(running).code()).isEqualTo(GenerateError.CLOSED);
    assertThat(failure(ask(1)).code()).isEqualTo(GenerateError.CLOSED);
  }
}
