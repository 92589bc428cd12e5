package dev.lathe.transform.gradient;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;

/**
 * A constant linear map along one axis of a value: each line of elements along it is multiplied by
 * a matrix. Padding, resizing and windows over channels are such maps, and so are their gradients.
 */
final class AlongAxis {
  private AlongAxis() {}

  /** A value [..., columns, ...] to [..., rows, ...]. */
  static String apply(Algebra g, String value, int axis, double[][] matrix) {
    int rank = g.draft().shape(value).rank();
    if (axis == rank - 1) {
      return g.node("MatMul", value, constant(g, value, transposed(matrix)));
    }
    String map = constant(g, value, matrix);
    if (axis == rank - 2) {
      return g.node("MatMul", map, value);
    }
    long columns = matrix[0].length;
    String flat = new Extents(g).of(value, 0, axis).sizes(columns, -1).reshape(value);
    Extents back = new Extents(g).of(value, 0, axis).sizes(matrix.length);
    return back.of(value, axis + 1, rank).reshape(g.node("MatMul", map, flat));
  }

  static double[][] transposed(double[][] matrix) {
    double[][] turned = new double[matrix[0].length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < turned.length; j++) {
        turned[j][i] = matrix[i][j];
      }
    }
    return turned;
  }

  private static String constant(Algebra g, String like, double[][] matrix) {
    double[] values = new double[matrix.length * matrix[0].length];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix[i / matrix[0].length][i % matrix[0].length];
    }
    ElementType type = g.draft().fact(like).element();
    Tensor tensor = Tensor.ofValues(type, values, matrix.length, matrix[0].length);
    return g.draft().constant("map/" + matrix.length + "x" + matrix[0].length, tensor);
  }
}
