package dev.lathe.generate.constrain;

/** How a tokenizer writes a text. */
@FunctionalInterface
public interface Spelling {
  /**
   * The tokens of a text.
   *
   * @param text any text
   * @return its tokens, without special ones
   */
  int[] tokens(String text);
}
