package dev.lathe.server.tasks;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Encoded;
import dev.lathe.registry.TensorSpec;
import dev.lathe.server.ServerError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Runs an encoder on texts of any lengths: those of like lengths together, filled up to a multiple
 * of {@value #STEP} with a mask, so that requests of several callers have like shapes and can share
 * a run. Without a mask only texts of one length share a run.
 */
final class EncoderRows {
  private static final int STEP = 8;
  private static final int MOST_ROWS = 32;
  private static final int MOST_TOKENS = 1 << 14;

  private final TaskModel model;
  private final Runs runs;
  private final List<String> inputs;
  private final boolean masked;

  /**
   * What is made of the numbers of a text as soon as they are there, so that features of all tokens
   * of all texts never lie in memory together.
   *
   * @param <R> what is made
   */
  @FunctionalInterface
  interface Reading<R> {
    /**
     * Reads the numbers of a text.
     *
     * @param text its place among the texts
     * @param given the outputs asked for, row-major: numbers of its tokens, without those that fill
     *     up, or numbers of the text
     */
    R of(int text, Map<String, float[]> given);
  }

  EncoderRows(TaskModel model, Runs runs) {
    this.model = model;
    this.runs = runs;
    this.inputs =
        model.version().metadata().signature().inputs().stream().map(TensorSpec::name).toList();
    this.masked = inputs.contains("attention_mask");
    for (String input : inputs) {
      if (!List.of("input_ids", "x", "attention_mask", "token_type_ids").contains(input)) {
        throw model.isNo("a model whose inputs are input_ids, attention_mask, token_type_ids");
      }
    }
  }

  /**
   * Runs the model on each text.
   *
   * @param texts tokens of each
   * @param outputs names of the FLOAT outputs wanted; others are not read
   * @param reading what to make of them
   * @return what was made, in the order of the texts
   * @throws LatheException BAD_REQUEST for a text without tokens
   */
  <R> List<R> run(List<Encoded> texts, List<String> outputs, Reading<R> reading) {
    for (int i = 0; i < texts.size(); i++) {
      if (texts.get(i).length() == 0) {
        throw Bounds.bad("text " + i + ": no tokens (expected: at least one)");
      }
    }
    List<Optional<R>> all = new ArrayList<>(Collections.nCopies(texts.size(), Optional.empty()));
    List<Integer> order =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> texts.get(i).length()))
            .toList();
    int from = 0;
    while (from < order.size()) {
      int to = from + 1;
      int length = length(texts.get(order.get(from)).length());
      while (to < order.size()
          && to - from < MOST_ROWS
          && length(texts.get(order.get(to)).length()) == length
          && (to - from + 1) * length <= MOST_TOKENS) {
        to++;
      }
      List<Integer> some = order.subList(from, to);
      List<Encoded> group = some.stream().map(texts::get).toList();
      Map<String, Tensor> given = together(group, length);
      for (int row = 0; row < group.size(); row++) {
        int text = some.get(row);
        Map<String, float[]> parts = new LinkedHashMap<>();
        for (String output : outputs) {
          int kept = model.perToken(output) ? group.get(row).length() : 0;
          parts.put(output, part(floats(given, output), row, kept));
        }
        all.set(text, Optional.of(reading.of(text, parts)));
      }
      from = to;
    }
    return all.stream().map(Optional::orElseThrow).toList();
  }

  private Tensor floats(Map<String, Tensor> given, String output) {
    Tensor tensor = given.get(output);
    if (tensor == null || tensor.type() != ElementType.FLOAT) {
      throw model.isNo(output + " of FLOAT");
    }
    return tensor;
  }

  private int length(int tokens) {
    int filled = (tokens + STEP - 1) / STEP * STEP;
    return masked ? Math.max(tokens, Math.min(filled, model.longest())) : tokens;
  }

  private Map<String, Tensor> together(List<Encoded> texts, int length) {
    int size = texts.size() * length;
    long[] ids = new long[size];
    long[] mask = new long[size];
    long[] types = new long[size];
    Arrays.fill(ids, model.files().pad());
    for (int row = 0; row < texts.size(); row++) {
      Encoded text = texts.get(row);
      for (int i = 0; i < text.length(); i++) {
        ids[row * length + i] = text.ids()[i];
        types[row * length + i] = text.types()[i];
        mask[row * length + i] = 1;
      }
    }
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (String input : inputs) {
      long[] values =
          switch (input) {
            case "attention_mask" -> mask;
            case "token_type_ids" -> types;
            default -> ids;
          };
      given.put(input, Tensor.ofLongs(values, texts.size(), length));
    }
    return runs.run(model.version().model(), model.version().version(), given);
  }

  /** The numbers of one row, of its first tokens only if their count is not 0. */
  private static float[] part(Tensor output, int row, int tokens) {
    long rowSize = output.size() / output.dim(0);
    long kept = tokens == 0 ? rowSize : rowSize / output.dim(1) * tokens;
    float[] part = new float[Math.toIntExact(kept)];
    MemorySegment.copy(
        output.data(),
        ValueLayout.JAVA_FLOAT_UNALIGNED,
        row * rowSize * Float.BYTES,
        part,
        0,
        part.length);
    for (float number : part) {
      if (!Float.isFinite(number)) {
        throw new LatheException(
            ServerError.NOT_READY, "the model's answer to text " + row + " is not finite");
      }
    }
    return part;
  }
}
