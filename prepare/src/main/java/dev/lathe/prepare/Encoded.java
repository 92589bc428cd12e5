package dev.lathe.prepare;

/**
 * A text as tokens; all arrays are [L]: L tokens.
 *
 * @param ids the tokens
 * @param types the tokens' part of the text: 0 for the first, 1 for the second of a pair
 * @param starts the place in the text of each token's first character, counted in code points as
 *     Hugging Face does; 0 for tokens that the template added
 * @param ends the place after each token's last character; 0 for tokens that the template added
 */
@SuppressWarnings("ArrayRecordComponent")
public record Encoded(int[] ids, int[] types, int[] starts, int[] ends) {
  /**
   * The number of tokens.
   *
   * @return L
   */
  public int length() {
    return ids.length;
  }
}
