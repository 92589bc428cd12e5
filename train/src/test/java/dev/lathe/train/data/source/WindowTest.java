package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Dice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
  private static final List<Column> COLUMNS =
      List.of(new Column("n", ElementType.INT64, List.of()));

  /** The numbers from 0; counts those that were read. */
  private static final class Counting implements Cursor {
    private final int size;
    private int at;
    private int read;

    Counting(int size) {
      this.size = size;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (at == size) {
        return false;
      }
      columns.getFirst().setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, place, at++);
      read++;
      return true;
    }

    @Override
    public void skip(long count) {
      at += (int) count;
    }

    @Override
    public void close() {
      at = size;
    }
  }

  private static Window window(Cursor stream, int size, int window, long seed) {
    return new Window(stream, COLUMNS, new WindowOrder(size, window, new Dice(seed)));
  }

  private static List<Long> rest(Window window) {
    List<Long> rest = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> into = List.of(arena.allocate(8, 8));
      while (window.next(into, 0)) {
        rest.add(into.getFirst().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
      }
    }
    window.close();
    return rest;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, 1_000, 5_000})
  void everyExample_comesOnce(int size) {
    List<Long> order = rest(window(new Counting(1_000), 1_000, size, 5));
    assertThat(order.stream().sorted())
        .containsExactlyElementsOf(IntStream.range(0, 1_000).mapToObj(i -> (long) i).toList());
    assertThat(order.equals(order.stream().sorted().toList())).isEqualTo(size == 1);
    for (int i = 0; i < order.size(); i++) {
      assertThat(order.get(i)).as("none comes before it entered").isLessThan(i + size);
    }
  }

  @Test
  void order_dependsOnTheSeed() {
    List<Long> order = rest(window(new Counting(1_000), 1_000, 64, 5));
    assertThat(rest(window(new Counting(1_000), 1_000, 64, 5))).isEqualTo(order);
    assertThat(rest(window(new Counting(1_000), 1_000, 64, 6))).isNotEqualTo(order);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 500, 935, 937, 999, 1_000, 2_000})
  void skipping_leavesTheRestAsItWas_andReadsLittle(int skipped) {
    List<Long> order = rest(window(new Counting(1_000), 1_000, 64, 5));
    Counting stream = new Counting(1_000);
    Window window = window(stream, 1_000, 64, 5);
    window.skip(skipped);
    int left = Math.max(0, 1_000 - skipped);
    assertThat(rest(window)).isEqualTo(order.subList(1_000 - left, 1_000));
    assertThat(stream.read).isEqualTo(left);
  }

  @Test
  void skippingInTheMiddle_isTheSameAsReading() {
    List<Long> order = rest(window(new Counting(300), 300, 50, 9));
    Window window = window(new Counting(300), 300, 50, 9);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> into = List.of(arena.allocate(8, 8));
      window.next(into, 0);
      window.skip(270);
    }
    assertThat(rest(window)).isEqualTo(order.subList(271, 300));
  }

  @Test
  void wholeWindow_isAFairShuffle() {
    int[] firsts = new int[6];
    for (int seed = 0; seed < 6_000; seed++) {
      firsts[rest(window(new Counting(6), 6, 6, seed)).getFirst().intValue()]++;
    }
    assertThat(IntStream.of(firsts)).allSatisfy(count -> assertThat(count).isBetween(880, 1_120));
  }
}
