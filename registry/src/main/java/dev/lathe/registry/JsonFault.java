package dev.lathe.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * What is wrong with a JSON text, in words for its author: the parser's own messages name its
 * classes and switches.
 */
public final class JsonFault {
  private static final String MISSING = "Null value for creator property";

  /** Parts of the parser's messages that only its programmer understands. */
  private static final Pattern INTERNALS =
      Pattern.compile(", from `[^`]*`|: enable `.*| \\(start marker at .*|[;,] ?`.*");

  private static final Pattern LEAK = Pattern.compile("`|Feature|\\[Source|Exception|java\\.");

  private JsonFault() {}

  /**
   * A message such as {@code body 1:7: JSON ends too early} or {@code body: missing key "version"
   * (expected: a text)}.
   *
   * @param failure what the parser threw
   * @param what what was read, such as {@code body} or a file's name
   * @return one line, with line and column (from 1) where they help
   */
  public static String describe(JacksonException failure, String what) {
    return switch (failure) {
      case JacksonIOException _ -> what + ": broke off";
      case UnexpectedEndOfInputException _ -> at(failure, what) + "JSON ends too early";
      case UnrecognizedPropertyException e ->
          what
              + ": unknown key \""
              + key(e)
              + "\" (known: "
              + e.getKnownPropertyIds().stream().map(String::valueOf).collect(names())
              + ")";
      case MismatchedInputException e -> mismatch(e, what);
      default -> at(failure, what) + syntax(failure.getOriginalMessage());
    };
  }

  private static Collector<CharSequence, ?, String> names() {
    return Collectors.joining(", ");
  }

  private static String mismatch(MismatchedInputException e, String what) {
    String expected = " (expected: " + expected(e.getTargetType()) + ")";
    if (e.getOriginalMessage().startsWith(MISSING)) {
      return what + ": missing key \"" + key(e) + "\"" + expected;
    }
    if (e.getCurrentToken() == null && e.getPath().isEmpty()) {
      return what + ": empty" + expected;
    }
    String key = key(e);
    String named = key.isEmpty() ? "" : "key \"" + key + "\": ";
    return at(e, what) + named + found(e.getCurrentToken()) + expected;
  }

  private static String at(JacksonException failure, String what) {
    TokenStreamLocation at = failure.getLocation();
    return at == null || at.getLineNr() < 1
        ? what + ": "
        : what + " " + at.getLineNr() + ":" + at.getColumnNr() + ": ";
  }

  private static String key(JacksonException failure) {
    List<JacksonException.Reference> path = failure.getPath();
    return path.stream()
        .map(
            step -> Objects.requireNonNullElse(step.getPropertyName(), "[" + step.getIndex() + "]"))
        .collect(Collectors.joining("."));
  }

  private static String syntax(@Nullable String message) {
    String plain = INTERNALS.matcher(String.valueOf(message)).replaceAll("");
    return LEAK.matcher(plain).find() ? "not valid JSON" : "not valid JSON: " + plain;
  }

  private static String found(@Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case null, default -> "null";
    };
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "JSON";
    }
    if (CharSequence.class.isAssignableFrom(type) || type.isEnum()) {
      return "a text";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "a number";
    }
    boolean list = Collection.class.isAssignableFrom(type) || type.isArray();
    boolean object = Map.class.isAssignableFrom(type) || type.isRecord();
    return list ? "an array" : object ? "an object" : "another kind of value";
  }
}
