package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.CancelToken;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.BoundedLines;
import dev.lathe.train.data.source.RegularFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Questions with the texts that answer them: JSON Lines in the flat form of SQuAD, such as <code>
 * {"question": "Who?", "context": "It was Ada.", "answers": {"text": ["Ada"], "answer_start": [7]}}
 * </code>. Places count Unicode code points. Other keys are not looked at.
 *
 * @param asked the questions, in order
 * @see <a href="https://arxiv.org/abs/1806.03822">Rajpurkar et al. 2018</a>
 */
record QuestionFile(List<Asked> asked) {
  private static final long MAX_BYTES = 512L << 20;
  private static final int LONGEST_LINE = 8 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * A question.
   *
   * @param question what is asked
   * @param context the text
   * @param answers what people answered; none if the text has no answer
   * @param where file and line, for errors
   */
  record Asked(String question, String context, List<Answer> answers, String where) {}

  /**
   * An answer.
   *
   * @param text the words
   * @param start their place in the context, in code points
   */
  record Answer(String text, int start) {
    /** The place behind the last character, in code points. */
    long end() {
      return (long) start + text.codePointCount(0, text.length());
    }
  }

  /**
   * Reads a file.
   *
   * @param cancel looked at before each line
   * @throws LatheException CANCELLED, FILE_NOT_FOUND, TOO_LARGE, BAD_DATA with file and line for a
   *     line that is no such object, or an answer that does not stand where it says
   */
  static QuestionFile read(Path file, CancelToken cancel) {
    RegularFile.require(file, MAX_BYTES);
    List<Asked> asked = new ArrayList<>();
    Map<String, String> contexts = new LinkedHashMap<>();
    try (BoundedLines lines = BoundedLines.open(file, file.toString(), LONGEST_LINE)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        cancel.requireWanted("reading the data");
        if (!line.get().isBlank()) {
          asked.add(question(line.get(), contexts, file + ": line " + lines.number()));
        }
      }
    }
    if (asked.isEmpty()) {
      throw new LatheException(TrainError.BAD_DATA, file + ": no question (expected: at least 1)");
    }
    return new QuestionFile(asked);
  }

  /** A context that several questions share is kept once. */
  private static Asked question(String line, Map<String, String> contexts, String where) {
    JsonNode all;
    try {
      all = JSON.readTree(line);
    } catch (JacksonException e) {
      throw new LatheException(
          TrainError.BAD_DATA, where + ": no JSON (" + e.getOriginalMessage() + ")", e);
    }
    String read = text(all, "context", where);
    String context = contexts.computeIfAbsent(read, same -> same);
    return new Asked(
        text(all, "question", where), context, answers(all.path("answers"), context, where), where);
  }

  private static String text(JsonNode all, String key, String where) {
    JsonNode value = all.path(key);
    if (!value.isString() || value.stringValue().isBlank()) {
      throw bad(where + ": \"" + key + "\": " + shown(value) + " (expected: a text)");
    }
    return value.stringValue();
  }

  private static List<Answer> answers(JsonNode given, String context, String where) {
    if (given.isMissingNode() || given.isNull()) {
      return List.of();
    }
    JsonNode texts = given.path("text");
    JsonNode starts = given.path("answer_start");
    if (!texts.isArray() || !starts.isArray() || texts.size() != starts.size()) {
      throw bad(
          where
              + ": \"answers\": "
              + shown(given)
              + " (expected: lists text and answer_start of one length)");
    }
    int[] points = context.codePoints().toArray();
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      JsonNode text = texts.path(i);
      JsonNode start = starts.path(i);
      if (!text.isString() || text.stringValue().isBlank() || !start.isInt()) {
        throw bad(where + ": answer " + i + " (expected: a text and its place)");
      }
      Answer answer = new Answer(text.stringValue(), start.intValue());
      requirePlace(answer, points, where);
      answers.add(answer);
    }
    return List.copyOf(answers);
  }

  private static void requirePlace(Answer answer, int[] points, String where) {
    boolean within = answer.start() >= 0 && answer.end() <= points.length;
    String found =
        within
            ? new String(points, answer.start(), (int) answer.end() - answer.start())
            : "nothing";
    if (!within || !found.equals(answer.text())) {
      throw bad(
          where
              + ": at "
              + answer.start()
              + " of the context stands "
              + (within ? "\"" + shortened(found) + "\"" : found)
              + " (expected: \""
              + shortened(answer.text())
              + "\", counted in code points)");
    }
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "missing" : shortened(value.toString());
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  private static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_DATA, message);
  }
}
