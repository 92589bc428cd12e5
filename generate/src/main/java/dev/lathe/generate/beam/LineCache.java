package dev.lathe.generate.beam;

import dev.lathe.ir.ElementType;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.transform.CachedDecoder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keys and values of lines in the making, twice: lines that change their place are written into the
 * other copy first. It grows with its lines. Not safe for use by several threads.
 */
final class LineCache {
  private static final int FEWEST_TOKENS = 32;

  private final CachedDecoder form;
  private int lines;
  private int capacity;
  private List<HostBuffer> used = List.of();
  private List<HostBuffer> other = List.of();

  LineCache(CachedDecoder form) {
    this.form = form;
  }

  /** Keys and values of each layer in turn, [lines, G, C, D]. */
  private List<HostBuffer> allocated() {
    List<HostBuffer> buffers = new ArrayList<>();
    for (CachedDecoder.Cache layer : form.layers()) {
      for (int i = 0; i < 2; i++) {
        buffers.add(
            HostBuffer.allocate(ElementType.FLOAT, lines, layer.heads(), capacity, layer.size()));
      }
    }
    return buffers;
  }

  /**
   * Makes line i what line parents[i] was, of which known[i] tokens are kept, and has room for one
   * more token of each.
   *
   * @param parents lines of before; anything for a line of which nothing is kept
   * @param known tokens of each
   */
  void arrange(int[] parents, int[] known) {
    int longest = 0;
    int moved = 0;
    for (int line = 0; line < parents.length; line++) {
      longest = Math.max(longest, known[line] + 1);
      moved += isMoved(parents, known, line) ? 1 : 0;
    }
    if (parents.length > lines || longest > capacity) {
      grow(parents, known, longest);
    } else if (2 * moved > parents.length) {
      for (int line = 0; line < parents.length; line++) {
        copy(used, other, new Move(parents[line], line, capacity, known[line]));
      }
      List<HostBuffer> before = used;
      used = other;
      other = before;
    } else if (moved > 0) {
      move(parents, known);
    }
  }

  private static boolean isMoved(int[] parents, int[] known, int line) {
    return known[line] > 0 && parents[line] != line;
  }

  private void grow(int[] parents, int[] known, int longest) {
    List<HostBuffer> before = used;
    int shorter = capacity;
    lines = Math.max(lines, Integer.highestOneBit(Math.max(1, 2 * parents.length - 1)));
    while (capacity < longest) {
      capacity = Math.max(FEWEST_TOKENS, 2 * capacity);
    }
    used = allocated();
    other = allocated();
    for (int line = 0; line < parents.length; line++) {
      copy(before, used, new Move(parents[line], line, shorter, known[line]));
    }
  }

  /** Few lines move: all to the other copy first, since one may stand where another comes from. */
  private void move(int[] parents, int[] known) {
    for (int line = 0; line < parents.length; line++) {
      if (isMoved(parents, known, line)) {
        copy(used, other, new Move(parents[line], line, capacity, known[line]));
      }
    }
    for (int line = 0; line < parents.length; line++) {
      if (isMoved(parents, known, line)) {
        copy(other, used, new Move(line, line, capacity, known[line]));
      }
    }
  }

  /**
   * A line that becomes another one.
   *
   * @param from which it was
   * @param to which it is now
   * @param room how many tokens it had room for
   * @param tokens how many it keeps
   */
  private record Move(int from, int to, int room, int tokens) {}

  private void copy(List<HostBuffer> sources, List<HostBuffer> targets, Move move) {
    if (move.tokens() == 0) {
      return;
    }
    for (int i = 0; i < targets.size(); i++) {
      CachedDecoder.Cache shape = form.layers().get(i / 2);
      MemorySegment source = sources.get(i).segment();
      MemorySegment target = targets.get(i).segment();
      long token = shape.size() * Float.BYTES;
      for (long head = 0; head < shape.heads(); head++) {
        long begin = (move.from() * shape.heads() + head) * move.room() * token;
        long end = (move.to() * shape.heads() + head) * capacity * token;
        MemorySegment.copy(source, begin, target, end, move.tokens() * token);
      }
    }
  }

  /** The first lines by the names of the decoder's inputs: {@code past_key_values.0.key}. */
  Map<String, HostBuffer> past(int count) {
    Map<String, HostBuffer> named = new LinkedHashMap<>();
    for (int layer = 0; layer < form.layers().size(); layer++) {
      named.put("past_key_values." + layer + ".key", used.get(2 * layer).rows(0, count));
      named.put("past_key_values." + layer + ".value", used.get(2 * layer + 1).rows(0, count));
    }
    return named;
  }

  /** Bytes of both copies. */
  long bytes() {
    return 2 * form.bytesPerToken() * lines * capacity;
  }
}
