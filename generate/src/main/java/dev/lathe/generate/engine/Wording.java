package dev.lathe.generate.engine;

import java.util.List;

/**
 * Makes text of the tokens of one answer, and looks for stops in it. What may be the beginning of a
 * stop is held back until it is sure.
 */
final class Wording {
  private final Voice voice;
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private String met = "";

  Wording(Voice voice, List<String> stops) {
    this.voice = voice;
    this.stops = stops;
  }

  /** Adds a token's text without looking for stops. */
  String pushUnheeded(int token) {
    return taken(voice.push(token));
  }

  private String taken(String text) {
    if (held.isEmpty()) {
      return text;
    }
    held.append(text);
    String all = held.toString();
    held.setLength(0);
    return all;
  }

  /** Adds a token; gives what can be shown now, up to a stop if one was met. */
  String push(int token) {
    return shown(voice.push(token));
  }

  /** There are no more tokens; gives what was held back, up to a stop if one was met. */
  String finish() {
    String shown = shown(voice.finish());
    return met.isEmpty() ? shown + taken("") : shown;
  }

  private String shown(String text) {
    if (stops.isEmpty()) {
      return text;
    }
    held.append(text);
    int at = earliest();
    int sure = at < 0 ? held.length() - suspect() : at;
    String shown = held.substring(0, sure);
    held.delete(0, at < 0 ? sure : held.length());
    return shown;
  }

  private int earliest() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first || at == first && stop.length() > met.length())) {
        first = at;
        met = stop;
      }
    }
    return first;
  }

  /** How many characters at the end may be the beginning of a stop. */
  private int suspect() {
    int most = 0;
    for (String stop : stops) {
      int length = Math.min(stop.length() - 1, held.length());
      while (length > most && !endsWith(stop, length)) {
        length--;
      }
      most = Math.max(most, length);
    }
    return most;
  }

  private boolean endsWith(String stop, int length) {
    int from = held.length() - length;
    for (int i = 0; i < length; i++) {
      if (held.charAt(from + i) != stop.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The stop that was met; empty if none was. */
  String stop() {
    return met;
  }
}
