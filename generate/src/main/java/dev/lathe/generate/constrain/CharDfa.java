package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A set of texts that a machine with a state for each beginning can tell; state 0 is its start.
 * Every state leads to an end, unless the set is empty. Immutable.
 */
final class CharDfa {
  /** Of each state: triples of first character, last character, target; in order. */
  private final int[][] steps;

  private final BitSet ends;

  private CharDfa(int[][] steps, BitSet ends) {
    this.steps = steps;
    this.ends = ends;
  }

  /** What of a text a form is to match. */
  enum Match {
    /** All of it. */
    WHOLE,
    /** Some part of it, as JSON Schema's patterns do. */
    PART
  }

  /** The texts that a regular form matches. */
  static CharDfa of(Form form, Match match, Budget budget) {
    CharNet net = new CharNet(budget);
    if (match == Match.WHOLE) {
      net.write(form, 0, 1);
    } else {
      int inside = net.node();
      int after = net.node();
      net.edge(0, CharNet.When.CHARACTER, CharSet.ALL, 0);
      net.join(0, inside);
      net.write(form, inside, after);
      net.edge(after, CharNet.When.CHARACTER, CharSet.ALL, after);
      net.join(after, 1);
    }
    return new CharSubsets(net, budget).run();
  }

  /** The texts of from least to most characters. */
  static CharDfa length(int least, int most, Budget budget) {
    return of(new Form.Repeat(new Form.Chars(CharSet.ALL), least, most), Match.WHOLE, budget);
  }

  /** These very texts. */
  static CharDfa texts(List<String> texts, Budget budget) {
    return of(new Form.Alt(texts.stream().map(Form::text).toList()), Match.WHOLE, budget);
  }

  /** A machine of steps and ends, without states that are of no use. */
  static CharDfa trimmed(List<int[]> steps, BitSet ends) {
    List<List<Integer>> before = new ArrayList<>();
    steps.forEach(_ -> before.add(new ArrayList<>(2)));
    for (int state = 0; state < steps.size(); state++) {
      for (int i = 0; i < steps.get(state).length; i += 3) {
        before.get(steps.get(state)[i + 2]).add(state);
      }
    }
    BitSet living = (BitSet) ends.clone();
    List<Integer> open = new ArrayList<>(ends.stream().boxed().toList());
    while (!open.isEmpty()) {
      for (int state : before.get(open.removeLast())) {
        if (!living.get(state)) {
          living.set(state);
          open.add(state);
        }
      }
    }
    living.set(0);
    int[] renamed = new int[steps.size()];
    int count = 0;
    for (int state = 0; state < renamed.length; state++) {
      renamed[state] = living.get(state) ? count++ : -1;
    }
    int[][] kept = new int[count][];
    BitSet keptEnds = new BitSet();
    for (int state = 0; state < renamed.length; state++) {
      if (renamed[state] >= 0) {
        kept[renamed[state]] = renamed(steps.get(state), renamed);
        keptEnds.set(renamed[state], ends.get(state));
      }
    }
    return new CharDfa(kept, keptEnds);
  }

  private static int[] renamed(int[] steps, int[] names) {
    int[] out = new int[steps.length];
    int n = 0;
    for (int i = 0; i < steps.length; i += 3) {
      if (names[steps[i + 2]] >= 0) {
        out[n++] = steps[i];
        out[n++] = steps[i + 1];
        out[n++] = names[steps[i + 2]];
      }
    }
    return Arrays.copyOf(out, n);
  }

  boolean isEmpty() {
    return ends.isEmpty();
  }

  int states() {
    return steps.length;
  }

  boolean accepts(String text) {
    int state = 0;
    for (int code : text.codePoints().toArray()) {
      state = step(state, code);
      if (state < 0) {
        return false;
      }
    }
    return ends.get(state);
  }

  /** Whether a text can become one of these. */
  boolean begins(String text) {
    int state = isEmpty() ? -1 : 0;
    for (int code : text.codePoints().toArray()) {
      state = state < 0 ? -1 : step(state, code);
    }
    return state >= 0;
  }

  private int step(int state, int code) {
    int[] of = steps[state];
    for (int i = 0; i < of.length; i += 3) {
      if (code >= of[i] && code <= of[i + 1]) {
        return of[i + 2];
      }
    }
    return -1;
  }

  /** The texts in both. */
  CharDfa and(CharDfa other, Budget budget) {
    return new Product(this, other, budget).run((a, b) -> a && b);
  }

  /** The texts in this that are not in the other. */
  CharDfa minus(CharDfa other, Budget budget) {
    return new Product(this, other, budget).run((a, b) -> a && !b);
  }

  /** This as a form. */
  Form form() {
    return form(Form.Chars::new);
  }

  /** This with each set of characters written in some way. */
  Form form(java.util.function.Function<CharSet, Form> written) {
    List<Form.Edge> edges = new ArrayList<>();
    for (int state = 0; state < steps.length; state++) {
      Map<Integer, List<int[]>> byTarget = new HashMap<>();
      for (int i = 0; i < steps[state].length; i += 3) {
        byTarget
            .computeIfAbsent(steps[state][i + 2], _ -> new ArrayList<>())
            .add(new int[] {steps[state][i], steps[state][i + 1]});
      }
      int from = state;
      byTarget.forEach(
          (to, ranges) ->
              edges.add(
                  new Form.Edge(
                      from,
                      written.apply(
                          CharSet.of(ranges.stream().flatMapToInt(Arrays::stream).toArray())),
                      to)));
    }
    return new Form.Net(steps.length, edges, java.util.Set.copyOf(ends.stream().boxed().toList()));
  }

  private interface Both {
    boolean ends(boolean first, boolean second);
  }

  /** Pairs of states; the second is -1 where the second machine has stopped. */
  private static final class Product {
    private final CharDfa first;
    private final CharDfa second;
    private final Budget budget;
    private final Map<Long, Integer> names = new HashMap<>();
    private final List<Long> pairs = new ArrayList<>();

    Product(CharDfa first, CharDfa second, Budget budget) {
      this.first = first;
      this.second = second;
      this.budget = budget;
    }

    CharDfa run(Both both) {
      List<int[]> steps = new ArrayList<>();
      BitSet ends = new BitSet();
      name(0, 0);
      for (int i = 0; i < pairs.size(); i++) {
        int a = (int) (pairs.get(i) >> 32);
        int b = (int) (long) pairs.get(i);
        ends.set(i, both.ends(first.ends.get(a), b >= 0 && second.ends.get(b)));
        steps.add(steps(a, b));
      }
      return trimmed(steps, ends);
    }

    private int name(int a, int b) {
      budget.work(8);
      return names.computeIfAbsent(
          (long) a << 32 | b & 0xFFFFFFFFL,
          pair -> {
            pairs.add(pair);
            return pairs.size() - 1;
          });
    }

    private int[] steps(int a, int b) {
      List<Integer> out = new ArrayList<>();
      int[] of = first.steps[a];
      for (int i = 0; i < of.length; i += 3) {
        int low = of[i];
        while (low <= of[i + 1]) {
          budget.work(1);
          int high = of[i + 1];
          int to = -1;
          if (b >= 0) {
            int[] others = second.steps[b];
            for (int j = 0; j < others.length; j += 3) {
              if (others[j] > low) {
                high = Math.min(high, others[j] - 1);
                break;
              }
              if (others[j + 1] >= low) {
                high = Math.min(high, others[j + 1]);
                to = others[j + 2];
                break;
              }
            }
          }
          out.addAll(List.of(low, high, name(of[i + 2], to)));
          low = high + 1;
        }
      }
      return out.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
