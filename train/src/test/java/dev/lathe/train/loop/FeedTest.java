package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import dev.lathe.transform.TrainingGraphs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches that are read ahead are those that would be read anyway. */
@Timeout(60)
class FeedTest {
  private static final int SIZE = 1_000;

  /** Examples epoch·10⁶ + n, for n below a size; something may happen at one of them. */
  private record Counted(
      boolean isInMemory, int badAt, Runnable atBad, Set<Thread> readers, AtomicInteger opened)
      implements Part {
    Counted(boolean isInMemory, int badAt, Runnable atBad, Set<Thread> readers) {
      this(isInMemory, badAt, atBad, readers, new AtomicInteger());
    }

    static Counted ahead() {
      return new Counted(false, -1, () -> {}, ConcurrentHashMap.newKeySet());
    }

    static Counted failing(int at, Runnable how) {
      return new Counted(false, at, how, ConcurrentHashMap.newKeySet());
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public List<Column> columns() {
      return List.of(new Column(FEATURES, ElementType.FLOAT, List.of()));
    }

    @Override
    public Cursor inOrder() {
      return shuffled(0, 0);
    }

    @Override
    public Cursor shuffled(long seed, int epoch) {
      opened.incrementAndGet();
      return new Cursor() {
        private int at;

        @Override
        public boolean next(List<MemorySegment> columns, int place) {
          readers.add(Thread.currentThread());
          if (at == badAt) {
            atBad.run();
          }
          if (at == SIZE) {
            return false;
          }
          float value = epoch * 1e6f + at++;
          columns.getFirst().setAtIndex(ValueLayout.JAVA_FLOAT, place, value);
          return true;
        }

        @Override
        public void skip(long count) {
          at += (int) count;
        }

        @Override
        public void close() {}
      };
    }
  }

  private static List<Float> rest(Feed feed, int batches) {
    List<Float> seen = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      Batch batch = feed.take();
      for (int n = 0; n < batch.count(); n++) {
        seen.add((float) batch.column(Part.FEATURES).tensor().doubleAt(n));
      }
      feed.giveBack(batch);
    }
    return seen;
  }

  @Test
  void batchesReadAhead_areThoseOfTheCallersThread() {
    Counted held = new Counted(true, -1, () -> {}, ConcurrentHashMap.newKeySet());
    Counted ahead = Counted.ahead();
    try (Feed plain = new Feed(held, 7, false, 5);
        Feed reading = new Feed(ahead, 7, false, 5)) {
      for (int epoch = 0; epoch < 3; epoch++) {
        plain.begin(1, epoch, 0);
        reading.begin(1, epoch, 0);
        assertThat(rest(reading, 143)).hasSize(SIZE).isEqualTo(rest(plain, 143));
      }
    }
    assertThat(held.readers()).containsExactly(Thread.currentThread());
    assertThat(ahead.readers()).as("one for all epochs").hasSize(1);
    assertThat(ahead.readers()).doesNotContain(Thread.currentThread());
    assertThat(ahead.readers()).allMatch(thread -> !thread.isAlive());
  }

  @Test
  void nextEpoch_isReadWhileTheOneBeforeEnds_andNoneBeyondTheLast() throws Exception {
    CountDownLatch second = new CountDownLatch(2);
    AtomicInteger begun = new AtomicInteger();
    Runnable counting =
        () -> {
          begun.incrementAndGet();
          second.countDown();
        };
    Counted part = Counted.failing(0, counting);
    try (Feed feed = new Feed(part, 7, false, 2)) {
      feed.begin(1, 0, 0);
      rest(feed, 143);
      assertThat(second.await(30, TimeUnit.SECONDS)).as("read before it is begun").isTrue();
      feed.begin(1, 1, 0);
      assertThat(rest(feed, 143)).hasSize(SIZE).startsWith(1e6f, 1e6f + 1).endsWith(1e6f + 999);
      for (Thread reader : part.readers()) {
        reader.join(30_000);
        assertThat(reader.isAlive()).isFalse();
      }
      assertThat(begun).hasValue(2);
    }
  }

  @Test
  void epochThatIsNotTheNext_isReadAnew() {
    try (Feed feed = new Feed(Counted.ahead(), 7, false, 9)) {
      feed.begin(1, 0, 0);
      rest(feed, 143);
      feed.begin(1, 4, 2);
      assertThat(rest(feed, 141)).hasSize(SIZE - 14).startsWith(4e6f + 14);
      feed.begin(1, 5, 0);
      assertThat(rest(feed, 20)).startsWith(5e6f);
      feed.begin(1, 6, 0);
      assertThat(rest(feed, 1)).startsWith(6e6f);
    }
  }

  @Test
  void epochBegunInItsMiddle_isTheRestOfIt() {
    try (Feed feed = new Feed(Counted.ahead(), 7, false, 5)) {
      feed.begin(1, 2, 0);
      List<Float> all = rest(feed, 143);
      for (int batch : new int[] {1, 50, 142}) {
        feed.begin(1, 2, batch);
        assertThat(rest(feed, 143 - batch)).isEqualTo(all.subList(7 * batch, SIZE));
      }
    }
  }

