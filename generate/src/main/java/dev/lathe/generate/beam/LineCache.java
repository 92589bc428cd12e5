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
 * Keys and values of lines in the making, twice: where lines change their order, the new order is
 * written into the other copy, and so in turn.
 */
final class LineCache {
  private final CachedDecoder form;
  private final int capacity;
  private List<HostBuffer> used;
  private List<HostBuffer> other;

  LineCache(CachedDecoder form, int lines, int capacity) {
    this.form = form;
    this.capacity = capacity;
    this.used = allocated(lines);
    this.other = allocated(lines);
  }

  /** Keys and values of each layer in turn, [lines, G, C, D]. */
  private List<HostBuffer> allocated(int lines) {
    List<HostBuffer> buffers = new ArrayList<>();
    for (CachedDecoder.Cache layer : form.layers()) {
      for (int i = 0; i < 2; i++) {
        buffers.add(
            HostBuffer.allocate(ElementType.FLOAT, lines, layer.heads(), capacity, layer.size()));
      }
    }
    return buffers;
  }

  /** Makes line i what line parents[i] was, of which some tokens are known. */
  void reorder(int[] parents, int tokens) {
    for (int layer = 0; layer < form.layers().size(); layer++) {
      CachedDecoder.Cache shape = form.layers().get(layer);
      long head = capacity * shape.size() * Float.BYTES;
      long kept = tokens * shape.size() * Float.BYTES;
      for (int i = 2 * layer; i < 2 * layer + 2; i++) {
        MemorySegment from = used.get(i).segment();
        MemorySegment to = other.get(i).segment();
        for (int line = 0; line < parents.length; line++) {
          for (long h = 0; h < shape.heads(); h++) {
            long source = (parents[line] * shape.heads() + h) * head;
            long target = (line * shape.heads() + h) * head;
            MemorySegment.copy(from, source, to, target, kept);
          }
        }
      }
    }
    List<HostBuffer> before = used;
    used = other;
    other = before;
  }

  /** The first lines by the names of the decoder's inputs: {@code past_key_values.0.key}. */
  Map<String, HostBuffer> past(int lines) {
    Map<String, HostBuffer> named = new LinkedHashMap<>();
    for (int layer = 0; layer < form.layers().size(); layer++) {
      named.put("past_key_values." + layer + ".key", used.get(2 * layer).rows(0, lines));
      named.put("past_key_values." + layer + ".value", used.get(2 * layer + 1).rows(0, lines));
    }
    return named;
  }
}
