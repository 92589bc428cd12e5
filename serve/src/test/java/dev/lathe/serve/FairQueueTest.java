package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  @Test
  void callers_takeTurns() {
    FairQueue queue = new FairQueue(100);
    for (int i = 0; i < 5; i++) {
      queue.offer(pending("flood", 1));
    }
    queue.offer(pending("a", 1));
    queue.offer(pending("b", 1));
    assertThat(callers(queue.take(3, (x, y) -> true))).containsExactly("flood", "a", "b");
    assertThat(callers(queue.take(9, (x, y) -> true))).containsOnly("flood").hasSize(4);
    assertThat(queue.size()).isZero();
  }

  @Test
  void fullQueue_refusesTheNewcomerWhereNobodyHasMore() {
    FairQueue queue = new FairQueue(2);
    queue.offer(pending("a", 1));
    queue.offer(pending("b", 1));
    Pending late = pending("c", 1);
    assertThat(queue.offer(late)).contains(late);
  }

  @Test
  void fullQueue_pushesOutTheFloodsNewest() {
    FairQueue queue = new FairQueue(3);
    queue.offer(pending("flood", 1));
    queue.offer(pending("flood", 1));
    Pending newest = pending("flood", 1);
    queue.offer(newest);
    assertThat(queue.offer(pending("quiet", 1))).contains(newest);
    assertThat(queue.size()).isEqualTo(3);
    Pending more = pending("flood", 1);
    assertThat(queue.offer(more)).contains(more);
  }

  @Test
  void requestThatDoesNotFit_keepsItsTurn() {
    FairQueue queue = new FairQueue(10);
    queue.offer(pending("a", 3));
    queue.offer(pending("b", 8));
    queue.offer(pending("c", 3));
    assertThat(callers(queue.take(8, (x, y) -> true))).containsExactly("a", "c");
    assertThat(callers(queue.take(8, (x, y) -> true))).containsExactly("b");
  }

  @Test
  void hugeRequest_runsAlone() {
    FairQueue queue = new FairQueue(10);
    queue.offer(pending("a", 100));
    queue.offer(pending("b", 1));
    assertThat(queue.take(8, (x, y) -> true)).hasSize(1);
    assertThat(queue.take(8, (x, y) -> true)).hasSize(1);
  }

  @Test
  void anyHistory_losesNothingAndKeepsEachCallersOrder() {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      FairQueue queue = new FairQueue(1 + random.nextInt(12));
      Map<String, List<Pending>> expected = new HashMap<>();
      for (int step = 0; step < 60; step++) {
        if (random.nextInt(3) > 0) {
          Pending arriving = pending("c" + random.nextInt(4), random.nextInt(5));
          expected
              .computeIfAbsent(arriving.request().caller(), c -> new ArrayList<>())
              .add(arriving);
          queue.offer(arriving).ifPresent(out -> forget(expected, out));
        } else {
          long most = 1 + random.nextInt(8);
          List<Pending> taken = queue.take(most, (x, y) -> (x.rows() & 1) == (y.rows() & 1));
          assertThat(taken.stream().mapToLong(Pending::rows).sum())
              .as("seed %d round %d", seed, round)
              .isLessThanOrEqualTo(Math.max(most, taken.isEmpty() ? 0 : taken.getFirst().rows()));
          for (Pending pending : taken) {
            List<Pending> line = expected.get(pending.request().caller());
            assertThat(line.removeFirst()).as("seed %d round %d", seed, round).isSameAs(pending);
          }
        }
        assertThat(queue.size())
            .as("seed %d round %d", seed, round)
            .isEqualTo(expected.values().stream().mapToInt(List::size).sum());
      }
    }
  }

  private static void forget(Map<String, List<Pending>> expected, Pending out) {
    expected.get(out.request().caller()).remove(out);
  }

  private static List<String> callers(List<Pending> taken) {
    return taken.stream().map(pending -> pending.request().caller()).toList();
  }

  private static Pending pending(String caller, long rows) {
    InferRequest request =
        new InferRequest(Map.of(), Set.of(), RequestOptions.usual().withCaller(caller));
    return new Pending(request, rows, 0, Long.MAX_VALUE);
  }

  @Test
  void emptyQueue_givesNothing() {
    FairQueue queue = new FairQueue(1);
    assertThat(queue.take(8, (x, y) -> true)).isEmpty();
    assertThat(queue.peek()).isEqualTo(Optional.empty());
  }
}
