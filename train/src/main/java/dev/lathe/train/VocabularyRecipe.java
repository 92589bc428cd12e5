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

  /**
   * Frequent words are tokens, as found in the training text; all others are one token.
   *
   * @param size V, the most tokens
   * @param least how often a word must occur
   * @param casing whether words are told apart by case
   */
  record Words(int size, int least, Casing casing) implements VocabularyRecipe {}

  /** The tokens of the base, by the {@code tokenizer.json} beside it. */
  record OfBase() implements VocabularyRecipe {}

  /** Whether words are told apart by case. */
  enum Casing {
    /** They are. */
    KEPT,
    /** They are not: all are written small. */
    LOWER
  }
}
