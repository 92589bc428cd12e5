package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.List;

/**
 * Looks for texts that end an answer while it comes in pieces. What may be the beginning of such a
 * text is held back until it is certain. Not safe for use by several threads.
 */
public final class StopText {
  /** The most texts of one origin that may end an answer: the request's, or the model's. */
  public static final int MOST = 64;

  private static final int MOST_TOGETHER = 2 * MOST;

  /** The longest text that may end an answer, in UTF-16 units. */
  public static final int LONGEST = 1024;

  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private String found = "";
  private String rest = "";

  /**
   * Nothing has come yet.
   *
   * @param stops texts that end the answer; the one completed first does
   * @throws LatheException BAD_STOP if there are too many, or one is empty or too long
   */
  public StopText(List<String> stops) {
    if (stops.size() > MOST_TOGETHER) {
      throw refused(stops.size() + " texts (expected: at most " + MOST_TOGETHER + ")");
    }
    for (int i = 0; i < stops.size(); i++) {
      int length = stops.get(i).length();
      if (length == 0 || length > LONGEST) {
        throw refused("text " + i + ": length " + length + " (expected: 1 to " + LONGEST + ")");
      }
    }
    this.stops = List.copyOf(stops);
  }

  private static LatheException refused(String what) {
    return new LatheException(TextError.BAD_STOP, "stop: " + what);
  }

  /**
   * The next piece of the answer.
   *
   * @param piece any text
   * @return what can be shown now; nothing more once a stop is {@link #found}
   */
  public String push(String piece) {
    if (stops.isEmpty() || !found.isEmpty()) {
      return found.isEmpty() ? piece : "";
    }
    int from = held.length();
    held.append(piece);
    for (int end = from + 1; end <= held.length(); end++) {
      String stop = endingAt(end);
      if (!stop.isEmpty()) {
        found = stop;
        rest = held.substring(end);
        return taken(end - stop.length(), held.length());
      }
    }
    int safe = safe();
    return taken(safe, safe);
  }

  /** The longest stop that ends there. */
  private String endingAt(int end) {
    String longest = "";
    for (String stop : stops) {
      int start = end - stop.length();
      if (start >= 0
          && stop.length() > longest.length()
          && held.substring(start, end).equals(stop)) {
        longest = stop;
      }
    }
    return longest;
  }

  /** Where the longest beginning of a stop begins that the held text ends with. */
  private int safe() {
    int least = Math.max(0, held.length() - LONGEST + 1);
    for (int start = least; start < held.length(); start++) {
      for (String stop : stops) {
        int length = held.length() - start;
        if (length < stop.length() && stop.startsWith(held.substring(start))) {
          return start;
        }
      }
    }
    return held.length();
  }

  private String taken(int shown, int gone) {
    String text = held.substring(0, shown);
    held.delete(0, gone);
    return text;
  }

  /**
   * There is no more text.
   *
   * @return what was held back
   */
  public String finish() {
    return taken(held.length(), held.length());
  }

  /**
   * The stop that ended the answer.
   *
   * @return the text; empty as long as none did
   */
  public String found() {
    return found;
  }

  /** What came in the same piece after the stop. */
  String rest() {
    return rest;
  }
}
