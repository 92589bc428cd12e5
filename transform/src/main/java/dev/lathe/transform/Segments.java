package dev.lathe.transform;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/** Cuts the forward nodes of a step into segments. */
final class Segments {
  private static final int MOST = 64;

  private final List<Node> nodes;
  private final Map<String, Integer> makers = new HashMap<>();
  private final Map<String, Integer> lastUses = new HashMap<>();
  private final Set<String> read;
  private final ToLongFunction<String> bytes;

  /**
   * @param nodes the forward nodes in order
   * @param read values that the way back reads
   * @param bytes what a value takes; 0 for what is not worth a thought
   */
  Segments(List<Node> nodes, Set<String> read, ToLongFunction<String> bytes) {
    this.nodes = nodes;
    this.read = read;
    this.bytes = bytes;
    for (int i = 0; i < nodes.size(); i++) {
      int at = i;
      nodes.get(i).inputs().forEach(input -> lastUses.put(input, at));
      nodes.get(i).outputs().forEach(output -> makers.put(output, at));
    }
    makers.remove("");
  }

  /** Positions at which segments end, ascending, none at either end. */
  TreeSet<Integer> cuts(Recomputation recomputation) {
    return switch (recomputation.way()) {
      case NOTHING -> new TreeSet<>();
      case BY_NAME -> named(recomputation.boundaries());
      case BY_SIZE -> best();
    };
  }

  private TreeSet<Integer> named(List<String> values) {
    TreeSet<Integer> cuts = new TreeSet<>();
    for (String value : values) {
      Integer maker = makers.get(value);
      if (maker == null) {
        throw new LatheException(
            TransformError.UNKNOWN_VALUE,
            "recomputation behind \"" + value + "\" (expected: a value that a forward node makes)");
      }
      cuts.add(maker + 1);
    }
    cuts.remove(nodes.size());
    return cuts;
  }

  /** The cuts of that number of segments that needs the least memory, by what is declared. */
  private TreeSet<Integer> best() {
    long[] made = new long[nodes.size() + 1];
    for (int i = 0; i < nodes.size(); i++) {
      List<String> outputs = nodes.get(i).outputs();
      made[i + 1] = made[i] + outputs.stream().filter(read::contains).mapToLong(bytes).sum();
    }
    long[] crossing = crossing();
    TreeSet<Integer> best = new TreeSet<>();
    long least = made[nodes.size()];
    for (int count = 2; count <= Math.min(MOST, nodes.size() / 2); count++) {
      TreeSet<Integer> cuts = cuts(count, made, crossing);
      long memory = memory(cuts, made, crossing);
      if (memory < least) {
        least = memory;
        best = cuts;
      }
    }
    return best;
  }

  /** What lies across each position: made before it, and read by a node behind it. */
  private long[] crossing() {
    long[] crossing = new long[nodes.size() + 1];
    makers.forEach(
        (value, maker) -> {
          for (int at = maker + 1; at <= lastUses.getOrDefault(value, maker); at++) {
            crossing[at] += bytes.applyAsLong(value);
          }
        });
    return crossing;
  }

  /**
   * For each even share of the memory, where the least lies across in the middle half around it.
   */
  private TreeSet<Integer> cuts(int count, long[] made, long[] crossing) {
    TreeSet<Integer> cuts = new TreeSet<>();
    double share = (double) made[nodes.size()] / count;
    for (int k = 1; k < count; k++) {
      int best = -1;
      for (int at = 1; at < nodes.size(); at++) {
        boolean near = Math.abs(made[at] - k * share) <= share / 2;
        if (near && (best < 0 || crossing[at] < crossing[best])) {
          best = at;
        }
      }
      if (best > 0) {
        cuts.add(best);
      }
    }
    return cuts;
  }

  /** What is kept, and the largest segment. */
  private long memory(TreeSet<Integer> cuts, long[] made, long[] crossing) {
    long kept = 0;
    long largest = 0;
    List<Integer> ends = new ArrayList<>(cuts);
    ends.add(nodes.size());
    int from = 0;
    for (int end : ends) {
      kept += end < nodes.size() ? crossing[end] : 0;
      largest = Math.max(largest, made[end] - made[from]);
      from = end;
    }
    return kept + largest;
  }
}
