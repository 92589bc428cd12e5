package dev.lathe.train.text;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text where no token may reach across, as GPT-2 does: English endings, words, numbers and
 * signs, each with the space before it, and other white space.
 */
final class Pieces {
  private static final Pattern PIECE =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+"
              + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");

  private Pieces() {}

  /** Hands over the pieces in order; together they are the text. */
  static void each(String text, Consumer<String> use) {
    Matcher matcher = PIECE.matcher(text);
    while (matcher.find()) {
      use.accept(matcher.group());
    }
  }
}
