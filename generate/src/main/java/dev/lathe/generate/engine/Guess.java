package dev.lathe.generate.engine;

/**
 * Guesses the next tokens of a text: those that followed its last few tokens where they occurred
 * before. It guesses more while it is right, and less often while it is wrong.
 *
 * @see <a href="https://arxiv.org/abs/2304.04487">Yang et al. 2023, guesses by reference</a>
 */
final class Guess {
  private static final int LONGEST = 4;
  private static final int SHORTEST = 2;
  private static final int LONGEST_REST = 32;
  private static final int FARTHEST = 8192;

  private int hope = 2;
  private int rest;
  private int restNext = 1;

  /**
   * Writes a guess behind a text.
   *
   * @param tokens room for the guess behind the text
   * @param length of the text
   * @param most how many tokens to guess at most
   * @return how many were guessed
   */
  int write(int[] tokens, int length, int most) {
    if (rest > 0) {
      rest--;
      return 0;
    }
    int from = match(tokens, length);
    if (from < 0) {
      return 0;
    }
    int count = Math.min(Math.min(hope, most), length - from);
    System.arraycopy(tokens, from, tokens, length, count);
    return count;
  }

  /** Learns how many tokens of a guess were right. */
  void judge(int guessed, int right) {
    if (right == guessed) {
      hope = Math.min(2 * hope, 64);
      restNext = 1;
    } else if (right == 0) {
      hope = Math.max(1, hope / 2);
      rest = restNext;
      restNext = Math.min(2 * restNext, LONGEST_REST);
    } else {
      hope = Math.max(1, right + 1);
      restNext = 1;
    }
  }

  /** After which place the last tokens occurred before, the longest match first; −1 if nowhere. */
  private static int match(int[] tokens, int length) {
    int first = Math.max(0, length - FARTHEST);
    int best = -1;
    int bestLength = SHORTEST - 1;
    for (int end = length - 1; end > first && bestLength < LONGEST; end--) {
      int same = 0;
      while (same < LONGEST
          && end - same > first
          && tokens[end - 1 - same] == tokens[length - 1 - same]) {
        same++;
      }
      if (same > bestLength) {
        best = end;
        bestLength = same;
      }
    }
    return best;
  }
}
