package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.List;
import java.util.Optional;

/** What a question may ask for. */
final class Bounds {
  /** The most texts of a question. */
  static final int MOST_TEXTS = 2048;

  /** The most characters of all its texts. */
  static final int MOST_CHARACTERS = 8 << 20;

  /** The most characters of texts that are read again with each of others. */
  static final long MOST_PAIRED = 64L << 20;

  private Bounds() {}

  /** Refuses no text, too many and too long ones. */
  static void requireTexts(String what, List<String> texts) {
    if (texts.isEmpty() || texts.size() > MOST_TEXTS) {
      throw bad(what + ": " + texts.size() + " (expected: 1 to " + MOST_TEXTS + ")");
    }
    long characters = texts.stream().mapToLong(String::length).sum();
    if (characters > MOST_CHARACTERS) {
      throw bad(
          what + ": " + characters + " characters (expected: at most " + MOST_CHARACTERS + ")");
    }
  }

  /** Refuses a text of too many characters. */
  static void requireShort(String what, String text, int most) {
    if (text.length() > most) {
      throw bad(what + ": " + text.length() + " characters (expected: at most " + most + ")");
    }
  }

  /** Refuses more tokens than a model takes. */
  static void requireTokens(String what, int tokens, int most) {
    if (tokens > most) {
      throw bad(what + ": " + tokens + " tokens (expected: at most " + most + ")");
    }
  }

  /** Refuses more than can be read where a text is read again with each of others. */
  static void requireTimes(String what, long characters, int times) {
    if (characters * times > MOST_PAIRED) {
      throw bad(
          what
              + ": "
              + characters
              + " characters, "
              + times
              + " times (expected: at most "
              + MOST_PAIRED
              + " together)");
    }
  }

  /** A number as asked for, or as usual. */
  static int number(String what, Optional<Integer> asked, int usual, int most) {
    int number = asked.orElse(usual);
    if (asked.isPresent() && (number < 1 || number > most)) {
      throw bad(what + ": " + number + " (expected: 1 to " + most + ")");
    }
    return number;
  }

  static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }
}
