package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One use of an operator with inputs, of which floating ones are differentiated by. */
final class Case {
  final String op;
  final Map<String, Attribute> attributes = new LinkedHashMap<>();
  final Map<String, Tensor> variables = new LinkedHashMap<>();
  final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<String> inputs = new ArrayList<>();
  int outputs = 1;
  private int spare;
  private ElementType result = ElementType.FLOAT;
  private final Random random;
  private long opset = Model.OPSET;

  Case(String op, Random random) {
    this.op = op;
    this.random = random;
  }

  Case with(String name, Attribute value) {
    attributes.put(name, value);
    return this;
  }

  Case ints(String name, long... values) {
    return with(name, Attribute.ofInts(values));
  }

  /** An input to differentiate by, uniform between two values. */
  Case in(double low, double high, long... dims) {
    double[] values = random.doubles(Tensor.sizeOf(dims), low, high).toArray();
    return in(Tensor.ofDoubles(values, dims));
  }

  Case in(long... dims) {
    return in(-2, 2, dims);
  }

  Case in(Tensor values) {
    String name = "x" + inputs.size();
    inputs.add(name);
    variables.put(name, values);
    return this;
  }

  /** An input that stays as it is. */
  Case fixed(Tensor value) {
    String name = "c" + inputs.size();
    inputs.add(name);
    constants.put(name, value);
    return this;
  }

  Case longs(long... values) {
    return fixed(Tensor.ofLongs(values, values.length));
  }

  Case omitted() {
    inputs.add("");
    return this;
  }

  Case result(ElementType type) {
    result = type;
    return this;
  }

  Case opset(long version) {
    opset = version;
    return this;
  }

  Case outputs(int count) {
    outputs = count;
    return this;
  }

  /** Further outputs, which the operator must have and the loss does not look at. */
  Case spare(int count) {
    spare = count;
    return this;
  }

  /** How sizes are declared: all, all but the first axis, symbols, nothing. */
  enum Declared {
    FIXED,
    BATCH,
    SYMBOLS,
    RANK
  }

  /** The node and, if there are cotangent weights, the loss Σ over outputs of y·weight. */
  Model model(Declared declared, List<Tensor> weights) {
    GraphBuilder builder = new GraphBuilder(op);
    variables.forEach(
        (name, tensor) -> builder.input(name, ElementType.FLOAT, declare(declared, tensor)));
    constants.forEach(builder::initializer);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add("y" + i);
    }
    List<String> made = new ArrayList<>(names);
    for (int i = 0; i < spare; i++) {
      made.add("spare" + i);
    }
    builder.append(Node.of(op, inputs, made).withAttributes(attributes).withName("node"));
    if (weights.isEmpty()) {
      names.forEach(name -> builder.output(name, result, Shape.UNRANKED));
    } else {
      String loss = "";
      for (int i = 0; i < weights.size(); i++) {
        String weight = builder.input("w" + i, result, declare(declared, weights.get(i)));
        String part =
            builder.add(
                "ReduceSum",
                Map.of("keepdims", Attribute.of(0L)),
                builder.add("Mul", names.get(i), weight));
        loss = loss.isEmpty() ? part : builder.add("Add", loss, part);
      }
      builder.append(Node.of("Identity", List.of(loss), List.of("loss")));
      builder.output("loss", result, Shape.SCALAR);
    }
    return Model.of(builder.build()).withOpset("", opset);
  }

  private static Shape declare(Declared declared, Tensor tensor) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < tensor.rank(); i++) {
      Dim fixed = Dim.of(tensor.dim(i));
      Dim symbol = Dim.of("S" + tensor.dim(i));
      dims.add(
          switch (declared) {
            case FIXED -> fixed;
            case BATCH -> i == 0 ? symbol : fixed;
            case SYMBOLS -> symbol;
            case RANK -> Dim.UNKNOWN;
          });
    }
    return Shape.of(dims);
  }

  @Override
  public String toString() {
    return op + variables + Arrays.toString(constants.keySet().toArray()) + attributes;
  }
}
