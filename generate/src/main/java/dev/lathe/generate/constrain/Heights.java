package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * How deep calls must still nest, at least, before a state's rule can end: Knuth's generalization
 * of Dijkstra's algorithm. States that never end are found so.
 */
final class Heights {
  /** Of a state that never ends. */
  static final int NEVER = Integer.MAX_VALUE;

  private final Tables tables;
  private final int[] heights;

  /** By target: pairs of a state and the rule that it calls on this way, or -1. */
  private final List<List<int[]>> before = new ArrayList<>();

  /** By rule: pairs of a state that calls it and the state after. */
  private final List<List<int[]>> callers = new ArrayList<>();

  /** By state: rules that start with it. */
  private final List<List<Integer>> starts = new ArrayList<>();

  private final int[] ruleHeights;
  private final PriorityQueue<int[]> open =
      new PriorityQueue<>(Comparator.comparingInt((int[] entry) -> entry[0]));

  private Heights(Tables tables) {
    this.tables = tables;
    heights = new int[tables.steps.size()];
    Arrays.fill(heights, NEVER);
    ruleHeights = new int[tables.rules().size()];
    Arrays.fill(ruleHeights, NEVER);
  }

  /** The height of each state. */
  static int[] of(Tables tables) {
    Heights heights = new Heights(tables);
    heights.turnAround();
    heights.solve();
    return heights.heights;
  }

  private void turnAround() {
    for (int i = 0; i < heights.length; i++) {
      before.add(new ArrayList<>(2));
      starts.add(List.of());
    }
    for (int i = 0; i < ruleHeights.length; i++) {
      callers.add(new ArrayList<>());
    }
    for (int i = 0; i < ruleHeights.length; i++) {
      starts.set(tables.rules().get(i).start, List.of(i));
    }
    for (int state = 0; state < heights.length; state++) {
      int[] steps = tables.steps.get(state);
      for (int i = 0; i < steps.length; i += 3) {
        before.get(steps[i + 2]).add(new int[] {state, -1});
      }
      int[] calls = tables.calls.get(state);
      for (int i = 0; i < calls.length; i += 2) {
        callers.get(calls[i]).add(new int[] {state, calls[i + 1]});
        if (!counts(state)) {
          before.get(calls[i + 1]).add(new int[] {state, calls[i]});
        }
      }
      if (tables.ends.get(state)) {
        open.add(new int[] {0, state});
      }
    }
    for (Tables.Draft rule : tables.rules()) {
      if (rule.item >= 0 && rule.least == 0) {
        open.add(new int[] {0, rule.start});
      }
    }
  }

  /** Whether a state is that of a repetition, whose item is not a way to its end but a number. */
  private boolean counts(int state) {
    return !starts.get(state).isEmpty()
        && tables.rules().get(starts.get(state).getFirst()).item >= 0;
  }

  private void solve() {
    while (!open.isEmpty()) {
      int[] entry = open.poll();
      int state = entry[1];
      if (heights[state] != NEVER) {
        continue;
      }
      heights[state] = entry[0];
      for (int[] edge : before.get(state)) {
        int rule = edge[1] < 0 ? -1 : ruleHeights[edge[1]];
        if (rule != NEVER) {
          open.add(new int[] {Math.max(entry[0], rule + 1), edge[0]});
        }
      }
      for (int rule : starts.get(state)) {
        ruleHeights[rule] = entry[0];
        for (int[] caller : callers.get(rule)) {
          int after = counts(caller[0]) ? 0 : heights[caller[1]];
          if (after != NEVER) {
            open.add(new int[] {Math.max(after, entry[0] + 1), caller[0]});
          }
        }
      }
    }
  }
}
