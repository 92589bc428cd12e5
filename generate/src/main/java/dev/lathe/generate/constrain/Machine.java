package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs an automaton over a vocabulary. Places and masks are found when first asked for and kept as
 * long as there is room; what is forgotten is found again.
 */
final class Machine {
  /** The deepest that calls may nest; texts that would go deeper are not allowed. */
  static final int DEEPEST = 400;

  /** The most stacks of a place. */
  private static final int MOST_STACKS = 4096;

  /** The most stacks that are looked at for one mask, those of texts that are tried included. */
  private static final long MOST_WORK = 4_000_000;

  /** About how many bytes places and masks may take. */
  private static final long ROOM = 12L << 20;

  private static final int PLACE_BYTES = 1400;

  private final Automaton automaton;
  private final TokenTable table;
  private final Optional<Spelling> spelling;
  private final AtomicInteger order = new AtomicInteger();
  private final AtomicLong used = new AtomicLong();

  /** Stacks looked at since the last mask was begun. */
  private final AtomicLong work = new AtomicLong();

  private volatile Kept kept = new Kept();

  /** What is kept until the room is used up. */
  private static final class Kept {
    final ConcurrentHashMap<Frame.Content, Frame> frames = new ConcurrentHashMap<>();
    final ConcurrentHashMap<Tops, Place> places = new ConcurrentHashMap<>();
    final ConcurrentHashMap<Seen, Local> locals = new ConcurrentHashMap<>();
  }

  /** What makes two places the same. */
  private record Tops(List<Frame> frames, boolean ends) {}

  /** A stack without what lies below it, seen as far as the tokens of a tree reach. */
  private record Seen(Frame top, TokenTrie trie) {}

  /**
   * What a stack allows without a look below its lowest frame.
   *
   * @param bits the tokens
   * @param pops nodes of the trie where that frame ends and tokens go on
   * @param reach how deep stacks become on the way
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Local(long[] bits, int[] pops, int reach) {}

  Machine(Automaton automaton, TokenTable table, Optional<Spelling> spelling) {
    this.automaton = automaton;
    this.table = table;
    this.spelling = spelling;
  }

  Automaton automaton() {
    return automaton;
  }

  TokenTable table() {
    return table;
  }

  /** Before the first byte. */
  Place start() {
    Closure closure = closure();
    closure.enter(automaton.start(0), automaton.least(0), automaton.most(0), null);
    return closure.place();
  }

  Closure closure() {
    return new Closure();
  }

  int[] forced(Place place) {
    return new Forced(table, spelling).tokens(place);
  }

  private Frame frame(Frame.Content content) {
    return kept.frames.computeIfAbsent(content, made -> new Frame(made, order.getAndIncrement()));
  }

  private Place place(List<Frame> tops, boolean ends) {
    Kept now = kept;
    Tops key = new Tops(tops, ends);
    Place known = now.places.get(key);
    if (known != null) {
      return known;
    }
    took(PLACE_BYTES + 64L * tops.size());
    Place made = new Place(this, tops, ends);
    Place other = now.places.putIfAbsent(key, made);
    return other == null ? made : other;
  }

  private void took(long bytes) {
    if (used.addAndGet(bytes) > ROOM) {
      used.set(0);
      kept = new Kept();
    }
  }

  /** The stacks that are reached without a byte. */
  final class Closure {
    private final List<Frame> seen = new ArrayList<>();
    private final Set<Frame> known = new HashSet<>();
    private final List<Frame> tops = new ArrayList<>();
    private boolean ends;
    private int reach;
    private int done;

    /** Takes a byte, if the state at the top does. */
    void take(Frame top, int b) {
      int[] steps = automaton.steps(top.state());
      int low = 0;
      int high = steps.length / 3 - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (b < steps[middle * 3]) {
          high = middle - 1;
        } else if (b > steps[middle * 3 + 1]) {
          low = middle + 1;
        } else {
          enter(steps[middle * 3 + 2], 0, 0, top.below());
          return;
        }
      }
    }

    /** Puts a state upon a stack. */
    void enter(int state, int need, int room, @Nullable Frame below) {
      int depth = below == null ? 0 : below.depth() + 1;
      int height = automaton.counts(state) && need == 0 ? 0 : automaton.height(state);
      if (fits(depth, height)) {
        active(frame(new Frame.Content(state, need, room, below)));
      }
    }

    private boolean fits(int depth, int height) {
      int deepest = (int) Math.min(Integer.MAX_VALUE, (long) depth + height);
      reach = Math.max(reach, deepest);
      return deepest <= DEEPEST;
    }

