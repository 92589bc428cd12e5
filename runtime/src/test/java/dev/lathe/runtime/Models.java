package dev.lathe.runtime;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;

/** Small models for tests. */
final class Models {
  private Models() {}

  /** y [N, 2] = x [N, 3]·W + b, with W rows (1, 2), (3, 4), (5, 6) and b (10, 20). */
  static Model affine() {
    GraphBuilder builder = new GraphBuilder("affine");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(3));
    String w = builder.initializer("w", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    String b = builder.initializer("b", Tensor.ofFloats(new float[] {10, 20}, 2));
    builder.append(Node.of("Gemm", List.of("x", w, b), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(2));
    return Model.of(builder.build());
  }

  /** y = x, of any type, [N]; the copy is the engine's. */
  static Model identity(ElementType type) {
    GraphBuilder builder = new GraphBuilder("identity");
    builder.input("x", type, Shape.batchOf());
    builder.append(Node.of("Identity", List.of("x"), List.of("y")));
    builder.output("y", type, Shape.batchOf());
    return Model.of(builder.build());
  }

  /** sum = a + b and difference = a - b, all FLOAT [N]. */
  static Model sumAndDifference() {
    GraphBuilder builder = new GraphBuilder("sums");
    builder.input("a", ElementType.FLOAT, Shape.batchOf());
    builder.input("b", ElementType.FLOAT, Shape.batchOf());
    builder.append(Node.of("Add", List.of("a", "b"), List.of("sum")));
    builder.append(Node.of("Sub", List.of("a", "b"), List.of("difference")));
    builder.output("sum", ElementType.FLOAT, Shape.batchOf());
    builder.output("difference", ElementType.FLOAT, Shape.batchOf());
    return Model.of(builder.build());
  }

  /** y [M] = the rows of a table [5] that i [M] names. */
  static Model lookup() {
    GraphBuilder builder = new GraphBuilder("lookup");
    builder.input("i", ElementType.INT64, Shape.of(List.of(Dim.of("M"))));
    String table = builder.initializer("t", Tensor.ofFloats(new float[] {0, 1, 2, 3, 4}, 5));
    builder.append(Node.of("Gather", List.of(table, "i"), List.of("y")).withName("find/row"));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("M"))));
    return Model.of(builder.build());
  }

  /** y = x·W applied many times over, so that a run takes a while; x and y [N, size]. */
  static Model slow(int size, int layers) {
    GraphBuilder builder = new GraphBuilder("slow");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(size));
    String value = "x";
    for (int i = 0; i < layers; i++) {
      String w = builder.initializer("w", Tensor.zeros(ElementType.FLOAT, size, size));
      value = builder.add("MatMul", value, w);
    }
    builder.append(Node.of("Identity", List.of(value), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(size));
    return Model.of(builder.build());
  }

  /** A model around one node from x [3] to y, both FLOAT. */
  static Model one(Node node) {
    GraphBuilder builder = new GraphBuilder("one");
    builder.input("x", ElementType.FLOAT, Shape.of(3));
    builder.append(node);
    builder.output("y", ElementType.FLOAT, Shape.of(3));
    return Model.of(builder.build());
  }

  static Node relu() {
    return Node.of("Relu", List.of("x"), List.of("y"));
  }
}
