package dev.lathe.train;

/** How text becomes tokens. */
public sealed interface VocabularyRecipe {
  /** Each character of the training text is a token. */
  record Characters() implements VocabularyRecipe {}

  /**
   * Frequent sequences of bytes are tokens, as found in the training text.
   *
   * @param size V, the most tokens
   */
  record BytePairs(int size) implements VocabularyRecipe {}
}
