package dev.lathe.serve;

import static dev.lathe.serve.Waiting.level;
import static dev.lathe.serve.Waiting.of;
import static dev.lathe.serve.Waiting.take;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {
  private static final long STEP = 1000;
  private static final Priorities THREE = new Priorities(3, 2, Duration.ofNanos(STEP));

  @Test
  void fullRoom_refusesTheNewcomerWhereNobodyHasMore() {
    WaitingRoom room = new WaitingRoom(2, THREE);
    room.offer(of("a", 1));
    room.offer(of("b", 1));
    Pending late = of("c", 1);
    assertThat(room.offer(late)).containsSame(late);
  }

  @Test
  void fullRoom_pushesOutTheFloodsNewest() {
    WaitingRoom room = new WaitingRoom(3, THREE);
    room.offer(of("flood", level(1), 0));
    room.offer(of("flood", level(1), 1));
    Pending newest = of("flood", level(1), 2);
    room.offer(newest);
    assertThat(room.offer(of("quiet", 1))).containsSame(newest);
    assertThat(room.size()).isEqualTo(3);
    Pending more = of("flood", level(1), 3);
    assertThat(room.offer(more)).containsSame(more);
  }

  @Test
  void callerWithMostOfTheRoom_isToldFromOneAloneAndFromMany() {
    WaitingRoom room = new WaitingRoom(4, THREE);
    for (int i = 0; i < 3; i++) {
      room.offer(of("flood", level(1), i));
    }
    assertThat(room.isCrowdedBy("flood")).as("alone").isFalse();
    room.offer(of("quiet", 1));
    assertThat(room.isCrowdedBy("flood")).isTrue();
    assertThat(room.isCrowdedBy("quiet")).isFalse();
    room.offer(of("late", 1));
    assertThat(room.isCrowdedBy("flood")).as("two of four").isFalse();
  }

  @Test
  void fullRoom_lessUrgentRequestGivesWay() {
    WaitingRoom room = new WaitingRoom(2, THREE);
    Pending patient = of("a", level(3), 0);
    room.offer(patient);
    room.offer(of("b", level(1), 0));
    assertThat(room.offer(of("c", level(2), 0))).containsSame(patient);
  }

  @Test
  void urgent_goesFirstAndOthersFillTheRun() {
    WaitingRoom room = new WaitingRoom(10, THREE);
    Pending patient = of("a", level(3), 0);
    Pending urgent = of("b", level(1), 1);
    Pending usual = of("c", level(2), 2);
    List.of(patient, urgent, usual).forEach(room::offer);
    assertThat(room.next(3)).containsSame(urgent);
    assertThat(take(room, 2, 3)).containsExactly(urgent, usual);
    assertThat(take(room, 2, 3)).containsExactly(patient);
  }

  @Test
  void wait_countsAsUrgency() {
    WaitingRoom room = new WaitingRoom(10, THREE);
    Pending old = of("a", level(3), 0);
    room.offer(old);
    room.offer(of("b", level(1), 2 * STEP - 1));
    assertThat(room.next(2 * STEP - 1).orElseThrow().level()).isEqualTo(1);
    room.offer(of("b", level(1), 2 * STEP + 1));
    take(room, 1, 2 * STEP);
    assertThat(room.next(2 * STEP + 1)).containsSame(old);
  }

  @Test
  void steadyUrgentLoad_starvesNobody() {
    WaitingRoom room = new WaitingRoom(10, THREE);
    Pending patient = of("a", level(3), 0);
    room.offer(patient);
    long now = 0;
    boolean served = false;
    while (!served) {
      now += STEP / 10;
      room.offer(of("b", level(1), now));
      served = take(room, 1, now).contains(patient);
      assertThat(now).isLessThan(3 * STEP);
    }
  }

  @Test
  void anyHistory_losesNothingAndJoinsOnlyWhatMayJoin() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int capacity = 1 + random.nextInt(12);
      WaitingRoom room = new WaitingRoom(capacity, THREE);
      Set<Pending> expected = new HashSet<>();
      for (int step = 0; step < 80; step++) {
        act(room, expected, random, step);
        assertThat(room.size()).as("seed %d", seed).isEqualTo(expected.size());
        assertThat(room.size()).as("seed %d", seed).isLessThanOrEqualTo(capacity);
        assertThat(room.rows().values().stream().mapToLong(rows -> rows).sum())
            .as("seed %d", seed)
            .isEqualTo(expected.stream().mapToLong(Pending::weight).sum());
      }
      assertThat(room.drain()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(room.size()).isZero();
      assertThat(room.rows()).isEmpty();
    }
  }

  private static void act(WaitingRoom room, Set<Pending> expected, Random random, int step) {
    long now = step * STEP / 7;
    switch (random.nextInt(5)) {
      case 0, 1, 2 -> {
        RowShape shape = new RowShape(new long[] {random.nextInt(3)});
        Pending arriving =
            of(
                "c" + random.nextInt(4),
                new Pending.Place(random.nextInt(5), shape, 1 + random.nextInt(3)),
                now);
        Optional<Pending> out = room.offer(arriving);
        expected.add(arriving);
        out.ifPresent(expected::remove);
      }
      case 3 -> {
        List<Pending> some = new ArrayList<>(expected);
        if (!some.isEmpty()) {
          Pending gone = some.get(random.nextInt(some.size()));
          room.remove(gone);
          room.remove(gone);
          expected.remove(gone);
        }
      }
      default -> {
        long most = 1 + random.nextInt(8);
        Optional<Pending> first = room.next(now);
        List<Pending> taken = take(room, most, now);
        assertThat(taken.isEmpty()).isEqualTo(expected.isEmpty());
        first.ifPresent(next -> assertThat(taken.getFirst()).isSameAs(next));
        assertThat(taken.stream().map(Pending::shape).distinct().count()).isLessThanOrEqualTo(1);
        long rows = taken.stream().mapToLong(Pending::rows).sum();
        assertThat(taken.size() <= 1 || rows <= most).isTrue();
        assertThat(expected.removeAll(taken)).isEqualTo(!taken.isEmpty());
      }
    }
  }
}
