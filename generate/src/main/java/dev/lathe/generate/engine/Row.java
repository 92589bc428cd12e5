package dev.lathe.generate.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A place in the cache for one text: a sequence's, or free and still holding what the last one left
 * there, for whoever begins alike.
 */
final class Row {
  private static final int[] NOTHING = {};

  private final Spot spot;
  private final int capacity;
  private @Nullable Sequence owner;
  private int[] kept = NOTHING;
  private int keptLength;
  private String realm = "";
  private long freedAt;

  Row(Spot spot, int capacity) {
    this.spot = spot;
    this.capacity = capacity;
  }

  Spot spot() {
    return spot;
  }

  int capacity() {
    return capacity;
  }

  @Nullable Sequence owner() {
    return owner;
  }

  boolean isFree() {
    return owner == null;
  }

  /** When it was freed, by the count of steps; 0 if it holds nothing. */
  long freedAt() {
    return keptLength == 0 ? 0 : freedAt;
  }

  /** How many tokens it holds. */
  int length() {
    Sequence own = owner;
    return own == null ? keptLength : own.computed();
  }

  /**
   * Where a run that passes over it may write: behind what it holds.
   *
   * @return the place; {@link #capacity} − 1 at most, since what is kept leaves one place
   */
  int spare() {
    return Math.min(length(), capacity - 1);
  }

  /** How many tokens of a text it holds from the beginning, if it is of the same realm. */
  int common(Sequence wanted) {
    Sequence own = owner;
    if (!(own == null ? realm : own.realm()).equals(wanted.realm())) {
      return 0;
    }
    int[] tokens = own == null ? kept : own.tokens();
    int most = Math.min(length(), wanted.length() - 1);
    int differs = Arrays.mismatch(tokens, 0, most, wanted.tokens(), 0, most);
    return differs < 0 ? most : differs;
  }

  /** Becomes a sequence's, which keeps what it has in common. */
  void give(Sequence sequence, int common) {
    owner = sequence;
    kept = NOTHING;
    keptLength = 0;
    sequence.settle(this, common);
  }

  /** Is free again and keeps what is there. */
  void free(long step) {
    Sequence gone = owner;
    if (gone == null) {
      throw new IllegalStateException(spot + " is free already");
    }
    kept = gone.tokens();
    keptLength = Math.min(gone.computed(), capacity - 1);
    realm = gone.realm();
    freedAt = step;
    owner = null;
    gone.leave();
  }

  /** Lets a store keep what is here, of a free row. */
  void keep(PrefixStore store) {
    store.keep(realm, spot, kept, keptLength);
  }

  /** Holds nothing any more. */
  void clear() {
    kept = NOTHING;
    keptLength = 0;
  }

  /** Changes contents with another row. */
  void exchange(Row other) {
    Sequence mine = owner;
    Sequence theirs = other.owner;
    int[] tokens = kept;
    int length = keptLength;
    String of = realm;
    long at = freedAt;
    kept = other.kept;
    keptLength = other.keptLength;
    realm = other.realm;
    freedAt = other.freedAt;
    owner = theirs;
    other.kept = tokens;
    other.keptLength = length;
    other.realm = of;
    other.freedAt = at;
    other.owner = mine;
    if (theirs != null) {
      theirs.move(this);
    }
    if (mine != null) {
      mine.move(other);
    }
  }
}
