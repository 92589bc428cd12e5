package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.batches.Batch.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The file of a batch: a request in each line.
 *
 * @param file where it lies
 * @param endpoint what all lines must ask
 * @param answers reads lines, and knows who may ask which model
 */
record BatchInput(Path file, String endpoint, Answers answers) {
  private static final int MOST_PROBLEMS = 100;
  private static final int LONGEST_ID = 512;

  /**
   * A line that was found right.
   *
   * @param id its own name
   * @param body what it asks
   */
  record Request(String id, JsonNode body) {}

  /**
   * What was found.
   *
   * @param total how many lines there are
   * @param problems what is wrong, the first of it
   */
  record Found(int total, List<Problem> problems) {}

  /** Reads all lines as the current caller, and says of each what is wrong. */
  Found validate(int most) throws IOException {
    List<Problem> problems = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int total = 0;
    try (Lines lines = Lines.of(file)) {
      Optional<Lines.Line> line = lines.next();
      while (line.isPresent() && problems.size() < MOST_PROBLEMS) {
        if (++total > most) {
          String many = "The file has more than " + most + " requests (openai.batches.max_lines).";
          return new Found(total, List.of(problem("too_many_requests", many, "", 0)));
        }
        problem(line.get(), ids).ifPresent(problems::add);
        line = lines.next();
      }
    }
    if (total == 0) {
      problems.add(problem("empty_file", "The input file holds no requests.", "", 0));
    }
    return new Found(total, problems);
  }

  private Optional<Problem> problem(Lines.Line line, Set<String> ids) {
    int number = line.number();
    if (line.bytes().length >= Lines.LONGEST) {
      String long_ = "This line is longer than " + Lines.LONGEST + " bytes.";
      return Optional.of(problem("line_too_long", long_, "", number));
    }
    JsonNode asked;
    try {
      asked = answers.read(line.bytes());
    } catch (LatheException e) {
      String why = "This line is not parseable as valid JSON: " + e.getMessage();
      return Optional.of(problem("invalid_json_line", why, "", number));
    }
    String id = asked.path("custom_id").asString("");
    if (id.isEmpty() || id.length() > LONGEST_ID || !asked.path("custom_id").isString()) {
      String want = "Each line needs a custom_id of 1 to " + LONGEST_ID + " characters.";
      return Optional.of(problem("missing_required_parameter", want, "custom_id", number));
    }
    if (!ids.add(id)) {
      String twice = "The custom_id \"" + shown(id) + "\" is that of an earlier line, too.";
      return Optional.of(problem("duplicate_custom_id", twice, "custom_id", number));
    }
    return problem(asked, number);
  }

  private Optional<Problem> problem(JsonNode asked, int number) {
    if (!asked.path("method").asString("POST").equals("POST")) {
      return Optional.of(problem("invalid_method", "The method must be POST.", "method", number));
    }
    String url = asked.path("url").asString("");
    if (!url.equals(endpoint)) {
      String same = "The url \"" + shown(url) + "\" is not the batch's endpoint " + endpoint + ".";
      return Optional.of(
          problem(
              url.isEmpty() ? "missing_required_parameter" : "mismatched_endpoint",
              same,
              "url",
              number));
    }
    JsonNode body = asked.path("body");
    if (!body.isObject()) {
      String object = "Each line needs a body, an object.";
      return Optional.of(problem("missing_required_parameter", object, "body", number));
    }
    if (body.path("stream").asBoolean(false)) {
      String whole = "A batch cannot stream.";
      return Optional.of(problem("invalid_request", whole, "body.stream", number));
    }
    try {
      answers.require(body);
      return Optional.empty();
    } catch (LatheException e) {
      return Optional.of(
          problem("invalid_model", String.valueOf(e.getMessage()), "body.model", number));
    }
  }

  private static Problem problem(String code, String message, String param, int line) {
    return new Problem(
        code,
        message,
        Optional.of(param).filter(name -> !name.isEmpty()),
        Optional.of(line).filter(number -> number > 0));
  }

  private static String shown(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  /** A line of a file that was validated. */
  Request request(Lines.Line line) {
    JsonNode asked = answers.read(line.bytes());
    return new Request(asked.path("custom_id").asString(""), asked.path("body"));
  }
}
