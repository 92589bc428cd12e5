package dev.lathe.generate.constrain;

import org.jspecify.annotations.Nullable;

/**
 * The upper end of a stack of states; shared by all stacks that begin with it. Immutable; one of
 * each content, so that they are compared by identity.
 */
final class Frame {
  /** Of a count that does not end within a token. */
  static final int MANY = Integer.MAX_VALUE;

  private final int state;

  /** How many more items a repetition needs. */
  private final int need;

  /** How many more items a repetition may have. */
  private final int room;

  private final @Nullable Frame below;
  private final int depth;
  private final int order;

  /** What makes two frames the same. */
  record Content(int state, int need, int room, @Nullable Frame below) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Content that
          && state == that.state
          && need == that.need
          && room == that.room
          && below == that.below;
    }

    @Override
    public int hashCode() {
      return ((state * 31 + need) * 31 + room) * 31 + System.identityHashCode(below);
    }
  }

  Frame(Content content, int order) {
    state = content.state();
    need = content.need();
    room = content.room();
    below = content.below();
    depth = below == null ? 0 : below.depth + 1;
    this.order = order;
  }

  int state() {
    return state;
  }

  int need() {
    return need;
  }

  int room() {
    return room;
  }

  @Nullable Frame below() {
    return below;
  }

  int depth() {
    return depth;
  }

  /** A number by which frames of a set are put in order. */
  int order() {
    return order;
  }
}