  @Test
  void restOfTheLastBatch_isTheEpochsFirstExamples_whereverTheEpochWasBegun() {
    Counted held = new Counted(true, -1, () -> {}, ConcurrentHashMap.newKeySet());
    for (Counted part : List.of(held, Counted.ahead())) {
      try (Feed feed = new Feed(part, 64, true, 5)) {
        for (int from : new int[] {0, 14, 15}) {
          feed.begin(1, 2, from);
          rest(feed, 15 - from);
          Batch last = feed.take();
          float[] values = last.column(Part.FEATURES).tensor().toFloats();
          Tensor weights = last.inputs(List.of(Part.FEATURES)).get(TrainingGraphs.WEIGHTS).tensor();
          assertThat(last.count()).isEqualTo(40);
          for (int n = 0; n < 64; n++) {
            assertThat(values[n]).isEqualTo(2e6f + (n < 40 ? 960 + n : n - 40));
            assertThat(weights.doubleAt(n)).isEqualTo(n < 40 ? 1 : 0);
          }
          feed.giveBack(last);
        }
      }
    }
  }

  @Test
  void restOfTheLastBatch_isReadAgainOnlyWhereItDidNotPassBy() {
    Counted part = Counted.ahead();
    try (Feed feed = new Feed(part, 64, true, 3)) {
      feed.begin(1, 2, 0);
      rest(feed, 16);
      assertThat(part.opened()).as("from the beginning").hasValue(1);
      feed.begin(1, 2, 3);
      rest(feed, 13);
      assertThat(part.opened()).as("from the middle").hasValue(3);
    }
  }

  /** The share of an epoch that steps of 10 ms waited for data whose first example takes a time. */
  private static double waited(long firstNanos) {
    AtomicLong clock = new AtomicLong();
    Runnable slow = () -> clock.addAndGet(firstNanos);
    Counted source = new Counted(true, 0, slow, ConcurrentHashMap.newKeySet());
    Pace pace = new Pace(clock::get);
    try (Feed feed = new Feed(source, 10, false, 1)) {
      feed.begin(1, 0, 0);
      for (int step = 0; step < 100; step++) {
        Batch batch = pace.waiting(feed::take);
        clock.addAndGet(10_000_000);
        feed.giveBack(batch);
      }
    }
    return pace.dataWait();
  }

  @Test
  void slowSource_isToldAsTimeWaited_andAFastOneIsNot() {
    assertThat(waited(3_000_000_000L)).isCloseTo(0.75, within(1e-9));
    assertThat(waited(1_000_000)).isLessThan(0.002);
  }

  @Test
  void batchLargerThanItsPart_repeatsTheExamples() {
    try (Feed feed = new Feed(Counted.ahead(), 2 * SIZE + 3, true, 5)) {
      feed.begin(1, 0, 0);
      Batch batch = feed.take();
      float[] values = batch.column(Part.FEATURES).tensor().toFloats();
      assertThat(batch.count()).isEqualTo(SIZE);
      assertThat(values[2 * SIZE - 1]).isEqualTo(SIZE - 1);
      assertThat(values[2 * SIZE + 2]).isEqualTo(2);
    }
  }

  @Test
  void errorWhileReadingAhead_surfacesAfterTheBatchesBeforeIt() {
    Runnable bad =
        () -> {
          throw new LatheException(TrainError.BAD_DATA, "f.csv: line 71: column 2: \"x\"");
        };
    try (Feed feed = new Feed(Counted.failing(70, bad), 7, false, 5)) {
      feed.begin(1, 0, 0);
      assertThat(rest(feed, 10)).hasSize(70);
      assertThatThrownBy(feed::take)
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(TrainError.BAD_DATA))
          .hasMessage("f.csv: line 71: column 2: \"x\"");
    }
  }

  @Test
  void anythingElseThatFails_surfacesToo() {
    Runnable broken =
        () -> {
          throw new IndexOutOfBoundsException("broken");
        };
    try (Feed feed = new Feed(Counted.failing(0, broken), 7, false, 5)) {
      feed.begin(1, 0, 0);
      assertThatThrownBy(feed::take).hasRootCauseMessage("broken");
    }
  }

  @Test
  void fewerExamplesThanCounted_areTold() {
    try (Feed feed = new Feed(Counted.ahead(), 7, false, 5)) {
      feed.begin(1, 0, 0);
      rest(feed, 143);
      assertThatThrownBy(feed::take)
          .hasMessageContaining("fewer examples than the 1000 that were counted");
    }
  }

  @Test
  void closingWhileTheReaderWaits_ends() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Runnable waiting =
        () -> {
          reached.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LatheException(TrainError.CANCELLED, "interrupted", e);
          }
        };
    Feed feed = new Feed(Counted.failing(10, waiting), 7, false, 5);
    feed.begin(1, 0, 0);
    reached.await();
    feed.close();
    Counted full = Counted.ahead();
    Feed unread = new Feed(full, 7, false, 5);
    unread.begin(1, 0, 0);
    unread.take();
    unread.close();
    assertThat(full.readers()).allMatch(thread -> !thread.isAlive());
  }
}
