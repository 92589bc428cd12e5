package dev.lathe.serve;

import static dev.lathe.serve.Waiting.callers;
import static dev.lathe.serve.Waiting.of;
import static dev.lathe.serve.Waiting.shaped;
import static dev.lathe.serve.Waiting.take;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final FairQueue queue = new FairQueue();

  @Test
  void callers_takeTurns() {
    for (int i = 0; i < 5; i++) {
      queue.add(of("flood", 1));
    }
    queue.add(of("a", 1));
    queue.add(of("b", 1));
    assertThat(callers(take(queue, 3))).containsExactly("flood", "a", "b");
    assertThat(callers(take(queue, 9))).containsOnly("flood").hasSize(4);
    assertThat(queue.size()).isZero();
  }

  @Test
  void requestThatDoesNotFit_keepsItsTurn() {
    queue.add(of("a", 3));
    queue.add(of("b", 8));
    queue.add(of("c", 3));
    assertThat(callers(take(queue, 8))).containsExactly("a", "c");
    assertThat(callers(take(queue, 8))).containsExactly("b");
  }

  @Test
  void hugeRequest_runsAlone() {
    queue.add(of("a", 100));
    queue.add(of("b", 1));
    assertThat(take(queue, 8)).hasSize(1);
    assertThat(take(queue, 8)).hasSize(1);
  }

  @Test
  void mixedShapes_areRunByShape() {
    for (int i = 0; i < 12; i++) {
      queue.add(of("a", shaped(1, i % 3), i));
    }
    for (int run = 0; run < 3; run++) {
      List<Pending> taken = take(queue, 8);
      assertThat(taken).hasSize(4);
      assertThat(taken.stream().map(Pending::shape).distinct()).hasSize(1);
    }
    assertThat(queue.size()).isZero();
  }

  @Test
  void rareShape_isNotStarvedByACommonOne() {
    queue.add(of("rare", shaped(1, 7), 0));
    int runs = 0;
    boolean served = false;
    while (!served && runs < 10) {
      queue.add(of("rare", shaped(1, 1), 1 + runs));
      queue.add(of("common", shaped(1, 1), 1 + runs));
      served = take(queue, 8).stream().anyMatch(p -> p.shape().equals(shaped(1, 7).shape()));
      runs++;
    }
    assertThat(runs).isLessThanOrEqualTo(2);
  }

  @Test
  void newest_isTheOneThatArrivedLast() {
    queue.add(of("a", shaped(1, 1), 0));
    Pending last = of("a", shaped(1, 2), 5);
    queue.add(last);
    queue.add(of("a", shaped(1, 1), 3));
    assertThat(queue.newestOf("a")).containsSame(last);
    assertThat(queue.newestOf("b")).isEmpty();
  }

  @Test
  void emptyQueue_givesNothing() {
    assertThat(take(queue, 8)).isEmpty();
    assertThat(queue.next()).isEmpty();
  }
}
