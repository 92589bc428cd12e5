package dev.lathe.generate.constrain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The subset construction: a net's nodes become states with at most one step for each byte. */
final class Determinize {
  private final Tables tables;
  private final ByteNet net;
  private final Map<Key, Integer> states = new HashMap<>();
  private final ArrayDeque<int[]> open = new ArrayDeque<>();
  private final ArrayDeque<Integer> openStates = new ArrayDeque<>();
  private final int[] seen;
  private int round;

  /** Nodes in order. */
  private record Key(int[] nodes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(nodes, key.nodes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(nodes);
    }
  }

  Determinize(Tables tables, ByteNet net) {
    this.tables = tables;
    this.net = net;
    this.seen = new int[net.nodes()];
  }

  /** The start state; states follow it in the tables. */
  int run() {
    int start = state(new int[] {0});
    while (!open.isEmpty()) {
      expand(openStates.poll(), open.poll());
    }
    return start;
  }

  private int state(int[] seeds) {
    Key before = new Key(seeds);
    Integer known = states.get(before);
    if (known != null) {
      return known;
    }
    int[] closed = closure(seeds);
    Key key = new Key(closed);
    Integer same = states.get(key);
    if (same == null) {
      same = tables.state();
      tables.ends.set(same, Arrays.binarySearch(closed, 1) >= 0);
      states.put(key, same);
      open.add(closed);
      openStates.add(same);
    }
    states.put(before, same);
    return same;
  }

  /** The nodes reached for nothing, those alone that take something or are the end. */
  private int[] closure(int[] seeds) {
    round++;
    int[] stack = Arrays.copyOf(seeds, Math.max(16, seeds.length));
    int top = seeds.length;
    for (int seed : seeds) {
      seen[seed] = round;
    }
    int[] kept = new int[16];
    int count = 0;
    while (top > 0) {
      int node = stack[--top];
      boolean keeps = node == 1;
      for (int edge = net.firstEdge(node); edge >= 0; edge = net.nextEdge(edge)) {
        tables.budget().work(1);
        if (net.kind(edge) != ByteNet.NOTHING) {
          keeps = true;
        } else if (seen[net.target(edge)] != round) {
          seen[net.target(edge)] = round;
          stack = top == stack.length ? Arrays.copyOf(stack, top * 2) : stack;
          stack[top++] = net.target(edge);
        }
      }
      if (keeps) {
        kept = count == kept.length ? Arrays.copyOf(kept, count * 2) : kept;
        kept[count++] = node;
      }
    }
    kept = Arrays.copyOf(kept, count);
    Arrays.sort(kept);
    return kept;
  }

  private void expand(int state, int[] nodes) {
    List<int[]> bytes = new ArrayList<>();
    TreeMap<Integer, List<Integer>> byRule = new TreeMap<>();
    for (int node : nodes) {
      for (int edge = net.firstEdge(node); edge >= 0; edge = net.nextEdge(edge)) {
        if (net.kind(edge) == ByteNet.BYTES) {
          bytes.add(new int[] {net.low(edge), net.high(edge), net.target(edge)});
        } else if (net.kind(edge) == ByteNet.CALL) {
          byRule.computeIfAbsent(net.low(edge), _ -> new ArrayList<>()).add(net.target(edge));
        }
      }
    }
    tables.steps.set(state, steps(bytes));
    int[] calls = new int[byRule.size() * 2];
    int n = 0;
    for (var call : byRule.entrySet()) {
      calls[n++] = call.getKey();
      calls[n++] = state(sorted(call.getValue()));
    }
    tables.calls.set(state, calls);
  }

  private int[] steps(List<int[]> edges) {
    int[] bounds = bounds(edges);
    int[] out = new int[3 * bounds.length];
    int[] targets = new int[edges.size()];
    int n = 0;
    for (int i = 0; i + 1 < bounds.length; i++) {
      int count = 0;
      for (int[] edge : edges) {
        if (edge[0] <= bounds[i] && edge[1] >= bounds[i]) {
          targets[count++] = edge[2];
        }
      }
      tables.budget().work(edges.size());
      if (count == 0) {
        continue;
      }
      int to = state(sorted(Arrays.copyOf(targets, count)));
      if (n > 0 && out[n - 1] == to && out[n - 2] == bounds[i] - 1) {
        out[n - 2] = bounds[i + 1] - 1;
        continue;
      }
      out[n++] = bounds[i];
      out[n++] = bounds[i + 1] - 1;
      out[n++] = to;
    }
    return Arrays.copyOf(out, n);
  }

  /** Where the bytes of an edge begin, or are past, in order. */
  private static int[] bounds(List<int[]> edges) {
    boolean[] cut = new boolean[257];
    int count = 0;
    for (int[] edge : edges) {
      count += cut[edge[0]] ? 0 : 1;
      cut[edge[0]] = true;
      count += cut[edge[1] + 1] ? 0 : 1;
      cut[edge[1] + 1] = true;
    }
    int[] bounds = new int[count];
    for (int b = 256; b >= 0; b--) {
      if (cut[b]) {
        bounds[--count] = b;
      }
    }
    return bounds;
  }

  /** In order, each once. */
  private static int[] sorted(int[] nodes) {
    if (nodes.length < 2) {
      return nodes;
    }
    Arrays.sort(nodes);
    int n = 1;
    for (int i = 1; i < nodes.length; i++) {
      if (nodes[i] != nodes[n - 1]) {
        nodes[n++] = nodes[i];
      }
    }
    return n == nodes.length ? nodes : Arrays.copyOf(nodes, n);
  }

  private static int[] sorted(List<Integer> nodes) {
    return sorted(nodes.stream().mapToInt(Integer::intValue).toArray());
  }
}
