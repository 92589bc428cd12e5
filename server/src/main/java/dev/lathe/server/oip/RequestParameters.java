package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;
import static dev.lathe.server.oip.BodyReader.require;

import dev.lathe.serve.RequestOptions;
import dev.lathe.serve.SequenceStep;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/**
 * The parameters of a request. Those that the protocol reserves have their meaning, others are
 * skipped.
 */
final class RequestParameters {
  /** Longer than anyone waits, and short enough to be counted in nanoseconds. */
  private static final long LONGEST_MICROS = Duration.ofDays(365).toNanos() / 1000;

  private long timeoutMicros;
  private int priority;
  private SequenceStep.Id sequence = SequenceStep.NONE.id();
  private boolean start;
  private boolean end;
  private boolean binaryOutput;

  /** Reads an object to its closing brace. */
  void read(JsonParser json, JsonToken token) {
    require(token, JsonToken.START_OBJECT, "\"parameters\"", "an object");
    BodyReader.Keys seen = new BodyReader.Keys("\"parameters\"");
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      JsonToken value = json.nextToken();
      switch (key) {
        case "timeout" ->
            timeoutMicros = integer(json, value, key, "microseconds, an integer from 0");
        case "priority" -> priority = priority(json, value);
        case "sequence_id" -> sequence = sequence(json, value);
        case "sequence_start" -> start = truth(value, key);
        case "sequence_end" -> end = truth(value, key);
        case "binary_data_output" -> binaryOutput = truth(value, key);
        case "triton_enable_empty_final_response" -> truth(value, key);
        default -> other(json, key);
      }
    }
  }

  /** What they ask of the scheduler; the caller is not among them. */
  RequestOptions options() {
    RequestOptions options =
        RequestOptions.usual()
            .withTimeout(Duration.of(Math.min(timeoutMicros, LONGEST_MICROS), ChronoUnit.MICROS))
            .withPriority(priority);
    if (sequence.isNone() && (start || end)) {
      throw bad(
          "parameter \"" + (start ? "sequence_start" : "sequence_end") + "\": no sequence_id");
    }
    return sequence.isNone()
        ? options
        : options.withSequence(new SequenceStep(sequence, start, end));
  }

  /** Whether outputs are binary where they do not say. */
  boolean binaryOutput() {
    return binaryOutput;
  }

  private static void other(JsonParser json, String key) {
    if (key.equals("headers") || key.startsWith("triton_")) {
      throw bad("parameter \"" + key + "\": the protocol reserves that name");
    }
    json.skipChildren();
  }

  private static int priority(JsonParser json, JsonToken token) {
    String wording = "1 for the highest level, 0 for the model's default";
    long level = integer(json, token, "priority", wording);
    if (level > Integer.MAX_VALUE) {
      throw bad("parameter \"priority\": " + level + " (expected: " + wording + ")");
    }
    return (int) level;
  }

  private static SequenceStep.Id sequence(JsonParser json, JsonToken token) {
    if (token == JsonToken.VALUE_STRING) {
      return new SequenceStep.Id.Named(json.getString());
    }
    if (token == JsonToken.VALUE_NUMBER_INT) {
      if (json.getNumberType() != NumberType.BIG_INTEGER && json.getLongValue() >= 0) {
        return new SequenceStep.Id.Numbered(json.getLongValue());
      }
      if (json.getBigIntegerValue().signum() > 0 && json.getBigIntegerValue().bitLength() <= 64) {
        return new SequenceStep.Id.Numbered(json.getBigIntegerValue().longValue());
      }
    }
    throw bad(
        "parameter \"sequence_id\": "
            + json.getString()
            + " (expected: a string, or an integer from 0 to 18446744073709551615)");
  }

  private static long integer(JsonParser json, JsonToken token, String key, String wording) {
    if (token != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == NumberType.BIG_INTEGER
        || json.getLongValue() < 0) {
      throw bad("parameter \"" + key + "\": " + json.getString() + " (expected: " + wording + ")");
    }
    return json.getLongValue();
  }

  private static boolean truth(JsonToken token, String key) {
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw bad("parameter \"" + key + "\": " + token + " (expected: true or false)");
    }
    return token == JsonToken.VALUE_TRUE;
  }
}
