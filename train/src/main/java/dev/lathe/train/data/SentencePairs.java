package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.train.text.SpecialTokens;
import dev.lathe.zoo.EncoderDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
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
  private final TokenLists lists;
  private final int[] byLength;
  private final int batch;
  private final int longest;

  /**
   * @param text what the pairs were, in the order of the files, if they are to be translated whole
   * @param lists of each pair the tokens of the source without an end, and those of the target
   *     without start and end; none longer than the length
   * @param batch examples of a step, which shall be of like lengths
   * @param length the most places of a sentence
   */
  SentencePairs(ParallelText text, TokenLists lists, int batch, int length) {
    this.text = text;
    this.lists = lists;
    this.batch = batch;
    this.longest = rounded(length);
    int[] inFile = IntStream.range(0, Math.toIntExact(lists.size() / 2)).toArray();
    this.byLength = Lengths.sorted(inFile, pair -> Math.max(source(pair), target(pair)), longest);
  }

  /** Tokens of a pair's source. */
  private int source(int pair) {
    return lists.length(2L * pair);
  }

  /** Tokens of a pair's target. */
  private int target(int pair) {
    return lists.length(2L * pair + 1);
  }

  private int sourcePlaces(int pair) {
    return rounded(source(pair) + 1);
  }

  private int targetPlaces(int pair) {
    return rounded(target(pair) + 1);
  }

  private static int rounded(int length) {
    return (length + STEP - 1) / STEP * STEP;
  }

  /**
   * The sentences before they became tokens, where a model's translations are measured.
   *
   * @return sources and targets in the order of the files; none of what is learned from
   */
  public ParallelText text() {
    return text;
  }

  @Override
  public int size() {
    return byLength.length;
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
    return new Pairs(byLength);
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    Dice dice = new Dice(seed, SHUFFLE, epoch);
    int[] shuffled = dice.permutation(size());
    for (int i = 0; i < shuffled.length; i++) {
      shuffled[i] = byLength[shuffled[i]];
    }
    int[] bySource = Lengths.sorted(shuffled, this::sourcePlaces, longest);
    int[] alike = Lengths.sorted(bySource, this::targetPlaces, longest);
    int full = size() / batch;
    int[] order = alike.clone();
    int[] places = dice.permutation(full);
    for (int i = 0; i < full; i++) {
      System.arraycopy(alike, places[i] * batch, order, i * batch, batch);
    }
    return new Pairs(order);
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
      int[] next = Arrays.copyOfRange(order, at, Math.min(order.length, at + count));
      shape =
          columns(
              IntStream.of(next).map(pair -> sourcePlaces(pair)).max().orElse(STEP),
              IntStream.of(next).map(pair -> targetPlaces(pair)).max().orElse(STEP));
      return shape;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (at == order.length) {
        return false;
      }
      int pair = order[at++];
      int[] target = lists.at(2L * pair + 1);
      write(line(columns, 0, place), lists.at(2L * pair), SpecialTokens.END, SpecialTokens.PAD);
      MemorySegment previous = line(columns, 1, place);
      previous.set(LONG, 0, SpecialTokens.START);
      write(previous.asSlice(Long.BYTES), target, SpecialTokens.PAD, SpecialTokens.PAD);
      write(line(columns, 2, place), target, SpecialTokens.END, NO_TOKEN);
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
