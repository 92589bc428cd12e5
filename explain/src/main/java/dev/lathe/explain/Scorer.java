package dev.lathe.explain;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.Differentiate;
import dev.lathe.transform.RemoveDeadNodes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a model on examples of one input, the others held, and where wanted its gradient by that
 * input: that of {@code Σ output·weights}, which for weights of 1 at one class of each row has in
 * each row the gradient of that row's own target.
 */
final class Scorer implements AutoCloseable {
  private static final String WEIGHTS = "explain/weights";

  private final Session session;
  private final String input;
  private final String output;
  private final String gradient;
  private final int classes;
  private final int fixedRows;

  private Scorer(Session session, Ends ends, String gradient) {
    this.session = session;
    this.input = ends.input().name();
    this.output = ends.output().name();
    this.gradient = gradient;
    this.classes = classes(ends.output());
    this.fixedRows = (int) Math.max(0, ends.input().tensorType().shape().sizes()[0]);
  }

  /** The input that is changed and the output whose target is explained. */
  record Ends(ValueInfo input, ValueInfo output) {}

  /** Opens the model alone. */
  static Scorer open(Model model, Ends ends) {
    Model only = only(model, ends.output());
    return new Scorer(Session.open(only, SessionOptions.defaults()), ends, "");
  }

  /**
   * Opens the model with its gradient.
   *
   * @throws LatheException NO_GRADIENT naming the operator that has none
   */
  static Scorer openWithGradient(Model model, Ends ends) {
    GraphBuilder builder = GraphBuilder.from(only(model, ends.output()).graph());
    Shape shape = ends.output().tensorType().shape();
    String weights = builder.input(WEIGHTS, ElementType.FLOAT, shape);
    String weighted = builder.add("Mul", ends.output().name(), weights);
    String sum = builder.fresh("explain/sum");
    builder.append(
        Node.of("ReduceSum", List.of(weighted), List.of(sum))
            .with("keepdims", dev.lathe.ir.Attribute.of(0L)));
    builder.output(sum, ElementType.FLOAT, Shape.of(List.of()));
    Differentiate.Result result =
        Differentiate.apply(model.withGraph(builder.build()), sum, Set.of(ends.input().name()));
    String gradient = result.gradients().get(ends.input().name());
    return new Scorer(Session.open(result.model(), SessionOptions.defaults()), ends, gradient);
  }

  private static Model only(Model model, ValueInfo output) {
    Graph graph = model.graph();
    GraphBuilder builder = GraphBuilder.from(graph);
    builder.clearOutputs();
    builder.output(output.name(), output.tensorType().element(), output.tensorType().shape());
    return RemoveDeadNodes.apply(model.withGraph(builder.build()));
  }

  /** K of an output [N], [N, 1] or [N, K]. */
  static int classes(ValueInfo output) {
    Shape shape = output.tensorType().shape();
    if (shape.rank() == 1) {
      return 1;
    }
    Dim last = shape.dim(shape.rank() - 1);
    if (shape.rank() != 2 || !last.isFixed()) {
      throw new LatheException(
          ExplainError.UNSUPPORTED_MODEL,
          "output \""
              + output.name()
              + "\": "
              + shape
              + " (expected: [N], or [N, K] with K known)");
    }
    return (int) last.sizeOrMinusOne();
  }

  int classes() {
    return classes;
  }

  /** Rows that a run takes, at most or, where the model fixes it, exactly. */
  int rows(int most) {
    return fixedRows > 0 ? fixedRows : most;
  }

  /**
   * Scores examples.
   *
   * @param rows examples, [n, ...]; n is what {@link #rows} allows
   * @param others the other inputs, n rows each
   * @return [n, K] row-major
   */
  float[] scores(Tensor rows, Map<String, Tensor> others) {
    Map<String, Tensor> inputs = new HashMap<>(others);
    inputs.put(input, rows);
    if (!gradient.isEmpty()) {
      inputs.put(WEIGHTS, weights(rows.dim(0), 0));
    }
    return session.run(inputs, Set.of(output)).get(output).toFloats();
  }

  /**
   * The gradient of each row's target by the row, in a tensor like the rows.
   *
   * @param target k
   */
  float[] gradients(Tensor rows, Map<String, Tensor> others, int target) {
    Map<String, Tensor> inputs = new HashMap<>(others);
    inputs.put(input, rows);
    inputs.put(WEIGHTS, weights(rows.dim(0), target));
    return session.run(inputs, Set.of(gradient)).get(gradient).toFloats();
  }

  private Tensor weights(long rows, int target) {
    float[] weights = new float[Math.toIntExact(rows * classes)];
    for (int i = 0; i < rows; i++) {
      weights[i * classes + target] = 1;
    }
    boolean flat =
        session.inputs().stream()
            .filter(value -> value.name().equals(WEIGHTS))
            .allMatch(value -> value.tensorType().shape().rank() == 1);
    return flat ? Tensor.ofFloats(weights, rows) : Tensor.ofFloats(weights, rows, classes);
  }

  /** The other inputs' values for a row, repeated. */
  static Map<String, Tensor> repeated(Map<String, Tensor> inputs, Row row) {
    Map<String, Tensor> others = new LinkedHashMap<>();
    inputs.forEach(
        (name, tensor) -> {
          if (!name.equals(row.input())) {
            others.put(name, repeat(tensor, row.index(), row.times()));
          }
        });
    return others;
  }

  /** Which row of the inputs, and how often. */
  record Row(String input, int index, int times) {}

  private static Tensor repeat(Tensor tensor, int row, int times) {
    long[] dims = tensor.dims();
    int size = Math.toIntExact(tensor.size() / dims[0]);
    dims[0] = times;
    if (tensor.type() == ElementType.STRING) {
      List<String> one = tensor.strings().subList(row * size, (row + 1) * size);
      return Tensor.ofStrings(
          java.util.stream.Stream.generate(() -> one).limit(times).flatMap(List::stream).toList(),
          dims);
    }
    Tensor copy = Tensor.zeros(tensor.type(), dims);
    long bytes = tensor.type().byteSize(size);
    for (int i = 0; i < times; i++) {
      java.lang.foreign.MemorySegment.copy(
          tensor.data(), row * bytes, copy.data(), i * bytes, bytes);
    }
    return copy;
  }

  @Override
  public void close() {
    session.close();
  }
}
