package dev.lathe.train.chat;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.BoundedLines;
import dev.lathe.train.data.source.RegularFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file with an example in each line, as JSON: {@code {"messages": [...]}}, {@code {"prompt":
 * "...", "completion": "..."}} or {@code {"text": "..."}}. Blank lines are passed over; lines are
 * counted from 1.
 */
public final class ChatFile {
  private static final int LONGEST_LINE = 8 << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ChatFile() {}

  /**
   * Reads a file to its end.
   *
   * @param file the file, UTF-8
   * @param taker takes each example; what it refuses is told with the file's name and the line
   * @throws LatheException FILE_NOT_FOUND; TOO_LARGE; BAD_DATA naming the line and what is wrong
   *     with it, or if there is no line at all
   */
  public static void read(Path file, Consumer<ChatLine> taker) {
    read(file, String.valueOf(file.getFileName()), taker);
  }

  /**
   * Reads a file that has another name for people.
   *
   * @param file the file, UTF-8
   * @param name what to call it in errors
   * @param taker takes each example
   * @throws LatheException as {@link #read(Path, Consumer)}
   */
  public static void read(Path file, String name, Consumer<ChatLine> taker) {
    RegularFile.require(file);
    int examples = 0;
    try (BoundedLines lines = BoundedLines.open(file, name, LONGEST_LINE)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        String said = line.get();
        if (!said.isBlank()) {
          examples++;
          located(name, lines.number(), () -> taker.accept(parse(said)));
        }
      }
    }
    if (examples == 0) {
      throw new LatheException(
          TrainError.BAD_DATA,
          name + ": no examples (expected: a JSON object in each line, such as {\"messages\": …})");
    }
  }

  private static void located(String file, int line, Runnable work) {
    try {
      work.run();
    } catch (LatheException e) {
      throw new LatheException(e.code(), file + ": line " + line + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a line.
   *
   * @param line JSON
   * @return the example
   * @throws LatheException BAD_DATA saying what is wrong
   */
  static ChatLine parse(String line) {
    JsonNode said = json(line);
    if (!said.isObject()) {
      throw bad("no JSON object (expected: {\"messages\": [...]})");
    }
    if (said.has("messages")) {
      requireKeys(said, Set.of("messages", "tools", "parallel_tool_calls"));
      return ChatMessages.chat(said);
    }
    if (said.has("prompt") || said.has("completion")) {
      requireKeys(said, Set.of("prompt", "completion"));
      return new ChatLine.Completion(text(said, "prompt"), filled(said, "completion"));
    }
    requireKeys(said, Set.of("text"));
    return new ChatLine.Plain(filled(said, "text"));
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (JacksonException e) {
      throw new LatheException(
          TrainError.BAD_DATA,
          "no JSON: " + e.getOriginalMessage() + " (expected: one JSON object)",
          e);
    }
  }

  private static void requireKeys(JsonNode said, Set<String> known) {
    for (String key : said.propertyNames()) {
      if (!known.contains(key)) {
        throw bad(
            "key \""
                + shown(key)
                + "\" (expected: "
                + String.join(", ", new TreeSet<>(known))
                + ")");
      }
    }
  }

  private static String filled(JsonNode said, String key) {
    String text = text(said, key);
    if (text.isEmpty()) {
      throw bad(key + ": empty (expected: a text to learn)");
    }
    return text;
  }

  private static String text(JsonNode said, String key) {
    JsonNode value = said.path(key);
    if (!value.isString()) {
      throw bad(key + ": " + found(value) + " (expected: a text)");
    }
    return value.stringValue();
  }

  /** What a value is, in a word or two. */
  static String found(JsonNode value) {
    if (value.isMissingNode()) {
      return "missing";
    }
    return value.isString()
        ? "\"" + shown(value.stringValue()) + "\""
        : value.isContainer()
            ? (value.isArray() ? "a list" : "an object")
            : shown(value.toString());
  }

  private static String shown(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  static LatheException bad(String what) {
    return new LatheException(TrainError.BAD_DATA, what);
  }
}
