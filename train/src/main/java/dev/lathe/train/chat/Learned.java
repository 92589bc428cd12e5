package dev.lathe.train.chat;

import java.util.Arrays;

/**
 * What a model sees of an example, and what it is to say.
 *
 * @param tokens what it sees, [T]
 * @param targets the token after each, [T]; {@link #NOT_LEARNED} where it does not count
 */
@SuppressWarnings("ArrayRecordComponent")
public record Learned(int[] tokens, int[] targets) {
  /** In place of a token that does not count. */
  public static final int NOT_LEARNED = -1;

  /**
   * How much is seen.
   *
   * @return T
   */
  public int length() {
    return tokens.length;
  }

  /**
   * The beginning of it.
   *
   * @param length the most tokens
   * @return this, or a shorter one
   */
  public Learned cut(int length) {
    return length >= tokens.length
        ? this
        : new Learned(Arrays.copyOf(tokens, length), Arrays.copyOf(targets, length));
  }

  /**
   * Whether there is anything to say.
   *
   * @return false if no token counts
   */
  public boolean counts() {
    return Arrays.stream(targets).anyMatch(target -> target != NOT_LEARNED);
  }
}
