package dev.lathe.server.tasks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * All passages of a text, in the smallest automaton that knows them, so that other texts are looked
 * through for them once, however often they repeat themselves.
 *
 * @see <a href="https://doi.org/10.1016/0304-3975(85)90157-4">Blumer et al. 1985, the smallest
 *     automaton recognizing the subwords of a text</a>
 */
final class WordIndex {
  /** No passage, ends nowhere. */
  private static final Match NOTHING = new Match(0, 0, 0);

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<State> states = new ArrayList<>();
  private final int[] prefixes;

  /**
   * A passage that stands in a text as well.
   *
   * @param length its pieces; 0 for none
   * @param text the text's number
   * @param end the piece behind its last in that text
   */
  record Match(int length, int text, int end) {}

  /** Passages that end at the same places; the longest has {@code length} pieces. */
  private static final class State {
    private final Map<Integer, Integer> next;
    private final int length;
    private int shorter;
    private Match best = NOTHING;

    private State(int length, int shorter, Map<Integer, Integer> next) {
      this.length = length;
      this.shorter = shorter;
      this.next = next;
    }
  }

  WordIndex(Words text) {
    states.add(new State(0, -1, new HashMap<>()));
    prefixes = new int[text.size()];
    int last = 0;
    for (int i = 0; i < text.size(); i++) {
      last = grown(last, numbers.computeIfAbsent(text.text(i), _ -> numbers.size()));
      prefixes[i] = last;
    }
  }

  private int grown(int last, int word) {
    int added = states.size();
    State state = new State(states.get(last).length + 1, 0, new HashMap<>(2));
    states.add(state);
    int at = last;
    while (at >= 0 && states.get(at).next.putIfAbsent(word, added) == null) {
      at = states.get(at).shorter;
    }
    if (at >= 0) {
      state.shorter = split(at, word);
    }
    return added;
  }

  /** The state of the passage that is one word longer than the longest of another's. */
  private int split(int from, int word) {
    int to = states.get(from).next.get(word);
    State there = states.get(to);
    int length = states.get(from).length + 1;
    if (there.length == length) {
      return to;
    }
    int copy = states.size();
    states.add(new State(length, there.shorter, new HashMap<>(there.next)));
    there.shorter = copy;
    for (int at = from; at >= 0 && states.get(at).next.replace(word, to, copy); ) {
      at = states.get(at).shorter;
    }
    return copy;
  }

  /**
   * The longest passage that ends with each piece of the text and stands in one of others.
   *
   * @param others the others
   * @return for each piece
   */
  Match[] longest(List<Words> others) {
    for (int i = 0; i < others.size(); i++) {
      look(i, others.get(i));
    }
    Integer[] order = IntStream.range(1, states.size()).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingInt(i -> -states.get(i).length));
    for (int i : order) {
      // What stands there longer stands there shorter, too.
      Match found = states.get(i).best;
      State shorter = states.get(states.get(i).shorter);
      if (found.length() > 0 && shorter.best.length() < shorter.length) {
        shorter.best = new Match(shorter.length, found.text(), found.end());
      }
    }
    for (int i = order.length - 1; i >= 0; i--) {
      State state = states.get(order[i]);
      state.best = state.best.length() > 0 ? state.best : states.get(state.shorter).best;
    }
    return Arrays.stream(prefixes).mapToObj(i -> states.get(i).best).toArray(Match[]::new);
  }

  private void look(int number, Words text) {
    int at = 0;
    int length = 0;
    for (int i = 0; i < text.size(); i++) {
      Integer word = numbers.get(text.text(i));
      Integer next = word == null ? null : states.get(at).next.get(word);
      while (word != null && next == null && at > 0) {
        at = states.get(at).shorter;
        length = states.get(at).length;
        next = states.get(at).next.get(word);
      }
      at = next == null ? 0 : next;
      length = next == null ? 0 : length + 1;
      if (length > states.get(at).best.length()) {
        states.get(at).best = new Match(length, number, i + 1);
      }
    }
  }
}
