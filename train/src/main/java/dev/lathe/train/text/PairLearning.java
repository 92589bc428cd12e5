package dev.lathe.train.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Learns which neighbours to merge: always those that occur most often, the ones with the lower
 * tokens of equals. Counts are kept up to date where a merge changes them, so that a merge costs
 * what it touches.
 *
 * @see <a href="https://arxiv.org/abs/1508.07909">Sennrich et al. 2016</a>
 */
final class PairLearning {
  /** Neighbours and how often they occurred when this was written. */
  private record Candidate(long pair, long count) {
    static final Comparator<Candidate> ORDER =
        Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);
  }

  /** A piece and how often it occurs. */
  private record Word(PairMerges.Chain chain, long count) {}

  private final List<Word> words = new ArrayList<>();
  private final Map<Long, Long> counts = new HashMap<>();
  private final Map<Long, Set<Integer>> where = new HashMap<>();
  private final PriorityQueue<Candidate> candidates = new PriorityQueue<>(Candidate.ORDER);
  private final Set<Long> changed = new LinkedHashSet<>();

  /** Adds a piece of text, as first tokens. */
  void add(int[] piece, long count) {
    int word = words.size();
    words.add(new Word(new PairMerges.Chain(piece), count));
    for (int i = 0; i + 1 < piece.length; i++) {
      change(piece[i], piece[i + 1], count, word);
    }
  }

  private void change(int left, int right, long by, int word) {
    long pair = PairMerges.pair(left, right);
    counts.merge(pair, by, Long::sum);
    if (by > 0) {
      where.computeIfAbsent(pair, _ -> new LinkedHashSet<>()).add(word);
      changed.add(pair);
    }
  }

  /** The neighbours that occur most often, as {left, right}; empty if none occur twice. */
  int[] best() {
    changed.forEach(pair -> candidates.add(new Candidate(pair, counts.get(pair))));
    changed.clear();
    for (Candidate top = candidates.poll(); top != null; top = candidates.poll()) {
      long now = counts.getOrDefault(top.pair(), 0L);
      if (now == top.count() && now > 1) {
        return new int[] {(int) (top.pair() >> Integer.SIZE), (int) top.pair()};
      }
      if (now != top.count() && now > 1) {
        candidates.add(new Candidate(top.pair(), now));
      }
    }
    return new int[0];
  }

  /** Merges neighbours wherever they are, from left to right. */
  void merge(int left, int right, int token) {
    Set<Integer> touched = where.remove(PairMerges.pair(left, right));
    for (int word : touched == null ? Set.<Integer>of() : touched) {
      merge(words.get(word), word, new int[] {left, right, token});
    }
    counts.remove(PairMerges.pair(left, right));
  }

  private void merge(Word word, int index, int[] merge) {
    PairMerges.Chain chain = word.chain();
    for (int at = 0; at < chain.length(); at = chain.next(at)) {
      int taken = chain.next(at);
      if (chain.token(at) != merge[0]
          || taken >= chain.length()
          || chain.token(taken) != merge[1]) {
        continue;
      }
      int before = chain.previous(at);
      int after = chain.next(taken);
      if (before >= 0) {
        change(chain.token(before), merge[0], -word.count(), index);
        change(chain.token(before), merge[2], word.count(), index);
      }
      if (after < chain.length()) {
        change(merge[1], chain.token(after), -word.count(), index);
        change(merge[2], chain.token(after), word.count(), index);
      }
      change(merge[0], merge[1], -word.count(), index);
      chain.join(at, merge[2]);
    }
  }
}
