package dev.lathe.runtime;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Draws one use of an operator: attributes and inputs. */
final class Draw {
  final Random random;
  private final List<String> names = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private Node node;
  private int outputs = 1;
  private long opset = Model.OPSET;

  Draw(String op, long seed) {
    this.random = new Random(seed);
    this.node = Node.of(op, List.of(), List.of());
  }

  /**
   * A finished case.
   *
   * @param node the node
   * @param tensors its inputs that are not omitted, in order
   * @param opset the operator set
   */
  record Case(Node node, List<Tensor> tensors, long opset) {}

  Case finish() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      made.add("y" + i);
    }
    return new Case(node.withInputs(names).withOutputs(made), tensors, opset);
  }

  Draw in(Tensor tensor) {
    names.add("x" + names.size());
    tensors.add(tensor);
    return this;
  }

  Draw none() {
    names.add("");
    return this;
  }

  Draw with(String key, Attribute value) {
    node = node.with(key, value);
    return this;
  }

  Draw with(String key, long value) {
    return with(key, Attribute.of(value));
  }

  Draw with(String key, float value) {
    node = node.with(key, Attribute.of(value));
    return this;
  }

  Draw with(String key, String value) {
    node = node.with(key, Attribute.of(value));
    return this;
  }

  Draw with(String key, Tensor value) {
    node = node.with(key, Attribute.of(value));
    return this;
  }

  Draw with(String key, long[] values) {
    node = node.with(key, Attribute.ofInts(values));
    return this;
  }

  Draw outputs(int count) {
    outputs = count;
    return this;
  }

  Draw opset(long version) {
    opset = version;
    return this;
  }

  /** A number from low to high, both included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** A shape of a rank within bounds, sizes 1 to 4. */
  long[] dims(int leastRank, int mostRank) {
    long[] dims = new long[between(leastRank, mostRank)];
    Arrays.setAll(dims, i -> between(1, 4));
    return dims;
  }

  /** A shape that broadcasts to another: some sizes are 1, some leading axes are gone. */
  long[] narrowed(long... dims) {
    long[] narrow = Arrays.copyOfRange(dims, between(0, dims.length), dims.length);
    Arrays.setAll(narrow, i -> between(0, 3) == 0 ? 1 : narrow[i]);
    return narrow;
  }

  /** An axis of a rank, now and then counted from the end. */
  int axis(int rank) {
    return between(-rank, rank - 1);
  }

  /** Normally distributed FLOATs. */
  Tensor floats(long... dims) {
    return reals(ElementType.FLOAT, dims);
  }

  Tensor reals(ElementType type, long... dims) {
    double[] values = new double[(int) Tensor.sizeOf(dims)];
    Arrays.setAll(values, i -> random.nextGaussian() * 2);
    return Tensor.ofValues(type, values, dims);
  }

  /** FLOATs between bounds. */
  Tensor uniform(double low, double high, long... dims) {
    double[] values = new double[(int) Tensor.sizeOf(dims)];
    Arrays.setAll(values, i -> low + random.nextDouble() * (high - low));
    return Tensor.ofValues(ElementType.FLOAT, values, dims);
  }

  /** Integers from low to high, both included. */
  Tensor integers(ElementType type, int low, int high, long... dims) {
    double[] values = new double[(int) Tensor.sizeOf(dims)];
    Arrays.setAll(values, i -> between(low, high));
    return Tensor.ofValues(type, values, dims);
  }

  Tensor bools(long... dims) {
    return integers(ElementType.BOOL, 0, 1, dims);
  }

  /** Normal numbers, or integers of both signs, by the type. */
  Tensor numbers(ElementType type, long... dims) {
    return type.isFloating()
        ? reals(type, dims)
        : integers(type, type.isUnsigned() ? 0 : -20, 20, dims);
  }

  static Tensor longs(long... values) {
    return Tensor.ofLongs(values, values.length);
  }

  /** A permutation of 0 to count - 1. */
  long[] permutation(int count) {
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      int j = between(0, i);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Some of the axes of a rank, at least one, in order. */
  long[] axes(int rank) {
    long[] some = java.util.stream.LongStream.range(0, rank).filter(axis -> coin()).toArray();
    return some.length > 0 ? some : new long[] {between(0, rank - 1)};
  }
}
