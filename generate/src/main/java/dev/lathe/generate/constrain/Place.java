package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.ir.LatheException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a text stands in an automaton: the stacks that its bytes may have led to. What follows is
 * found once and kept. Immutable as seen from outside; may be used by many threads.
 */
final class Place implements TokenConstraint {
  private static final int[] NONE = {};

  private final Machine machine;

  /** Upper ends of stacks whose state takes bytes, in order. */
  private final Frame[] tops;

  /** Whether a stack has come to its end. */
  private final boolean ends;

  private @Nullable Place @Nullable [] next;
  private long @Nullable [] mask;
  private int @Nullable [] forced;
  private int reach;

  Place(Machine machine, List<Frame> tops, boolean ends) {
    this.machine = machine;
    this.tops = tops.toArray(Frame[]::new);
    this.ends = ends;
  }

  Frame[] tops() {
    return tops;
  }

  /** How many states the automaton has. */
  int states() {
    return machine.automaton().states();
  }

  /** Whether nothing is left: no stack goes on and none has ended. */
  boolean dead() {
    return tops.length == 0 && !ends;
  }

  /** The place after a byte. */
  Place next(int b) {
    Place[] known = next;
    Place found = known == null ? null : known[b];
    return found == null ? follow(b) : found;
  }

  private synchronized Place follow(int b) {
    if (next == null) {
      next = new Place[256];
    }
    Machine.Closure closure = machine.closure();
    for (Frame top : tops) {
      closure.take(top, b);
    }
    reach = Math.max(reach, closure.reach());
    Place found = closure.place();
    next[b] = found;
    return found;
  }

  /** How deep stacks would have become on the way to what is known of what follows. */
  int reach() {
    return reach;
  }

  /** The one byte that can come, or -1 if there are others or none, or the text may end. */
  int onlyByte() {
    if (ends) {
      return -1;
    }
    int only = -1;
    for (Frame top : tops) {
      int[] steps = machine.automaton().steps(top.state());
      if (steps.length != 3 || steps[0] != steps[1] || only >= 0 && only != steps[0]) {
        return -1;
      }
      only = steps[0];
    }
    return only;
  }

  @Override
  public long[] allowed() {
    long[] known = mask;
    if (known == null) {
      known = machine.mask(this);
      mask = known;
    }
    return known;
  }

  @Override
  public Place after(int token) {
    Place at = this;
    if (token >= 0 && token < machine.table().size()) {
      byte[] bytes = machine.table().bytes(token);
      for (byte b : bytes) {
        at = at.next(b & 0xFF);
      }
      if (bytes.length > 0 && !at.dead()) {
        return at;
      }
    }
    throw new LatheException(
        GenerateError.DEAD_END, "token " + token + ": not allowed by the constraint here");
  }

  @Override
  public int[] forced() {
    int[] known = forced;
    if (known == null) {
      known = dead() || finished() ? NONE : machine.forced(this);
      forced = known;
    }
    return known.clone();
  }

  @Override
  public boolean mayEnd() {
    return ends;
  }

  @Override
  public boolean finished() {
    return ends && (tops.length == 0 || count(allowed(), 1) == 0);
  }

  /** How many bits are set; counting stops at a number. */
  static int count(long[] bits, int most) {
    int count = 0;
    for (int i = 0; i < bits.length && count < most; i++) {
      count += Long.bitCount(bits[i]);
    }
    return count;
  }
}
