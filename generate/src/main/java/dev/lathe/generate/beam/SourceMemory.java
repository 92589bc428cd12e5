package dev.lathe.generate.beam;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What an encoder said of sources, and a row of it for each line that looks at one: [B, ..., M,
 * ...], as long as the longest source and hidden behind the end of shorter ones. A row is written
 * only when its line turns to another source. Not safe for use by several threads.
 */
final class SourceMemory {
  /** Added to scores of what must not be seen. */
  private static final float NEVER = -1e9f;

  private static final int STEP = 8;
  private static final String KEYS_AND_VALUES = "cross_key_values.";

  private final Map<Integer, Map<String, Tensor>> sources = new HashMap<>();
  private final Map<String, HostBuffer> rows = new LinkedHashMap<>();
  private int[] shown = new int[0];
  private int room;
  private int length;

  /**
   * The axis of a source's tokens in what an encoder gives: [N, H, M, D], or a mask [N, ..., M].
   */
  private record Layout(long outer, long tokens, long inner) {
    static Layout of(String name, Tensor value) {
      boolean mask = !name.startsWith(KEYS_AND_VALUES);
      long inner = mask ? 1 : value.dim(3);
      long tokens = mask ? value.dim(value.rank() - 1) : value.dim(2);
      long all = value.size() / value.dim(0);
      return new Layout(all / tokens / inner, tokens, inner);
    }

    long[] dims(long count, long length, int rank) {
      return switch (rank) {
        case 2 -> new long[] {count, length};
        default ->
            inner == 1
                ? new long[] {count, 1, 1, length}
                : new long[] {count, outer, length, inner};
      };
    }
  }

  /**
   * Keeps what an encoder said of a source.
   *
   * @param source its number
   * @param all what the encoder said of some sources
   * @param row which of them it is
   * @param tokens how many tokens it has
   */
  void keep(int source, Map<String, Tensor> all, int row, int tokens) {
    Map<String, Tensor> kept = new LinkedHashMap<>();
    all.forEach(
        (name, value) -> {
          Layout layout = Layout.of(name, value);
          HostBuffer own = HostBuffer.allocate(value.type(), layout.dims(1, tokens, value.rank()));
          long size = value.type().byteSize(layout.inner());
          for (long o = 0; o < layout.outer(); o++) {
            long from = (row * layout.outer() + o) * layout.tokens() * size;
            MemorySegment.copy(value.data(), from, own.segment(), o * tokens * size, tokens * size);
          }
          kept.put(name, own.tensor());
        });
    sources.put(source, kept);
  }

  void forget(int source) {
    sources.remove(source);
  }

  /** Rows for lines that look at these sources, by the names of what the encoder said. */
  Map<String, HostBuffer> rows(int[] wanted) {
    int longest = 0;
    for (int source : wanted) {
      longest = Math.max(longest, tokens(source));
    }
    int least = (longest + STEP - 1) / STEP * STEP;
    if (wanted.length > room || least > length || 2 * least <= length) {
      allocate(wanted, least);
    }
    for (int row = 0; row < wanted.length; row++) {
      if (row >= shown.length || shown[row] != wanted[row]) {
        show(row, wanted[row]);
      }
    }
    shown = wanted;
    Map<String, HostBuffer> used = new LinkedHashMap<>();
    rows.forEach((name, all) -> used.put(name, all.rows(0, wanted.length)));
    return used;
  }

  private int tokens(int source) {
    Map.Entry<String, Tensor> any = known(source).entrySet().iterator().next();
    return (int) Layout.of(any.getKey(), any.getValue()).tokens();
  }

  private Map<String, Tensor> known(int source) {
    return Objects.requireNonNull(sources.get(source), () -> "no source " + source);
  }

  private void allocate(int[] wanted, int least) {
    room = Math.max(room, Integer.highestOneBit(Math.max(1, 2 * wanted.length - 1)));
    length = least;
    shown = new int[0];
    rows.clear();
    known(wanted[0])
        .forEach(
            (name, value) -> {
              long[] dims = Layout.of(name, value).dims(room, length, value.rank());
              rows.put(name, HostBuffer.allocate(value.type(), dims));
            });
  }

  private void show(int row, int source) {
    known(source)
        .forEach(
            (name, value) -> {
              Layout layout = Layout.of(name, value);
              MemorySegment to = Objects.requireNonNull(rows.get(name)).segment();
              long size = value.type().byteSize(layout.inner());
              for (long o = 0; o < layout.outer(); o++) {
                long begin = (row * layout.outer() + o) * length * size;
                long own = layout.tokens() * size;
                MemorySegment.copy(value.data(), o * own, to, begin, own);
                boolean added = layout.inner() == 1 && value.type() == ElementType.FLOAT;
                hide(added, to.asSlice(begin + own, length * size - own));
              }
            });
  }

  /** Behind a source's end masks say that nothing is seen; keys and values need only be numbers. */
  private static void hide(boolean added, MemorySegment behind) {
    if (!added) {
      behind.fill((byte) 0);
      return;
    }
    for (long at = 0; at < behind.byteSize(); at += Float.BYTES) {
      behind.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, NEVER);
    }
  }

  /** Bytes of all that is kept and shown. */
  long bytes() {
    long kept =
        sources.values().stream()
            .flatMap(values -> values.values().stream())
            .mapToLong(Tensor::byteSize)
            .sum();
    List<HostBuffer> all = List.copyOf(rows.values());
    return kept + all.stream().mapToLong(buffer -> buffer.tensor().byteSize()).sum();
  }
}
