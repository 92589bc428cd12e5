package dev.lathe.train.text;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/** Which neighbours become one token, those that were learned first before others. */
final class PairMerges {
  /** Place and result of a merge in the order of learning. */
  private record Merge(int rank, int token) {}

  /** Two neighbours that may become one. */
  private record Place(int at, int left, int right, Merge merge) {
    static final Comparator<Place> ORDER =
        Comparator.<Place>comparingInt(place -> place.merge().rank()).thenComparingInt(Place::at);
  }

  private final Map<Long, Merge> merges = new HashMap<>();

  /** Adds what was learned next. */
  void add(int left, int right, int token) {
    merges.putIfAbsent(pair(left, right), new Merge(merges.size(), token));
  }

  /** Two tokens as one key, in the order of the first, then the second. */
  static long pair(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  /** Merges the tokens of a piece until no neighbours belong together. */
  int[] apply(int[] piece) {
    Chain chain = new Chain(piece);
    PriorityQueue<Place> places = new PriorityQueue<>(Place.ORDER);
    for (int i = 0; i + 1 < piece.length; i++) {
      offer(places, chain, i);
    }
    for (Place place = places.poll(); place != null; place = places.poll()) {
      int next = chain.next(place.at());
      if (chain.token(place.at()) == place.left()
          && next < piece.length
          && chain.token(next) == place.right()) {
        chain.join(place.at(), place.merge().token());
        offer(places, chain, place.at());
        offer(places, chain, chain.previous(place.at()));
      }
    }
    return chain.tokens();
  }

  private void offer(PriorityQueue<Place> places, Chain chain, int at) {
    if (at < 0 || chain.next(at) >= chain.length()) {
      return;
    }
    int left = chain.token(at);
    int right = chain.token(chain.next(at));
    Merge merge = merges.get(pair(left, right));
    if (merge != null) {
      places.add(new Place(at, left, right, merge));
    }
  }

  /** Tokens that know their neighbours, each at the place where it begins. */
  static final class Chain {
    private static final int GONE = -1;

    private final int[] tokens;
    private final int[] next;
    private final int[] previous;

    Chain(int[] piece) {
      tokens = piece.clone();
      next = new int[piece.length];
      previous = new int[piece.length];
      for (int i = 0; i < piece.length; i++) {
        next[i] = i + 1;
        previous[i] = i - 1;
      }
    }

    int length() {
      return tokens.length;
    }

    /** The token at a place; negative where none begins. */
    int token(int at) {
      return tokens[at];
    }

    /** Where the next one begins; the length after the last. */
    int next(int at) {
      return next[at];
    }

    /** Where the one before begins; negative before the first. */
    int previous(int at) {
      return previous[at];
    }

    /** Makes a token and the next one a new one. */
    void join(int at, int token) {
      int taken = next[at];
      tokens[at] = token;
      tokens[taken] = GONE;
      next[at] = next[taken];
      if (next[at] < tokens.length) {
        previous[next[at]] = at;
      }
    }

    /** What is left, in order. */
    int[] tokens() {
      return java.util.Arrays.stream(tokens).filter(token -> token != GONE).toArray();
    }
  }
}
