package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * States that take bytes, call rules or end theirs; nothing in it leads to a place without an end.
 * Immutable.
 */
final class Automaton {
  /** Of each state: triples of low byte, high byte, target; in order of bytes. */
  private final int[][] steps;

  /** Of each state: pairs of a rule and the state after it. */
  private final int[][] calls;

  private final boolean[] ends;
  private final int[] heights;
  private final int[] ruleOf;
  private final Tables.Draft[] rules;
  private final boolean[] nullable;

  private Automaton(Tables tables) {
    heights = Heights.of(tables);
    rules = tables.rules().toArray(Tables.Draft[]::new);
    int states = heights.length;
    steps = new int[states][];
    calls = new int[states][];
    ends = new boolean[states];
    ruleOf = new int[states];
    for (int state = 0; state < states; state++) {
      steps[state] = living(tables.steps.get(state), 3, 2);
      calls[state] = living(tables.calls.get(state), 2, 1);
      ends[state] = tables.ends.get(state);
    }
    for (int rule = 0; rule < rules.length; rule++) {
      Arrays.fill(ruleOf, rules[rule].start, rules[rule].stop, rule);
    }
    nullable = nullable();
  }

  /**
   * The automaton of a rule.
   *
   * @throws LatheException BAD_CONSTRAINT if no text is allowed or a rule begins with itself
   */
  static Automaton of(Rule root, CharSet alphabet, Budget budget) {
    Tables tables = Tables.of(root, alphabet, budget);
    Automaton automaton = new Automaton(tables);
    if (automaton.heights[automaton.start(0)] == Heights.NEVER) {
      throw new LatheException(
          GenerateError.BAD_CONSTRAINT,
          "constraint: no text of this vocabulary satisfies "
              + automaton.impossible(tables)
              + " (expected: at least one)");
    }
    automaton.refuseLeftRecursion();
    return automaton;
  }

  /** The names of rules that cannot end though all that they call can. */
  private String impossible(Tables tables) {
    List<String> names = new ArrayList<>();
    for (Tables.Draft rule : rules) {
      if (heights[rule.start] == Heights.NEVER && rule.item < 0 && callsLiving(tables, rule)) {
        names.add(rule.name);
      }
    }
    return names.isEmpty() || names.size() > 5 ? rules[0].name : String.join(" or ", names);
  }

  private boolean callsLiving(Tables tables, Tables.Draft rule) {
    for (int state = rule.start; state < rule.stop; state++) {
      int[] called = tables.calls.get(state);
      for (int i = 0; i < called.length; i += 2) {
        if (heights[rules[called[i]].start] == Heights.NEVER) {
          return false;
        }
      }
    }
    return true;
  }

  /** The entries whose target, and rule if they call one, can end. */
  private int[] living(int[] entries, int width, int target) {
    int[] out = new int[entries.length];
    int n = 0;
    for (int i = 0; i < entries.length; i += width) {
      boolean called = width == 3 || heights[rules[entries[i]].start] != Heights.NEVER;
      if (called && heights[entries[i + target]] != Heights.NEVER) {
        System.arraycopy(entries, i, out, n, width);
        n += width;
      }
    }
    return Arrays.copyOf(out, n);
  }

  int start(int rule) {
    return rules[rule].start;
  }

  /** How many states there are. */
  int states() {
    return steps.length;
  }

  int[] steps(int state) {
    return steps[state];
  }

  int[] calls(int state) {
    return calls[state];
  }

  boolean ends(int state) {
    return ends[state];
  }

  /** How deep calls must nest, at least, until the state's rule ends. */
  int height(int state) {
    return heights[state];
  }

  /** Whether a state is that of a repetition. */
  boolean counts(int state) {
    return rules[ruleOf[state]].item >= 0;
  }

  int least(int rule) {
    return rules[rule].item >= 0 ? rules[rule].least : 0;
  }

  int most(int rule) {
    return rules[rule].item >= 0 ? rules[rule].most : 0;
  }

  /**
   * Whether a state's rule is a repetition of something that calls nothing, or such an item: its
   * masks are worth keeping together with those of what called it.
   */
  boolean simple(int state) {
    Tables.Draft rule = rules[ruleOf[state]];
    return rule.item >= 0 ? rules[rule.item].callsNothing : rule.simpleItem;
  }

  private boolean[] nullable() {
    boolean[] found = new boolean[rules.length];
    boolean again = true;
    while (again) {
      again = false;
      for (int rule = 0; rule < rules.length; rule++) {
        if (!found[rule] && emptyFrom(rules[rule].start, found, new ArrayList<>())) {
          found[rule] = true;
          again = true;
        }
      }
    }
    return found;
  }

  private boolean emptyFrom(int start, boolean[] known, List<Integer> leftCalls) {
    List<Integer> open = new ArrayList<>(List.of(start));
    boolean empty = false;
    for (int i = 0; i < open.size(); i++) {
      int state = open.get(i);
      Tables.Draft rule = rules[ruleOf[state]];
      empty |= ends[state] || rule.item >= 0 && (rule.least == 0 || known[rule.item]);
      for (int call = 0; call < calls[state].length; call += 2) {
        leftCalls.add(calls[state][call]);
        if (known[calls[state][call]] && !open.contains(calls[state][call + 1])) {
          open.add(calls[state][call + 1]);
        }
      }
    }
    return empty;
  }

  /** A rule that begins with itself has endless stacks. */
  private void refuseLeftRecursion() {
    int[] marks = new int[rules.length];
    for (int rule = 0; rule < rules.length; rule++) {
      visit(rule, marks);
    }
  }

  private void visit(int root, int[] marks) {
    if (marks[root] != 0) {
      return;
    }
    List<int[]> path = new ArrayList<>();
    List<int[]> calledByPath = new ArrayList<>();
    path.add(new int[] {root, 0});
    calledByPath.add(leftCalls(root));
    marks[root] = 1;
    while (!path.isEmpty()) {
      int[] last = path.getLast();
      int[] called = calledByPath.getLast();
      if (last[1] == called.length) {
        marks[last[0]] = 2;
        path.removeLast();
        calledByPath.removeLast();
        continue;
      }
      int next = called[last[1]++];
      if (marks[next] == 1) {
        throw new LatheException(
            GenerateError.BAD_CONSTRAINT,
            "rule "
                + rules[next].name
                + ": begins with itself by way of others (expected: no left recursion)");
      }
      if (marks[next] == 0) {
        marks[next] = 1;
        path.add(new int[] {next, 0});
        calledByPath.add(leftCalls(next));
      }
    }
  }

  private int[] leftCalls(int rule) {
    List<Integer> called = new ArrayList<>();
    emptyFrom(rules[rule].start, nullable, called);
    return called.stream().mapToInt(Integer::intValue).distinct().toArray();
  }
}
