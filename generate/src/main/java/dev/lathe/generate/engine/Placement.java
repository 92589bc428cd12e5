package dev.lathe.generate.engine;

import dev.lathe.generate.TextOptions.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which sequence has which row. A sequence begins in the smallest arena that it fits into for a
 * while, and leaves it for a larger one when it has filled its row. It continues what a free row
 * still holds, if it begins alike; or copies it from a row that is in use, or worth more as it is;
 * or from the store of beginnings, to which goes what a row held before it was given to another.
 */
final class Placement {
  /** What a sequence must have room for besides what it has, to begin in an arena. */
  private static final int ROOM = 256;

  private final Decoder decoder;
  private final Line line;
  private final PrefixStore prefixes;
  private final Row[][] rows;
  private long step;
  private int owned;

  Placement(Decoder decoder, Line line) {
    this.decoder = decoder;
    this.line = line;
    this.prefixes = new PrefixStore(decoder);
    List<Arena> arenas = decoder.arenas();
    this.rows = new Row[arenas.size()][];
    for (int a = 0; a < rows.length; a++) {
      rows[a] = new Row[arenas.get(a).slots()];
      for (int r = 0; r < rows[a].length; r++) {
        rows[a][r] = new Row(new Spot(a, r), arenas.get(a).capacity());
      }
    }
  }

  /** The rows of each arena. */
  Row[][] rows() {
    return rows;
  }

  /** What is kept outside the rows. */
  PrefixStore prefixes() {
    return prefixes;
  }

  /** How many rows are in use. */
  int owned() {
    return owned;
  }

  /** The longest text that fits into a row. */
  int longest() {
    return rows[rows.length - 1][0].capacity();
  }

  /** Tokens in the cache, also those that nobody uses now. */
  long tokens() {
    long sum = 0;
    for (Row[] arena : rows) {
      for (Row row : arena) {
        sum += row.length();
      }
    }
    return sum;
  }

  long capacity() {
    long sum = 0;
    for (Row[] arena : rows) {
      sum += (long) arena.length * arena[0].capacity();
    }
    return sum;
  }

  /**
   * Gives rows to those who wait, as far as there are any; who is more urgent takes the row of who
   * is less. Who finds none keeps the larger arenas reserved, so that shorter texts cannot starve
   * it.
   *
   * @return how many rows were taken from others
   */
  int admit(long now) {
    step++;
    int preempted = 0;
    int reserved = rows.length;
    line.beginRound();
    for (Sequence next = line.next(now); next != null; next = line.next(now)) {
      int first = firstArena(next);
      Row row = first < reserved ? find(next, first, reserved) : null;
      Sequence victim = row == null && first < reserved ? victim(next, first) : null;
      if (victim != null) {
        row = victim.row();
        leave(victim);
        victim.waitSince(now);
        line.addFirst(victim);
        preempted++;
      }
      if (row == null) {
        reserved = Math.min(reserved, first);
        line.pass(next);
        continue;
      }
      line.remove(next);
      next.level(Line.level(next, now));
      owned++;
      give(next, row);
    }
    return preempted;
  }

  private void give(Sequence sequence, Row row) {
    int common = sequence.scoresPrompt() ? 0 : row.common(sequence);
    // First, so that keeping what the row holds does not cost what the sequence will copy.
    prefixes.find(sequence.realm(), sequence.tokens(), sequence.length() - 1);
    if (row.length() >= common + PrefixStore.LEAST_COPY) {
      row.keep(prefixes);
    }
    row.give(sequence, common);
  }

  private int firstArena(Sequence sequence) {
    int wanted = Math.min(sequence.most(), sequence.length() + ROOM);
    int arena = 0;
    while (arena < rows.length - 1 && rows[arena][0].capacity() < wanted) {
      arena++;
    }
    return arena;
  }

  private @Nullable Row find(Sequence sequence, int first, int end) {
    for (int arena = first; arena < end; arena++) {
      Row row = find(sequence, rows[arena]);
      if (row != null) {
        return row;
      }
    }
    return null;
  }

  /** The free row of most use to a sequence, or of least use to others. */
  private static @Nullable Row find(Sequence sequence, Row[] arena) {
    Row oldest = null;
    Row alike = null;
    int most = 0;
    for (Row row : arena) {
      if (!row.isFree()) {
        continue;
      }
      int common = row.common(sequence);
      if (common > most && 2 * common >= row.length()) {
        most = common;
        alike = row;
      }
      if (oldest == null || row.freedAt() < oldest.freedAt()) {
        oldest = row;
      }
    }
    return alike == null ? oldest : alike;
  }

  private @Nullable Sequence victim(Sequence urgent, int first) {
    Sequence worst = null;
    for (int arena = first; arena < rows.length; arena++) {
      for (Row row : rows[arena]) {
        Sequence owner = row.owner();
        if (owner != null
            && owner.level() > priority(urgent)
            && (worst == null || isWorse(owner, worst))) {
          worst = owner;
        }
      }
    }
    return worst;
  }

  private static boolean isWorse(Sequence one, Sequence other) {
    return one.level() != other.level()
        ? one.level() > other.level()
        : one.job().order() > other.job().order();
  }

  private static int priority(Sequence sequence) {
    return sequence.job().request().caller().priority();
  }

  /** Copies what other rows, or the store, hold of a sequence's tokens. */
  void match(Sequence sequence) {
    Row own = sequence.row();
    sequence.match();
    if (own == null || sequence.scoresPrompt()) {
      return;
    }
    int begin = sequence.computed();
    Row best = fullest(sequence, own);
    int held = best == null ? 0 : best.common(sequence);
    int kept = prefixes.find(sequence.realm(), sequence.tokens(), sequence.length() - 1);
    int end = Math.max(held, kept);
    if (end < begin + PrefixStore.LEAST_COPY) {
      return;
    }
    if (best != null && held >= kept) {
      decoder.copy(best.spot(), own.spot(), begin, end);
    } else {
      prefixes.load(sequence, own, begin, end);
    }
    sequence.copied(end);
  }

  /** The row that holds most of a sequence's tokens, beside its own. */
  private @Nullable Row fullest(Sequence sequence, Row own) {
    Row best = null;
    int most = 0;
    for (Row[] arena : rows) {
      for (Row row : arena) {
        int common = row == own ? 0 : row.common(sequence);
        if (common > most) {
          most = common;
          best = row;
        }
      }
    }
    return best;
  }

  /** A sequence gives its row back, which keeps what it holds. */
  void leave(Sequence sequence) {
    Row row = sequence.row();
    if (row == null) {
      throw new IllegalStateException("a sequence without a row leaves");
    }
    owned--;
    row.free(step);
  }

  /**
   * Brings the rows of an arena that are in use together, by one exchange, where a run over them
   * would pass over too many others.
   */
  void gather(int arena) {
    Row[] all = rows[arena];
    int count = 0;
    int first = -1;
    int last = -1;
    for (int i = 0; i < all.length; i++) {
      if (!all[i].isFree()) {
        count++;
        first = first < 0 ? i : first;
        last = i;
      }
    }
    int wasted = last - first + 1 - count;
    if (count < 2 || wasted <= count / 2) {
      return;
    }
    Row hole = null;
    for (int i = first; i < last; i++) {
      if (all[i].isFree() && (hole == null || all[i].length() < hole.length())) {
        hole = all[i];
      }
    }
    if (hole != null) {
      Row moved = all[last];
      int length = Math.max(hole.length(), moved.length());
      decoder.exchange(hole.spot(), moved.spot(), length);
      hole.exchange(moved);
    }
  }
}
