package dev.lathe.train.data;

/**
 * Lists of tokens, as many as the disk holds: all tokens one after another, and eight bytes a list
 * that say where it ends. Safe for use by many threads.
 *
 * @param tokens those of all lists
 * @param ends where each list ends among them, two numbers of 32 bits each, the lower first
 */
record TokenLists(Tokens tokens, Tokens ends) {
  long size() {
    return ends.size() / 2;
  }

  /** How many tokens a list has. */
  int length(long list) {
    return Math.toIntExact(end(list) - end(list - 1));
  }

  /** A copy of the tokens of a list. */
  int[] at(long list) {
    int[] copy = new int[length(list)];
    long from = end(list - 1);
    for (int i = 0; i < copy.length; i++) {
      copy[i] = tokens.at(from + i);
    }
    return copy;
  }

  private long end(long list) {
    return list < 0
        ? 0
        : (long) ends.at(2 * list + 1) << 32 | Integer.toUnsignedLong(ends.at(2 * list));
  }

  /** Takes lists in their order. */
  static final class Writer implements AutoCloseable {
    private final Tokens.Writer tokens = new Tokens.Writer();
    private final Tokens.Writer ends = new Tokens.Writer();

    void add(int[] list) {
      tokens.add(list);
      ends.add(new int[] {(int) tokens.size(), (int) (tokens.size() >>> 32)});
    }

    /** All that were taken, for as long as they are reachable. */
    TokenLists all() {
      return new TokenLists(tokens.all(), ends.all());
    }

    @Override
    public void close() {
      try (tokens;
          ends) {
        // Both are closed, whatever one of them does.
      }
    }
  }
}
