package dev.lathe.server.jobs;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.ServerError;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Whether a model as written to a file answers as it did in memory: the file is read back, run by
 * the engine that will serve it, and compared with the reference interpreter on a few rows, or, if
 * it is large, with the engine over the model in memory.
 */
final class ExportCheck {
  /** Models with more weights are not interpreted, which would take hours. */
  private static final long MOST_WEIGHTS = 1L << 27;

  /** Larger tensors the interpreter does not take. */
  private static final long LARGEST_WEIGHT = 1L << 24;

  private static final String MASK = "attention_mask";
  private static final int ROWS = 3;
  private static final long SEED = 20_26L;
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-4;

  private ExportCheck() {}

  static void require(Model trained, Path file) {
    Checker.require(OnnxFile.read(file));
    Map<String, Tensor> rows = rows(trained);
    Map<String, Tensor> expected = expected(trained, rows);
    try (Session session = Session.open(file, SessionOptions.defaults())) {
      session.run(rows).forEach((name, found) -> compare(name, found, expected));
    }
  }

  /** Answers in double precision; of a model too large for that, the engine's from memory. */
  private static Map<String, Tensor> expected(Model trained, Map<String, Tensor> rows) {
    long all = 0;
    long largest = 0;
    for (Tensor weight : trained.graph().initializers().values()) {
      all += weight.size();
      largest = Math.max(largest, weight.size());
    }
    if (all <= MOST_WEIGHTS && largest <= LARGEST_WEIGHT) {
      return Interpreter.run(trained, rows);
    }
    try (Session session = Session.open(trained, SessionOptions.defaults())) {
      return session.run(rows);
    }
  }

  private static Map<String, Tensor> rows(Model model) {
    RandomGenerator random = new SplittableRandom(SEED);
    Map<String, Tensor> rows = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      if (!model.graph().initializers().containsKey(input.name())) {
        rows.put(input.name(), example(input, random));
      }
    }
    return rows;
  }

  /** Numbers at random; a mask shows the first token at least, as a text has one. */
  private static Tensor example(ValueInfo input, RandomGenerator random) {
    long[] dims = input.tensorType().shape().sizes();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dims[i] < 0 ? ROWS : dims[i];
    }
    double[] values = new double[Math.toIntExact(Tensor.sizeOf(dims))];
    boolean floating = input.tensorType().element().isFloating();
    Arrays.setAll(values, i -> floating ? random.nextGaussian() : random.nextInt(2));
    if (input.name().equals(MASK) && dims.length == 2) {
      for (int row = 0; row < dims[0]; row++) {
        values[Math.toIntExact(row * dims[1])] = 1;
      }
    }
    return Tensor.ofValues(input.tensorType().element(), values, dims);
  }

  /** Compares scores; a chosen class may differ where two scores are as good as equal. */
  private static void compare(String name, Tensor found, Map<String, Tensor> expected) {
    Tensor right = expected.get(name);
    if (right == null || !Arrays.equals(found.dims(), right.dims())) {
      throw differs(name, found.toString(), String.valueOf(right));
    }
    if (found.type() != ElementType.FLOAT && found.type() != ElementType.DOUBLE) {
      return;
    }
    for (long i = 0; i < found.size(); i++) {
      double distance = Math.abs(found.doubleAt(i) - right.doubleAt(i));
      if (!(distance <= ABSOLUTE + RELATIVE * Math.abs(right.doubleAt(i)))) {
        throw differs(
            name + "[" + i + "]",
            Double.toString(found.doubleAt(i)),
            Double.toString(right.doubleAt(i)));
      }
    }
  }

  private static LatheException differs(String where, String found, String expected) {
    return new LatheException(
        ServerError.EXPORT_DIFFERS,
        "exported model, output " + where + ": " + found + " (expected: " + expected + ")");
  }
}
