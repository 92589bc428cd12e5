package dev.lathe.generate;

import dev.lathe.generate.beam.Logits;
import dev.lathe.generate.beam.Search;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes targets for sources that come and go, all of them a token further with each step. Each is
 * written as it would be alone, up to rounding of the model. Not safe for use by several threads.
 */
public final class SequenceWriter {
  private static final int NOWHERE = -1;

  private final NextScores next;
  private final List<Target> targets = new ArrayList<>();

  /**
   * A writer without sources.
   *
   * @param next the model
   */
  public SequenceWriter(NextScores next) {
    this.next = next;
  }

  /** A target in the making; its lines stood together in the last step, from one on. */
  private static final class Target {
    private final int source;
    private final Search search;
    private int first = NOWHERE;

    Target(int source, Search search) {
      this.source = source;
      this.search = search;
    }
  }

  /**
   * A target that is over.
   *
   * @param source the number of its source
   * @param found what was found, the best first; nothing if it failed
   * @param failure NOT_FINITE if the model gave no numbers for it, DEAD_END if no token was left
   */
  public record Ended(int source, List<Hypothesis> found, @Nullable LatheException failure) {
    /** Copies the list. */
    public Ended {
      found = List.copyOf(found);
    }
  }

  /**
   * Begins a target.
   *
   * @param source a number that the model knows its source by, and no other target's
   * @param tokens the source's tokens
   * @param rules how to write
   */
  public void begin(int source, long[] tokens, WritingRules rules) {
    targets.add(new Target(source, Search.of(rules, tokens)));
  }

  /**
   * Gives up a target.
   *
   * @param source the number of its source
   */
  public void drop(int source) {
    for (int i = 0; i < targets.size(); i++) {
      if (targets.get(i).source == source) {
        remove(i);
        return;
      }
    }
  }

  /** The last takes the place, so that the others' lines stay where they are. */
  private void remove(int place) {
    Target last = targets.removeLast();
    if (place < targets.size()) {
      targets.set(place, last);
    }
  }

  /**
   * Whether nothing is being written.
   *
   * @return true without targets
   */
  public boolean isIdle() {
    return targets.isEmpty();
  }

  /**
   * Goes one step on with every target; there must be one.
   *
   * @return the targets that are over now, and gone
   * @throws LatheException what the model throws, for all of them
   */
  public List<Ended> step() {
    List<NextScores.Line> lines = new ArrayList<>();
    int[] places = new int[targets.size()];
    for (int i = 0; i < places.length; i++) {
      Target target = targets.get(i);
      places[i] = lines.size();
      for (Search.Open open : target.search.open()) {
        int parent = target.first == NOWHERE ? NOWHERE : target.first + open.parent();
        lines.add(new NextScores.Line(target.source, parent, open.tokens()));
      }
    }
    Tensor logits = next.after(lines);
    List<Ended> ended = new ArrayList<>();
    for (int i = places.length - 1; i >= 0; i--) {
      Target target = targets.get(i);
      target.first = places[i];
      @Nullable LatheException failure = null;
      try {
        target.search.take(new Logits(logits, places[i]));
      } catch (LatheException e) {
        failure = e;
      }
      if (failure != null || target.search.open().isEmpty()) {
        List<Hypothesis> found = failure == null ? target.search.found() : List.of();
        ended.add(new Ended(target.source, found, failure));
        remove(i);
      }
    }
    return ended.reversed();
  }
}
