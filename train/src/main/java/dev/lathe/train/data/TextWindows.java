package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Windows of T tokens over a text; the target of each token is the one after it. In order the
 * windows lie side by side; shuffled, an epoch's windows begin at an offset of its own below T, so
 * that borders fall elsewhere in every epoch.
 */
final class TextWindows implements Part {
  private static final long SHUFFLE = 3;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int[] tokens;
  private final int length;
  private final TokenInputs inputs;
  private final int windows;

  /**
   * @param tokens all tokens
   * @param length T
   * @param inputs what the network takes of a window
   */
  TextWindows(int[] tokens, int length, TokenInputs inputs) {
    this.tokens = tokens;
    this.length = length;
    this.inputs = inputs;
    this.windows = Math.max(0, (tokens.length - length) / length);
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
    return new Windows(IntStream.range(0, windows).map(i -> i * length).toArray());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    Dice dice = new Dice(seed, SHUFFLE, epoch);
    int offset = (int) (dice.uniform() * length);
    int[] starts = dice.permutation(windows);
    return new Windows(IntStream.of(starts).map(i -> i * length + offset).toArray());
  }

  @Override
  public boolean isInMemory() {
    return true;
  }

  private final class Windows implements Cursor {
    private final int[] starts;
    private final List<TokenInputs.Kind> kinds = inputs.order();
    private int at;

    Windows(int[] starts) {
      this.starts = starts;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (at == starts.length) {
        return false;
      }
      int start = starts[at++];
      for (int i = 0; i < length; i++) {
        long to = ((long) place * length + i) * Long.BYTES;
        for (int input = 0; input < kinds.size(); input++) {
          long value =
              switch (kinds.get(input)) {
                case TOKENS -> tokens[start + i];
                case MASK -> 1;
                case TYPES -> 0;
                case PLACES -> i;
              };
          columns.get(input).set(LONG, to, value);
        }
        columns.getLast().set(LONG, to, tokens[start + i + 1]);
      }
      return true;
    }

    @Override
    public void skip(long count) {
      at = (int) Math.min(starts.length, at + count);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
