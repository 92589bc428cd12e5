package dev.lathe.generate.constrain;

import dev.lathe.generate.constrain.CharNet.When;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The subset construction over characters, with anchors at the start and the end of a text. */
final class CharSubsets {
  private static final int MOST_STATES = 50_000;

  private final CharNet net;
  private final Budget budget;
  private final Map<BitSet, Integer> names = new HashMap<>();
  private final List<BitSet> sets = new ArrayList<>();

  CharSubsets(CharNet net, Budget budget) {
    this.net = net;
    this.budget = budget;
  }

  CharDfa run() {
    List<int[]> steps = new ArrayList<>();
    BitSet ends = new BitSet();
    BitSet start = new BitSet();
    start.set(0);
    // The first set knows that nothing was read; it is never entered again, even by an equal one.
    sets.add(closure(start, When.START));
    for (int i = 0; i < sets.size(); i++) {
      BitSet set = sets.get(i);
      BitSet last = i == 0 ? bothAnchors(set) : closure(set, When.END);
      ends.set(i, last.get(1));
      steps.add(steps(set));
    }
    return CharDfa.trimmed(steps, ends);
  }

  private BitSet bothAnchors(BitSet set) {
    BitSet grown = set;
    while (true) {
      BitSet next = closure(closure(grown, When.END), When.START);
      if (next.equals(grown)) {
        return grown;
      }
      grown = next;
    }
  }

  /** What is reached for nothing, and along edges of one kind of anchor. */
  private BitSet closure(BitSet seeds, When anchor) {
    BitSet closed = (BitSet) seeds.clone();
    List<Integer> open = new ArrayList<>(seeds.stream().boxed().toList());
    while (!open.isEmpty()) {
      for (CharNet.Edge edge : net.edges(open.removeLast())) {
        budget.work(1);
        boolean free = edge.when() == When.ALWAYS || edge.when() == anchor;
        if (free && !closed.get(edge.to())) {
          closed.set(edge.to());
          open.add(edge.to());
        }
      }
    }
    return closed;
  }

  private int name(BitSet seeds) {
    BitSet closed = closure(seeds, When.ALWAYS);
    return names.computeIfAbsent(
        closed,
        set -> {
          budget.work(net.nodes() / 16);
          if (sets.size() > MOST_STATES) {
            budget.work(Budget.WORK);
          }
          sets.add(set);
          return sets.size() - 1;
        });
  }

  private int[] steps(BitSet set) {
    TreeSet<Integer> bounds = new TreeSet<>();
    List<CharNet.Edge> edges = new ArrayList<>();
    for (int node = set.nextSetBit(0); node >= 0; node = set.nextSetBit(node + 1)) {
      for (CharNet.Edge edge : net.edges(node)) {
        if (edge.when() == When.CHARACTER) {
          edges.add(edge);
          int[] ranges = edge.set().ranges();
          for (int i = 0; i < ranges.length; i += 2) {
            bounds.add(ranges[i]);
            bounds.add(ranges[i + 1] + 1);
          }
        }
      }
    }
    BitSet[] targets = targets(edges, bounds);
    int[] cuts = bounds.stream().mapToInt(Integer::intValue).toArray();
    int[] out = new int[3 * targets.length];
    int n = 0;
    for (int i = 0; i < targets.length; i++) {
      if (targets[i].isEmpty()) {
        continue;
      }
      int to = name(targets[i]);
      if (n > 0 && out[n - 1] == to && out[n - 2] == cuts[i] - 1) {
        out[n - 2] = cuts[i + 1] - 1;
        continue;
      }
      out[n++] = cuts[i];
      out[n++] = cuts[i + 1] - 1;
      out[n++] = to;
    }
    return Arrays.copyOf(out, n);
  }

  /** Of each piece between two cuts: the nodes that its characters lead to. */
  private BitSet[] targets(List<CharNet.Edge> edges, TreeSet<Integer> bounds) {
    int[] cuts = bounds.stream().mapToInt(Integer::intValue).toArray();
    BitSet[] targets = new BitSet[Math.max(0, cuts.length - 1)];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = new BitSet();
    }
    for (CharNet.Edge edge : edges) {
      int[] ranges = edge.set().ranges();
      for (int i = 0; i < ranges.length; i += 2) {
        int piece = Arrays.binarySearch(cuts, ranges[i]);
        while (piece < targets.length && cuts[piece] <= ranges[i + 1]) {
          budget.work(1);
          targets[piece++].set(edge.to());
        }
      }
    }
    return targets;
  }
}
