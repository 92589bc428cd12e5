package dev.lathe.train.text;

import java.util.List;

/** The first tokens of a vocabulary for translation; no text has them. */
public final class SpecialTokens {
  /** Fills a line up to the length of its batch. */
  public static final int PAD = 0;

  /** Stands before a target's first token. */
  public static final int START = 1;

  /** Stands after the last token of a source or target. */
  public static final int END = 2;

  /** Their names in the order of their numbers. */
  public static final List<String> NAMES = List.of("<pad>", "<s>", "</s>");

  private SpecialTokens() {}
}
