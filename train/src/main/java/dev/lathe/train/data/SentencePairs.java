package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.train.text.SpecialTokens;
import dev.lathe.zoo.EncoderDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sentences and their translations. A batch is as long as its longest sentence needs, rounded up to
 * a multiple of {@link #STEP}, so that few shapes serve all; sentences of like lengths stand
 * together, in random order among each other, and the batches of an epoch come in random order.
 *
 * <p>Of an example, {@link #FEATURES} is the source with an end, {@link EncoderDecoder#PREVIOUS}
 * the target after a start, and {@link #TARGET} the target with an end. What fills the rest of a
 * line is padding, and -1 in the target, which does not count.
 */
public final class SentencePairs implements Part {
  /** What lengths are multiples of. */
  static final int STEP = 4;

  private static final long SHUFFLE = 5;
  private static final long NO_TOKEN = -1;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ParallelText text;
  private final List<Pair> pairs;
  private final int batch;
  private final int longest;

  /**
   * A sentence and its translation.
   *
   * @param source tokens without an end
   * @param target tokens without start and end
   */
  record Pair(int[] source, int[] target) {
    /** Places that the longer of the two needs. */
    int length() {
      return Math.max(source.length, target.length) + 1;
    }

    private int sourceLength() {
      return rounded(source.length + 1);
    }

    private int targetLength() {
      return rounded(target.length + 1);
    }
  }

  /**
   * @param text what the pairs were, in the order of the files
   * @param pairs all pairs, none longer than the length
   * @param batch examples of a step, which shall be of like lengths
   * @param length the most places of a sentence
   */
  SentencePairs(ParallelText text, List<Pair> pairs, int batch, int length) {
    this.text = text;
    this.pairs = pairs.stream().sorted(Comparator.comparingInt(Pair::length)).toList();
    this.batch = batch;
    this.longest = rounded(length);
  }

  private static int rounded(int length) {
    return (length + STEP - 1) / STEP * STEP;
  }

  /**
   * The sentences before they became tokens.
   *
   * @return sources and targets in the order of the files, those that were left out among them
   */
  public ParallelText text() {
    return text;
  }

  @Override
  public int size() {
    return pairs.size();
  }

  @Override
  public List<Column> columns() {
    return columns(longest, longest);
  }

  private static List<Column> columns(int source, int target) {
    List<Long> targets = List.of((long) target);
    return List.of(
        new Column(FEATURES, ElementType.INT64, List.of((long) source)),
        new Column(EncoderDecoder.PREVIOUS, ElementType.INT64, targets),
        new Column(TARGET, ElementType.INT64, targets));
  }

  /** The shortest first. */
  @Override
  public Cursor inOrder() {
    return new Pairs(IntStream.range(0, pairs.size()).toArray());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    Dice dice = new Dice(seed, SHUFFLE, epoch);
    List<Integer> alike = new ArrayList<>(Arrays.stream(dice.permutation(size())).boxed().toList());
    alike.sort(
        Comparator.<Integer>comparingInt(i -> pairs.get(i).targetLength())
            .thenComparingInt(i -> pairs.get(i).sourceLength()));
    int full = size() / batch;
    List<Integer> order = new ArrayList<>(size());
    for (int place : dice.permutation(full)) {
      order.addAll(alike.subList(place * batch, (place + 1) * batch));
    }
    order.addAll(alike.subList(full * batch, size()));
    return new Pairs(order.stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  public boolean isInMemory() {
    return true;
  }

  private final class Pairs implements Cursor {
    private final int[] order;
    private int at;
    private List<Column> shape = columns();

    Pairs(int[] order) {
      this.order = order;
    }

    @Override
    public List<Column> shaped(List<Column> largest, int count) {
      List<Pair> next =
          IntStream.range(at, Math.min(order.length, at + count))
              .mapToObj(i -> pairs.get(order[i]))
              .toList();
      shape =
          columns(
              next.stream().mapToInt(Pair::sourceLength).max().orElse(STEP),
              next.stream().mapToInt(Pair::targetLength).max().orElse(STEP));
      return shape;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (at == order.length) {
        return false;
      }
      Pair pair = pairs.get(order[at++]);
      write(line(columns, 0, place), pair.source(), SpecialTokens.END, SpecialTokens.PAD);
      MemorySegment previous = line(columns, 1, place);
      previous.set(LONG, 0, SpecialTokens.START);
      write(previous.asSlice(Long.BYTES), pair.target(), SpecialTokens.PAD, SpecialTokens.PAD);
      write(line(columns, 2, place), pair.target(), SpecialTokens.END, NO_TOKEN);
      return true;
    }

    private MemorySegment line(List<MemorySegment> columns, int column, int place) {
      long bytes = shape.get(column).bytes();
      return columns.get(column).asSlice(place * bytes, bytes);
    }

    /** Writes tokens, what ends them, and what fills the rest. */
    private static void write(MemorySegment line, int[] tokens, long end, long rest) {
      long places = line.byteSize() / Long.BYTES;
      for (int i = 0; i < places; i++) {
        long token = i < tokens.length ? tokens[i] : i == tokens.length ? end : rest;
        line.setAtIndex(LONG, i, token);
      }
    }

    @Override
    public void skip(long count) {
      at = (int) Math.min(order.length, at + count);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
