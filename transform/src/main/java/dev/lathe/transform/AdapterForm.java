package dev.lathe.transform;

import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * How a weight lies in memory and what shapes its adapter has, which all uses of the weight must
 * agree on. Letters: O outputs and I inputs of the linear map that the weight is, G groups, r rank,
 * E products that a MatMul does side by side.
 *
 * @param kind which operators use it
 * @param outputsFirst whether it lies as [O, I] and not as [I, O]; of one MATRIX only
 * @param groups G; 1 for a MATRIX
 * @param dims the weight's shape
 */
record AdapterForm(Kind kind, boolean outputsFirst, long groups, List<Long> dims) {
  /** What the weight is. */
  enum Kind {
    /** Of MatMul, Gemm or Gather: [I, O] or [O, I], or [E..., I, O] or [E..., O, I]. */
    MATRIX,
    /** Of Conv: [O, I/G, kernel...]. */
    KERNEL,
    /** Of ConvTranspose: [I, O/G, kernel...]. */
    TURNED_KERNEL
  }

  /** Copies the shape. */
  AdapterForm {
    dims = List.copyOf(dims);
  }

  /** Whether a weight has the axes that its operators take. */
  boolean fits() {
    return kind == Kind.MATRIX ? dims.size() > 1 : dims.size() > 2;
  }

  /** E, the sizes of the axes before those of a matrix. */
  List<Long> stack() {
    return kind == Kind.MATRIX ? dims.subList(0, dims.size() - 2) : List.of();
  }

  private long stacked() {
    return stack().stream().reduce(1L, Math::multiplyExact);
  }

  long outputs() {
    return switch (kind) {
      case MATRIX -> dims.get(dims.size() - (outputsFirst ? 2 : 1));
      case KERNEL -> dims.getFirst();
      case TURNED_KERNEL -> dims.get(1) * groups;
    };
  }

  /** Numbers of the input that an output of one group sees: I, or those under the kernel. */
  long seen() {
    return switch (kind) {
      case MATRIX -> dims.get(dims.size() - (outputsFirst ? 1 : 2));
      case KERNEL -> product(dims.subList(1, dims.size()));
      case TURNED_KERNEL -> dims.getFirst() / groups * product(dims.subList(2, dims.size()));
    };
  }

  private static long product(List<Long> sizes) {
    return sizes.stream().reduce(1L, Math::multiplyExact);
  }

  /** The smallest rank from a wanted one that all groups have an equal part of. */
  long rank(long wanted) {
    return Math.ceilDiv(wanted, groups) * groups;
  }

  /** The rank of an adapter whose part that reads the input is given. */
  long rankOf(Tensor down) {
    return kind == Kind.TURNED_KERNEL ? down.dim(1) * groups : down.dim(0) / stacked();
  }

  /**
   * The shape of the part that reads the input: [E·r, I], or [r, I/G, kernel...] for Conv, or [I,
   * r/G, kernel...] for ConvTranspose.
   */
  long[] downShape(long rank) {
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    return switch (kind) {
      case MATRIX -> new long[] {stacked() * rank, seen()};
      case KERNEL -> {
        shape[0] = rank;
        yield shape;
      }
      case TURNED_KERNEL -> {
        shape[1] = rank / groups;
        yield shape;
      }
    };
  }

  /** The shape of the part that makes the output: [O, r·E], or [O, r/G, 1...] for kernels. */
  long[] upShape(long rank) {
    if (kind == Kind.MATRIX) {
      return new long[] {outputs(), rank * stacked()};
    }
    long[] shape = new long[dims.size()];
    Arrays.fill(shape, 1);
    shape[0] = outputs();
    shape[1] = rank / groups;
    return shape;
  }

  /**
   * The shape in which PEFT has the part that reads the input: it sees the inputs of all groups.
   */
  long[] wideShape(long rank) {
    long[] shape = downShape(rank);
    if (kind == Kind.KERNEL) {
      shape[1] *= groups;
    }
    return shape;
  }

  /** From {@link #downShape} to {@link #wideShape}: 0 for inputs of other groups than its own. */
  Tensor widened(Tensor down) {
    if (kind != Kind.KERNEL || groups == 1) {
      return down;
    }
    float[] narrow = down.toFloats();
    long[] shape = wideShape(down.dim(0));
    float[] wide = new float[Math.toIntExact(Tensor.sizeOf(shape))];
    int row = narrow.length / Math.toIntExact(down.dim(0));
    for (int k = 0; k < down.dim(0); k++) {
      System.arraycopy(narrow, k * row, wide, wideStart(down.dim(0), k, row), row);
    }
    return Tensor.ofFloats(wide, shape);
  }

