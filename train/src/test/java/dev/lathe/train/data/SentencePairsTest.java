package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.data.SentencePairs.Pair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SentencePairsTest {
  private static final int LENGTH = 30;
  private static final int BATCH = 8;

  /** Pairs that are known by their first token. */
  private static List<Pair> pairs(int count) {
    SplittableRandom random = new SplittableRandom(6);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              int length = 1 + random.nextInt(20);
              int[] source = new int[length];
              int[] target = new int[Math.max(1, length + random.nextInt(-3, 4))];
              Arrays.fill(source, 7);
              Arrays.fill(target, 9);
              source[0] = 10 + i;
              return new Pair(source, target);
            })
        .toList();
  }

  private static SentencePairs part(List<Pair> pairs) {
    return new SentencePairs(ParallelText.NONE, pairs, BATCH, LENGTH);
  }

  /** What a batch holds: its shape, and its lines by column. */
  private record Seen(List<Column> shape, List<List<long[]>> lines) {
    long source() {
      return shape.get(0).dims().getFirst();
    }

    long target() {
      return shape.get(1).dims().getFirst();
    }

    List<Long> ids() {
      return lines.getFirst().stream().map(line -> line[0]).toList();
    }
  }

  private static List<Seen> read(Part part, Cursor cursor) {
    List<Seen> batches = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (boolean more = true; more; ) {
        List<Column> shape = cursor.shaped(part.columns(), BATCH);
        List<MemorySegment> segments =
            shape.stream().map(column -> arena.allocate(BATCH * column.bytes())).toList();
        int count = 0;
        while (count < BATCH && cursor.next(segments, count)) {
          count++;
        }
        more = count == BATCH;
        if (count > 0) {
          batches.add(new Seen(shape, lines(shape, segments, count)));
        }
      }
    }
    cursor.close();
    return batches;
  }

  private static List<List<long[]>> lines(
      List<Column> shape, List<MemorySegment> segments, int count) {
    List<List<long[]>> lines = new ArrayList<>();
    for (int c = 0; c < shape.size(); c++) {
      long bytes = shape.get(c).bytes();
      List<long[]> column = new ArrayList<>();
      for (int n = 0; n < count; n++) {
        column.add(segments.get(c).asSlice(n * bytes, bytes).toArray(ValueLayout.JAVA_LONG));
      }
      lines.add(column);
    }
    return lines;
  }

  @Test
  void anExample_hasStartEndAndPadding() {
    Pair pair = new Pair(new int[] {5, 6, 7, 8}, new int[] {9, 10});
    SentencePairs part = part(List.of(pair));
    Seen seen = read(part, part.inOrder()).getFirst();
    assertThat(seen.lines().get(0).getFirst()).containsExactly(5, 6, 7, 8, 2, 0, 0, 0);
    assertThat(seen.lines().get(1).getFirst()).containsExactly(1, 9, 10, 0);
    assertThat(seen.lines().get(2).getFirst()).containsExactly(9, 10, 2, -1);
  }

  @Test
  void anEpoch_hasEachExampleOnce_inBatchesOfLikeLengths() {
    SentencePairs part = part(pairs(203));
    List<Seen> epoch = read(part, part.shuffled(3, 0));
    assertThat(epoch).hasSize(26);
    assertThat(epoch.getLast().ids()).as("the batch that is not full is the last").hasSize(3);
    List<Long> ids = epoch.stream().flatMap(seen -> seen.ids().stream()).sorted().toList();
    assertThat(ids).isEqualTo(IntStream.range(10, 213).mapToObj(i -> (long) i).toList());
    long used = 0;
    long places = 0;
    for (Seen seen : epoch) {
      assertThat(seen.source() % SentencePairs.STEP + seen.target() % SentencePairs.STEP).isZero();
      places += seen.target() * seen.ids().size();
      used += seen.lines().get(2).stream().flatMapToLong(Arrays::stream).filter(t -> t > 0).count();
    }
    assertThat((double) used / places).as("part that is no padding").isGreaterThan(0.75);
  }

  @Test
  void anEpochsOrder_followsFromSeedAndEpoch_andIsTakenUpAnywhere() {
    SentencePairs part = part(pairs(203));
    List<List<Long>> epoch = ids(read(part, part.shuffled(3, 1)));
    assertThat(ids(read(part, part.shuffled(3, 1)))).isEqualTo(epoch);
    assertThat(ids(read(part, part.shuffled(3, 2)))).isNotEqualTo(epoch);
    assertThat(ids(read(part, part.shuffled(4, 1)))).isNotEqualTo(epoch);
    Cursor later = part.shuffled(3, 1);
    later.skip(5L * BATCH);
    assertThat(ids(read(part, later))).isEqualTo(epoch.subList(5, epoch.size()));
    List<Long> lengths =
        read(part, part.shuffled(3, 1)).stream().map(Seen::target).distinct().toList();
    assertThat(lengths).as("short and long ones take turns").isNotEqualTo(sorted(lengths));
  }

  private static List<Long> sorted(List<Long> numbers) {
    return numbers.stream().sorted().toList();
  }

  private static List<List<Long>> ids(List<Seen> batches) {
    return batches.stream().map(Seen::ids).toList();
  }
}
