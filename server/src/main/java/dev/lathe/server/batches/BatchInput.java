package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.batches.Batch.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
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

  /** How many texts the lines of a batch may have made vectors of, as OpenAI has it. */
  private static final int MOST_EMBEDDED = 50_000;

  /**
   * A line that was found right.
   *
   * @param id its own name
   * @param begin where in the file it begins
   * @param length how many bytes it has
   */
  record Request(String id, long begin, int length) {}

  /** What is known of all lines so far. */
  private static final class Tally {
    private final Set<String> ids = new HashSet<>();
    private long embedded;
  }

  /**
   * What was found.
   *
   * @param total how many lines there are
   * @param problems what is wrong, the first of it
   */
  record Found(int total, List<Problem> problems) {}

  /**
   * Reads all lines as the current caller, and says of each what is wrong.
   *
   * @param most how many lines there may be
   * @param givenUp asked before each line; what is found then does not count
   */
  Found validate(int most, BooleanSupplier givenUp) throws IOException {
    List<Problem> problems = new ArrayList<>();
    Tally tally = new Tally();
    int total = 0;
    try (Lines lines = Lines.of(file)) {
      Optional<Lines.Line> line = lines.next();
      while (line.isPresent() && problems.size() < MOST_PROBLEMS && !givenUp.getAsBoolean()) {
        if (++total > most) {
          String many = "The file has more than " + most + " requests (openai.batches.max_lines).";
          return new Found(total, List.of(problem("too_many_requests", many, "", 0)));
        }
        problem(line.get(), tally).ifPresent(problems::add);
        if (tally.embedded > MOST_EMBEDDED) {
          String many = "The requests have more than " + MOST_EMBEDDED + " inputs together.";
          return new Found(total, List.of(problem("too_many_inputs", many, "body.input", 0)));
        }
        line = lines.next();
      }
    }
    if (total == 0) {
      problems.add(problem("empty_file", "The input file holds no requests.", "", 0));
    }
    return new Found(total, problems);
  }

  private Optional<Problem> problem(Lines.Line line, Tally tally) {
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
    if (!tally.ids.add(id)) {
      String twice = "The custom_id \"" + shown(id) + "\" is that of an earlier line, too.";
      return Optional.of(problem("duplicate_custom_id", twice, "custom_id", number));
    }
    tally.embedded += endpoint.endsWith("/embeddings") ? inputs(asked.at("/body/input")) : 0;
    return problem(asked, number);
  }

  /** How many texts there are; an array of numbers is the tokens of one. */
  private static int inputs(JsonNode input) {
    return input.isArray() && !input.path(0).isNumber() ? input.size() : 1;
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
    String id = answers.read(line.bytes()).path("custom_id").asString("");
    return new Request(id, line.begin(), line.bytes().length);
  }

  /**
   * What a line asks.
   *
   * @throws LatheException FILE_STORAGE if it cannot be read any more
   */
  JsonNode body(Request request) {
    ByteBuffer bytes = ByteBuffer.allocate(request.length());
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (bytes.hasRemaining()) {
        if (in.read(bytes, request.begin() + bytes.position()) < 0) {
          throw new EOFException(file + " was cut off");
        }
      }
    } catch (IOException e) {
      throw new LatheException(ServerError.FILE_STORAGE, "a line cannot be read", e);
    }
    return answers.read(bytes.array()).path("body");
  }
}
