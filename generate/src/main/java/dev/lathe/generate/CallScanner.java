package dev.lathe.generate;

import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a call as it comes, character by character: a JSON object with a name and arguments. The
 * arguments are given on as they are written.
 */
final class CallScanner {
  private static final Set<String> ARGUMENTS = Set.of("arguments", "parameters");
  private static final int LONGEST = 1 << 20;

  /** Where in the object the next character stands. */
  private enum Place {
    BEFORE,
    KEY,
    COLON,
    VALUE,
    COMMA,
    DONE,
    NO_CALL
  }

  private final Set<String> known;
  private final Consumer<AnswerPart> out;
  private final int call;
  private final StringBuilder raw = new StringBuilder();
  private final StringBuilder token = new StringBuilder();
  private final StringBuilder waiting = new StringBuilder();
  private Place place = Place.BEFORE;
  private String key = "";
  private int depth;
  private boolean quoted;
  private boolean escaped;
  private boolean begun;
  private boolean argued;

  /**
   * Nothing has come.
   *
   * @param known names that make an object a call; all do if there are none
   */
  CallScanner(int call, Set<String> known, Consumer<AnswerPart> out) {
    this.call = call;
    this.known = known;
    this.out = out;
  }

  /** The next character; false if it is no part of the object, which was complete before. */
  boolean push(char c) {
    if (place == Place.DONE) {
      return false;
    }
    raw.append(c);
    if (raw.length() > LONGEST) {
      place = Place.NO_CALL;
    }
    switch (place) {
      case BEFORE -> place = c == '{' ? Place.KEY : blank(c) ? place : Place.NO_CALL;
      case KEY -> key(c);
      case COLON -> place = c == ':' ? Place.VALUE : blank(c) ? place : Place.NO_CALL;
      case VALUE -> value(c);
      case COMMA -> comma(c);
      case DONE, NO_CALL -> {}
    }
    return true;
  }

  private static boolean blank(char c) {
    return Character.isWhitespace(c);
  }

  private void key(char c) {
    if (token.isEmpty()) {
      if (c == '"') {
        token.append(c);
      } else if (c == '}') {
        end();
      } else if (!blank(c)) {
        place = Place.NO_CALL;
      }
      return;
    }
    token.append(c);
    if (closes(c)) {
      key = text(token.toString()).orElse("");
      token.setLength(0);
      place = Place.COLON;
    }
  }

  /** Whether a character ends the string that it is in. */
  private boolean closes(char c) {
    if (escaped) {
      escaped = false;
      return false;
    }
    escaped = c == '\\';
    return c == '"';
  }

  private void value(char c) {
    if (token.isEmpty()) {
      if (!blank(c)) {
        token.append(c);
        quoted = c == '"';
        depth = c == '{' || c == '[' ? 1 : 0;
        streamed(c);
      }
      return;
    }
    if (quoted) {
      token.append(c);
      streamed(c);
      if (closes(c)) {
        quoted = false;
        ended(depth == 0);
      }
      return;
    }
    if (depth == 0) {
      if (c == ',' || c == '}') {
        ended(true);
        comma(c);
      } else {
        token.append(c);
      }
      return;
    }
    token.append(c);
    streamed(c);
    quoted = c == '"';
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    ended(depth == 0);
  }

  /** A character of arguments that are an object goes on at once, if the name is known. */
  private void streamed(char c) {
    if (ARGUMENTS.contains(key) && token.charAt(0) == '{') {
      argued = true;
      give(Character.toString(c));
    }
  }

  private void give(String text) {
    waiting.append(text);
    if (begun && !waiting.isEmpty()) {
      out.accept(new AnswerPart.CallArguments(call, waiting.toString()));
      waiting.setLength(0);
    }
  }

  private void ended(boolean whole) {
    if (!whole) {
      return;
    }
    String value = token.toString();
    token.setLength(0);
    place = Place.COMMA;
    if (key.equals("name")) {
      String name = text(value).orElse("");
      if (name.isEmpty() || !known.isEmpty() && !known.contains(name)) {
        place = Place.NO_CALL;
        return;
      }
      begun = true;
      out.accept(new AnswerPart.CallBegins(call, name));
      give("");
    } else if (ARGUMENTS.contains(key) && value.charAt(0) == '"') {
      argued = true;
      give(text(value).orElse("{}"));
    }
  }

  private void comma(char c) {
    if (c == '}') {
      end();
    } else if (c == ',') {
      place = Place.KEY;
    } else if (!blank(c)) {
      place = Place.NO_CALL;
    }
  }

  private void end() {
    place = begun ? Place.DONE : Place.NO_CALL;
    if (begun && !argued) {
      give("{}");
    }
  }

  private static Optional<String> text(String json) {
    try {
      return Optional.ofNullable(JsonMapper.shared().readTree(json).asString(null));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Whether a value was read and a comma or the end must follow. */
  boolean valueEnded() {
    return place == Place.COMMA;
  }

  boolean done() {
    return place == Place.DONE;
  }

  /** Whether what has come is no call, and was not taken for one. */
  boolean noCall() {
    return place == Place.NO_CALL && !begun;
  }

  /** Whether a call has begun. */
  boolean begun() {
    return begun;
  }

  /** What has come so far. */
  String raw() {
    return raw.toString();
  }
}
