package dev.lathe.train.bleu;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Words and signs of a line by the rules of the WMT evaluations, known as {@code 13a}: most ASCII
 * signs stand alone, full stops and commas do unless they are within a number, and so do dashes
 * behind a digit. Case counts.
 *
 * @see <a href="https://aclanthology.org/W18-6319">Post 2018</a>
 */
final class WesternTokens {
  private static final String SPACE =
      "[\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
  private static final Pattern SPACES = Pattern.compile(SPACE);
  private static final Pattern LAST_SPACES = Pattern.compile(SPACE + "\\z");
  private static final Pattern SIGN =
      Pattern.compile("[\\x20-\\x26\\x28-\\x2b\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]");
  private static final Pattern POINT_AFTER_OTHER = Pattern.compile("([^0-9])([.,])");
  private static final Pattern POINT_BEFORE_OTHER = Pattern.compile("([.,])([^0-9])");
  private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])-");

  private WesternTokens() {}

  /** The tokens of a line; none for a blank one. */
  static List<String> of(String line) {
    String text =
        LAST_SPACES
            .matcher(line)
            .replaceFirst("")
            .replace("<skipped>", "")
            .replace("-\n", "")
            .replace('\n', ' ')
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
    text = SIGN.matcher(" " + text + " ").replaceAll(" $0 ");
    text = POINT_AFTER_OTHER.matcher(text).replaceAll("$1 $2 ");
    text = POINT_BEFORE_OTHER.matcher(text).replaceAll(" $1 $2");
    text = DASH_AFTER_DIGIT.matcher(text).replaceAll("$1 - ");
    return Stream.of(SPACES.split(text)).filter(token -> !token.isEmpty()).toList();
  }
}
