package dev.lathe.benchmarks.serving;

import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Versions of one small model whose answers to one request are known beforehand. */
final class Known {
  private static final float NEAR = 1e-4f;

  private final List<float[]> answers = new ArrayList<>();

  /** The model of a seed; all take the request of {@link Task#MLP}. */
  static dev.lathe.ir.Model model(int seed) {
    return new Mlp(784, List.of(256, 128), 10, Activation.RELU).build(seed);
  }

  /** Learns the answers of versions v1, v2 and so on, whose seeds count from 1. */
  static Known of(int versions) {
    Known known = new Known();
    for (int seed = 1; seed <= versions; seed++) {
      try (Session session = Session.open(model(seed), SessionOptions.defaults())) {
        known.answers.add(session.run(Task.MLP.inputs()).get("y").toFloats());
      }
    }
    return known;
  }

  /** Whether an answer in JSON is that of the version it names. */
  boolean fits(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    int from = text.lastIndexOf("\"data\":[") + 8;
    String[] numbers = text.substring(from, text.indexOf(']', from)).split(",");
    float[] found = new float[numbers.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = Float.parseFloat(numbers[i]);
    }
    return isNear(found, answers.get(version(text) - 1));
  }

  /** Whether an answer with a binary tensor at its end is that of the version it names. */
  boolean fitsBinary(byte[] body) {
    float[] found = new float[answers.getFirst().length];
    ByteBuffer.wrap(body, body.length - 4 * found.length, 4 * found.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(found);
    return isNear(found, answers.get(version(new String(body, StandardCharsets.ISO_8859_1)) - 1));
  }

  /** Whether values are those of a version, {@code v<N>}. */
  boolean fits(String version, float[] found) {
    return version.matches("v[0-9]{1,4}")
        && isNear(found, answers.get(Integer.parseInt(version.substring(1)) - 1));
  }

  /** Whether an answer in JSON is that of a seed, whatever version it names. */
  boolean fits(byte[] json, int seed) {
    String text = new String(json, StandardCharsets.UTF_8);
    String other =
        text.replaceFirst("\"model_version\":\"v?\\d+\"", "\"model_version\":\"v" + seed + "\"");
    return fits(other.getBytes(StandardCharsets.UTF_8));
  }

  private static int version(String text) {
    int from = text.indexOf("\"model_version\":\"") + 17;
    return Integer.parseInt(text.substring(from, text.indexOf('"', from)).replace("v", ""));
  }

  private static boolean isNear(float[] found, float[] expected) {
    for (int i = 0; i < Math.min(found.length, expected.length); i++) {
      if (!(Math.abs(found[i] - expected[i]) < NEAR)) {
        return false;
      }
    }
    return found.length == expected.length;
  }
}
