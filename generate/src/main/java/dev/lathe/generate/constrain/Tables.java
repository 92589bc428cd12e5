package dev.lathe.generate.constrain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Rules become tables of states, one table for each rule reached from the first. */
final class Tables {
  private final Budget budget;
  private final CharSet alphabet;
  private final Map<Rule, Integer> indexes = new IdentityHashMap<>();
  private final List<Draft> rules = new ArrayList<>();
  private final ArrayDeque<Runnable> open = new ArrayDeque<>();

  /** Of each state: triples of low byte, high byte, target; in order of bytes. */
  final List<int[]> steps = new ArrayList<>();

  /** Of each state: pairs of a rule and the state after it. */
  final List<int[]> calls = new ArrayList<>();

  /** Whether a state ends its rule. */
  final List<Boolean> ends = new ArrayList<>();

  /** A rule on its way into the tables. */
  static final class Draft {
    final String name;
    int start = -1;

    /** One past the last state. */
    int stop = -1;

    /** The rule that is repeated, or -1. */
    int item = -1;

    int least;
    int most;
    boolean callsNothing = true;

    /** Whether it is the item of a repetition and calls nothing. */
    boolean simpleItem;

    Draft(String name) {
      this.name = name;
    }
  }

  private Tables(Budget budget, CharSet alphabet) {
    this.budget = budget;
    this.alphabet = alphabet;
  }

  /** The tables of a rule and all that it calls; the rule gets index 0. */
  static Tables of(Rule root, CharSet alphabet, Budget budget) {
    Tables tables = new Tables(budget, alphabet);
    tables.rule(root);
    while (!tables.open.isEmpty()) {
      tables.open.poll().run();
    }
    for (Draft rule : tables.rules) {
      if (rule.item >= 0) {
        Draft item = tables.rules.get(rule.item);
        item.simpleItem = item.callsNothing;
      }
    }
    return tables;
  }

  Budget budget() {
    return budget;
  }

  CharSet alphabet() {
    return alphabet;
  }

  List<Draft> rules() {
    return rules;
  }

  int rule(Rule rule) {
    Integer known = indexes.get(rule);
    if (known != null) {
      return known;
    }
    int index = draft(rule.name());
    indexes.put(rule, index);
    open.add(() -> table(rules.get(index), rule.form()));
    return index;
  }

  private int draft(String name) {
    budget.states(1);
    rules.add(new Draft(name));
    return rules.size() - 1;
  }

  /** A rule of one state that calls its item and counts. */
  int counted(Form.Repeat repeat) {
    int index = draft("repetition");
    Draft counted = rules.get(index);
    counted.item = rule(Rule.of("item", repeat.part()));
    counted.least = repeat.least();
    counted.most = repeat.most();
    counted.start = state();
    counted.stop = steps.size();
    calls.set(counted.start, new int[] {counted.item, counted.start});
    return index;
  }

  int state() {
    budget.states(1);
    steps.add(new int[0]);
    calls.add(new int[0]);
    ends.add(false);
    return steps.size() - 1;
  }

  private void table(Draft draft, Form form) {
    ByteNet net = new ByteNet(this);
    net.write(form, 0, 1);
    draft.start = new Determinize(this, net).run();
    draft.stop = steps.size();
    for (int state = draft.start; state < steps.size(); state++) {
      draft.callsNothing &= calls.get(state).length == 0;
    }
  }
}