    /** A frame is at the top of its stack. */
    void active(Frame frame) {
      if (!known.add(frame)) {
        return;
      }
      if (seen.size() == MOST_STACKS || work.incrementAndGet() > MOST_WORK) {
        throw new LatheException(
            GenerateError.CONSTRAINT_TOO_LARGE,
            "constraint: the text so far, and what may follow, can be read in more than "
                + MOST_STACKS
                + " ways (expected: a less ambiguous grammar)");
      }
      seen.add(frame);
    }

    private void expand(Frame frame) {
      int state = frame.state();
      if (automaton.counts(state)) {
        repeat(frame);
        return;
      }
      if (automaton.steps(state).length > 0) {
        tops.add(frame);
      }
      int[] calls = automaton.calls(state);
      for (int i = 0; i < calls.length; i += 2) {
        call(calls[i], new Frame.Content(calls[i + 1], 0, 0, frame.below()), frame.depth());
      }
      if (automaton.ends(state)) {
        pop(frame);
      }
    }

    private void repeat(Frame frame) {
      if (frame.room() > 0 && automaton.calls(frame.state()).length > 0) {
        int room = frame.room() == Frame.MANY ? Frame.MANY : frame.room() - 1;
        int need = frame.need() == Frame.MANY ? Frame.MANY : Math.max(0, frame.need() - 1);
        call(
            automaton.calls(frame.state())[0],
            new Frame.Content(frame.state(), need, room, frame.below()),
            frame.depth());
      }
      if (frame.need() == 0) {
        pop(frame);
      }
    }

    private void call(int rule, Frame.Content after, int depth) {
      int state = after.state();
      boolean counts = automaton.counts(state);
      boolean last =
          counts
              ? after.room() == 0 && after.need() == 0
              : automaton.ends(state)
                  && automaton.steps(state).length == 0
                  && automaton.calls(state).length == 0;
      Frame below = after.below();
      if (!last) {
        if (!fits(depth, counts && after.need() == 0 ? 0 : automaton.height(state))) {
          return;
        }
        below = frame(after);
      }
      enter(automaton.start(rule), automaton.least(rule), automaton.most(rule), below);
    }

    private void pop(Frame frame) {
      Frame below = frame.below();
      if (below == null) {
        ends = true;
      } else {
        active(below);
      }
    }

    int reach() {
      return reach;
    }

    Place place() {
      for (; done < seen.size(); done++) {
        expand(seen.get(done));
      }
      tops.sort(Comparator.comparingInt(Frame::order));
      return Machine.this.place(List.copyOf(tops), ends);
    }
  }

  /** The tokens that a place allows. */
  long[] mask(Place place) {
    work.set(0);
    long[] bits = new long[(table.size() + 63) >> 6];
    for (TokenTrie trie : table.tries()) {
      for (Frame top : place.tops()) {
        mask(top, trie, bits);
      }
    }
    took(8L * bits.length);
    return bits;
  }

  private void mask(Frame top, TokenTrie trie, long[] bits) {
    Frame root = root(top);
    Local local = local(top, root, trie);
    if (root.depth() + local.reach() > DEEPEST) {
      new Walk(trie, bits).run(0, place(List.of(top), false));
      return;
    }
    for (int i = 0; i < bits.length; i++) {
      bits[i] |= local.bits()[i];
    }
    Frame below = root.below();
    if (below != null && local.pops().length > 0) {
      Closure closure = closure();
      closure.active(below);
      Place after = closure.place();
      Walk walk = new Walk(trie, bits);
      for (int node : local.pops()) {
        walk.run(node, after);
      }
    }
  }

  /** The lowest frame that is looked at together with a top. */
  private Frame root(Frame top) {
    Frame frame = top;
    while (frame.below() != null && automaton.simple(frame.state())) {
      frame = frame.below();
    }
    return frame;
  }

  private Local local(Frame top, Frame root, TokenTrie trie) {
    Seen seen = new Seen(alone(top, root, trie.longest()), trie);
    Local known = kept.locals.get(seen);
    if (known != null) {
      return known;
    }
    Walk walk = new Walk(trie, new long[(table.size() + 63) >> 6]);
    walk.run(0, place(List.of(seen.top()), false));
    Local made = walk.local();
    took(8L * made.bits().length + 4L * made.pops().length);
    kept.locals.put(seen, made);
    return made;
  }

  /** The frames down to a root without what lies below it, counts cut to what a token can see. */
  private Frame alone(Frame frame, Frame root, int sight) {
    Frame below = frame == root || frame.below() == null ? null : alone(frame.below(), root, sight);
    int need = frame.need() > sight ? Frame.MANY : frame.need();
    int room = frame.room() > sight ? Frame.MANY : frame.room();
    return frame(new Frame.Content(frame.state(), need, room, below));
  }
}
