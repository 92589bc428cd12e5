package dev.lathe.generate.sample;

import java.util.Arrays;

/**
 * Which tokens occurred in a text, and how often in its answer: an open table of token and count,
 * at most half full.
 */
public final class TokenCounts {
  private static final int FREE = -1;

  private int[] tokens = new int[16];
  private int[] counts = new int[16];
  private int size;

  /** No token occurred. */
  public TokenCounts() {
    Arrays.fill(tokens, FREE);
  }

  /**
   * A token of the prompt.
   *
   * @param token the token
   */
  public void seen(int token) {
    add(token, 0);
  }

  /**
   * A token of the answer.
   *
   * @param token the token
   */
  public void said(int token) {
    add(token, 1);
  }

  private void add(int token, int times) {
    int at = find(token);
    if (tokens[at] == FREE) {
      tokens[at] = token;
      size++;
    }
    counts[at] += times;
    if (2 * size > tokens.length) {
      grow();
    }
  }

  private int find(int token) {
    int mask = tokens.length - 1;
    int at = (token * 0x9E3779B9 >>> 7) & mask;
    while (tokens[at] != FREE && tokens[at] != token) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    int[] oldTokens = tokens;
    int[] oldCounts = counts;
    tokens = new int[2 * oldTokens.length];
    counts = new int[tokens.length];
    Arrays.fill(tokens, FREE);
    for (int i = 0; i < oldTokens.length; i++) {
      if (oldTokens[i] != FREE) {
        int at = find(oldTokens[i]);
        tokens[at] = oldTokens[i];
        counts[at] = oldCounts[i];
      }
    }
  }

  /** Places in the table; some are free. */
  int places() {
    return tokens.length;
  }

  /** The token at a place; negative if it is free. */
  int tokenAt(int place) {
    return tokens[place];
  }

  /** How often the answer has the token at a place. */
  int saidAt(int place) {
    return counts[place];
  }
}