  /** Whether a part has the shape of {@link #wideShape} where that is another one. */
  boolean isWide(Tensor down) {
    return kind == Kind.KERNEL
        && groups > 1
        && down.dim(0) % groups == 0
        && Arrays.equals(down.dims(), wideShape(down.dim(0)));
  }

  /**
   * From {@link #wideShape} to {@link #downShape}; what it has for inputs of other groups is left
   * out.
   */
  Tensor narrowed(Tensor wide) {
    float[] all = wide.toFloats();
    long[] shape = downShape(wide.dim(0));
    float[] narrow = new float[Math.toIntExact(Tensor.sizeOf(shape))];
    int row = narrow.length / Math.toIntExact(wide.dim(0));
    for (int k = 0; k < wide.dim(0); k++) {
      System.arraycopy(all, wideStart(wide.dim(0), k, row), narrow, k * row, row);
    }
    return Tensor.ofFloats(narrow, shape);
  }

  private int wideStart(long rank, int k, int row) {
    return Math.toIntExact((k * groups + k / (rank / groups)) * row);
  }

  /**
   * Adds {@code scale · up · down} to a weight, in double precision.
   *
   * @param weight FLOAT, of this form
   * @param down as {@link #downShape}
   * @param up as {@link #upShape}
   * @return a new tensor of the weight's shape
   */
  Tensor merged(Tensor weight, Tensor down, Tensor up, double scale) {
    float[] values = weight.toFloats();
    Factors factors = new Factors(down.toFloats(), up.toFloats(), (int) rankOf(down));
    for (int place = 0; place < values.length; place++) {
      double change =
          switch (kind) {
            case MATRIX -> matrix(factors, place);
            case KERNEL -> kernel(factors, place);
            case TURNED_KERNEL -> turned(factors, place);
          };
      values[place] = (float) (values[place] + scale * change);
    }
    return Tensor.ofFloats(values, weight.dims()).withNotes(weight.notes());
  }

  /** Both parts, row by row. */
  private record Factors(float[] down, float[] up, int rank) {}

  private double matrix(Factors factors, int place) {
    int outputs = (int) outputs();
    int inputs = (int) seen();
    int products = (int) stacked();
    int product = place / (outputs * inputs);
    int within = place % (outputs * inputs);
    int o = outputsFirst ? within / inputs : within % outputs;
    int i = outputsFirst ? within % inputs : within / outputs;
    double sum = 0;
    for (int k = 0; k < factors.rank; k++) {
      double up = factors.up[(o * factors.rank + k) * products + product];
      sum += up * factors.down[(product * factors.rank + k) * inputs + i];
    }
    return sum;
  }

  private double kernel(Factors factors, int place) {
    int inputs = (int) seen();
    int part = factors.rank / (int) groups;
    int o = place / inputs;
    int first = o / ((int) outputs() / (int) groups) * part;
    double sum = 0;
    for (int k = 0; k < part; k++) {
      sum +=
          (double) factors.up[o * part + k] * factors.down[(first + k) * inputs + place % inputs];
    }
    return sum;
  }

  private double turned(Factors factors, int place) {
    int part = factors.rank / (int) groups;
    int area = (int) product(dims.subList(2, dims.size()));
    int perGroup = dims.get(1).intValue();
    int i = place / (perGroup * area);
    int group = i / (dims.getFirst().intValue() / (int) groups);
    int o = group * perGroup + place / area % perGroup;
    double sum = 0;
    for (int k = 0; k < part; k++) {
      sum += (double) factors.up[o * part + k] * factors.down[(i * part + k) * area + place % area];
    }
    return sum;
  }

  /** Sizes of A and B of each product, as they are taken apart in the graph. */
  long[] downParts(long rank) {
    return sizes(stack(), List.of(rank, seen()));
  }

  long[] upParts(long rank) {
    return sizes(List.of(outputs(), rank), stack());
  }

  private static long[] sizes(List<Long> first, List<Long> then) {
    List<Long> all = new ArrayList<>(first);
    all.addAll(then);
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  /** From [E..., r, I] to [E..., I, r]. */
  long[] swapLast() {
    int axes = stack().size();
    return LongStream.concat(LongStream.range(0, axes), LongStream.of(axes + 1, axes)).toArray();
  }

  /** From [O, r, E...] to [E..., r, O], or to [E..., O, r]. */
  long[] stackFirst(boolean rankBefore) {
    LongStream last = rankBefore ? LongStream.of(1, 0) : LongStream.of(0, 1);
    return LongStream.concat(LongStream.range(2, 2 + stack().size()), last).toArray();
  }
}
