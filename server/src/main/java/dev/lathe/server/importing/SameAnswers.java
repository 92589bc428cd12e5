package dev.lathe.server.importing;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType.TensorType;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.ServerError;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether a graph that was drawn anew answers as the exporter's graph whose weights it has: both
 * are asked for the same tokens, the exporter's with an empty past.
 */
final class SameAnswers {
  private static final int TOKENS = 24;
  private static final int STEP = 7;
  private static final int MOST_TOKEN = 20;

  /** How far answers may lie apart, as a part of the largest number, in FLOAT and in half of it. */
  private static final double CLOSE = 1e-3;

  private static final double CLOSE_IN_HALVES = 5e-2;

  private SameAnswers() {}

  /**
   * Compares all outputs that both have.
   *
   * @throws LatheException BAD_SOURCE if there is none, or one lies too far apart
   */
  static void require(Path exported, Path drawn) {
    Map<String, Tensor> expected = answers(exported);
    Map<String, Tensor> found = answers(drawn);
    found.keySet().retainAll(expected.keySet());
    if (found.isEmpty()) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          exported.getFileName()
              + ": outputs "
              + expected.keySet()
              + " (expected: one as a model of its config has it, such as logits)");
    }
    found.forEach((name, answer) -> compare(name, answer, expected.get(name)));
  }

  private static void compare(String name, Tensor found, Tensor expected) {
    if (found.size() != expected.size()) {
      throw differs(name, found + " and not " + expected);
    }
    double largest = 1;
    double farthest = 0;
    for (long i = 0; i < found.size(); i++) {
      largest = Math.max(largest, Math.abs(expected.doubleAt(i)));
      farthest = Math.max(farthest, Math.abs(expected.doubleAt(i) - found.doubleAt(i)));
    }
    double close = expected.type() == ElementType.FLOAT ? CLOSE : CLOSE_IN_HALVES;
    if (!(farthest <= close * largest)) {
      throw differs(name, "up to " + farthest + " apart (expected: " + close * largest + ")");
    }
  }

  private static LatheException differs(String name, String how) {
    return new LatheException(
        ServerError.BAD_SOURCE,
        "the graph that config.json describes does not answer as the ONNX file: \""
            + name
            + "\" is "
            + how);
  }

  private static Map<String, Tensor> answers(Path file) {
    try (Session session = Session.open(file, SessionOptions.defaults())) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      session.inputs().forEach(input -> inputs.put(input.name(), input(input)));
      return new LinkedHashMap<>(TimedRun.USUAL.of(session, inputs));
    }
  }

  private static Tensor input(ValueInfo input) {
    long[] tokens = new long[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      tokens[i] =
          switch (input.name()) {
            case "input_ids", "decoder_input_ids" -> (long) i * STEP % MOST_TOKEN;
            case "attention_mask", "encoder_attention_mask" -> 1;
            case "position_ids" -> i;
            default -> 0;
          };
    }
    return switch (input.name()) {
      case "input_ids",
          "decoder_input_ids",
          "attention_mask",
          "encoder_attention_mask",
          "position_ids",
          "token_type_ids" ->
          Tensor.ofLongs(tokens, 1, TOKENS);
      case "use_cache_branch" -> Tensor.zeros(ElementType.BOOL, 1);
      default -> past(input);
    };
  }

  /** Nothing seen before: where sizes are not fixed, one example of no tokens. */
  private static Tensor past(ValueInfo input) {
    TensorType type = input.tensorType();
    if (!input.name().startsWith("past_key_values.") || type.shape().rank() != 4) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          "the ONNX file's input \""
              + input.name()
              + "\" (expected: input_ids, attention_mask, position_ids, token_type_ids,"
              + " past_key_values.*)");
    }
    long[] dims = new long[4];
    for (int axis = 0; axis < dims.length; axis++) {
      long open = axis == 0 ? 1 : 0;
      dims[axis] = type.shape().dim(axis) instanceof Dim.Fixed(long size) ? size : open;
    }
    return Tensor.zeros(type.element(), dims);
  }
}
