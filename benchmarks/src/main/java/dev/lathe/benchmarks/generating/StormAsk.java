package dev.lathe.benchmarks.generating;

import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request of the storm.
 *
 * @param door where it goes
 * @param model whom it asks, without a version
 * @param body what it asks, without model and stream
 * @param must what the answer must be
 */
record StormAsk(Door door, String model, ObjectNode body, Must must) {
  /** Routes, and whether they stream. */
  enum Door {
    CHAT("/v1/chat/completions", true),
    COMPLETION("/v1/completions", true),
    RESPONSE("/v1/responses", true),
    MESSAGE("/v1/messages", true),
    ANSWER("/api/v1/answer", false),
    TRANSLATE("/api/v1/translate", false),
    NUMBERS("/v2/models/" + StormModels.NUMBERS + "/infer", false);

    private final String path;
    private final boolean streams;

    Door(String path, boolean streams) {
      this.path = path;
      this.streams = streams;
    }

    String line() {
      return "POST " + path;
    }

    boolean streams() {
      return streams;
    }
  }

  /** What an answer must be. */
  sealed interface Must {
    /** The text that the same version gave when it was asked alone. */
    record BeKnown() implements Must {}

    /** A text that fits, unless it was cut. */
    record Fit(Predicate<String> fits) implements Must {}

    /** A refusal. */
    record BeRefused(int status) implements Must {}

    /** In time, or told that it is late. */
    record BeInTime() implements Must {}
  }

  /** Whether there are several versions that may answer. */
  boolean hasVersions() {
    return model.equals(StormModels.CHAT);
  }

  byte[] bytes(String version, boolean stream) {
    ObjectNode all = body.deepCopy();
    if (door != Door.NUMBERS) {
      all.put("model", version.isEmpty() ? model : model + "@" + version);
    }
    if (stream) {
      all.put("stream", true);
    }
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }
}
