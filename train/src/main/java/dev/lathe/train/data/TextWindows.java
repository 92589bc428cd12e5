package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Windows of T tokens over a text; the target of each token is the one after it. In order the
 * windows lie side by side; shuffled, an epoch's windows begin at an offset of its own below T, so
 * that borders fall elsewhere in every epoch.
 */
final class TextWindows implements Part {
  private static final long SHUFFLE = 3;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Tokens tokens;
  private final int length;
  private final TokenInputs inputs;
  private final int windows;

  /**
   * @param tokens all tokens
   * @param length T
   * @param inputs what the network takes of a window
   */
  TextWindows(Tokens tokens, int length, TokenInputs inputs) {
    this.tokens = tokens;
    this.length = length;
    this.inputs = inputs;
    this.windows = count(tokens, length);
  }

  private static int count(Tokens tokens, int length) {
    long windows = Math.max(0, (tokens.size() - length) / length);
    if (windows > Integer.MAX_VALUE) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          windows
              + " windows of "
              + length
              + " tokens (expected: at most "
              + Integer.MAX_VALUE
              + ")");
    }
    return (int) windows;
  }

  @Override
  public int size() {
    return windows;
  }

  @Override
  public List<Column> columns() {
    List<Column> columns = inputs.columns(length);
    columns.add(new Column(TARGET, ElementType.INT64, List.of((long) length)));
    return List.copyOf(columns);
  }

  @Override
  public Cursor inOrder() {
    return new Windows(window -> window, 0);
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    Dice dice = new Dice(seed, SHUFFLE, epoch);
    int offset = (int) (dice.uniform() * length);
    int[] order = dice.permutation(windows);
    return new Windows(window -> order[window], offset);
  }

  @Override
  public boolean isInMemory() {
    return true;
  }

  private final class Windows implements Cursor {
    private final IntUnaryOperator order;
    private final int offset;
    private final List<TokenInputs.Kind> kinds = inputs.order();
    private int at;

    Windows(IntUnaryOperator order, int offset) {
      this.order = order;
      this.offset = offset;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (at == windows) {
        return false;
      }
      long start = (long) order.applyAsInt(at++) * length + offset;
      for (int i = 0; i < length; i++) {
        long to = ((long) place * length + i) * Long.BYTES;
        for (int input = 0; input < kinds.size(); input++) {
          long value =
              switch (kinds.get(input)) {
                case TOKENS -> tokens.at(start + i);
                case MASK -> 1;
                case TYPES -> 0;
                case PLACES -> i;
              };
          columns.get(input).set(LONG, to, value);
        }
        columns.getLast().set(LONG, to, tokens.at(start + i + 1));
      }
      return true;
    }

    @Override
    public void skip(long count) {
      at = (int) Math.min(windows, at + count);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
