package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InferShapesTest {
  private final GraphBuilder builder = new GraphBuilder("g");

  private String x(Object... dims) {
    return input("x", dims);
  }

  private String input(String name, Object... dims) {
    List<Dim> list =
        List.of(dims).stream()
            .map(d -> d instanceof Integer size ? Dim.of(size) : Dim.of((String) d))
            .toList();
    return builder.input(name, ElementType.FLOAT, Shape.of(list));
  }

  private String longs(long... values) {
    return builder.initializer("c", Tensor.ofLongs(values, values.length));
  }

  private String type(String value) {
    return InferShapes.apply(Model.of(builder.build())).type(value).toString();
  }

  @Test
  void symbolicBatch_flowsThroughALayer() {
    String w = builder.initializer("w", Tensor.zeros(ElementType.FLOAT, 16, 8));
    String y =
        builder.add("Relu", builder.add("Gemm", Map.of("transB", Attribute.of(1L)), x("N", 8), w));
    assertThat(type(y)).isEqualTo("FLOAT[N, 16]");
  }

  /** Exports of PyTorch work sizes out by Where and Equal; how many there are is known. */
  @Test
  void expand_bySizesThatAreNotKnown_hasTheRankThatTheyGive() {
    String sizes = builder.input("sizes", ElementType.INT64, Shape.of(4));
    assertThat(type(builder.add("Expand", x(8, 1), sizes))).isEqualTo("FLOAT[?, ?, 8, ?]");
  }

  @Test
  void reshape_copiesZeroAndFillsTheRest() {
    String y = builder.add("Reshape", x("N", 4, 6), longs(0, -1, 3));
    assertThat(type(y)).isEqualTo("FLOAT[N, 8, 3]");
  }

  @Test
  void reshape_ofSymbolsByMinusOne_keepsTheirProduct() {
    String y = builder.add("Reshape", x("N", "T", 32), longs(-1, 32));
    assertThat(type(y)).isEqualTo("FLOAT[N*T, 32]");
  }

  @Test
  void shapeArithmeticOfExporters_isFollowed() {
    String x = x("N", "T", 12);
    String shape = builder.add("Shape", x);
    String batch = builder.add("Gather", shape, builder.initializer("zero", Tensor.scalar(0L)));
    String steps = builder.add("Slice", shape, longs(1), longs(2));
    String target =
        builder.add(
            "Concat",
            Map.of("axis", Attribute.of(0L)),
            builder.add("Unsqueeze", batch, longs(0)),
            builder.add("Mul", steps, longs(2)),
            longs(-1));
    assertThat(type(builder.add("Reshape", x, target))).isEqualTo("FLOAT[N, 2*T, 6]");
  }

  @Test
  void broadcastOfSymbols_isUnknownUnlessEqual() {
    String x = x("N", 1, 3);
    String same = input("same", "N", 5, 1);
    String other = input("other", "M", 1, 3);
    assertThat(type(builder.add("Add", x, same))).isEqualTo("FLOAT[N, 5, 3]");
    assertThat(type(builder.add("Add", x, other))).isEqualTo("FLOAT[?, 1, 3]");
  }

  @Test
  void innerSizesThatDiffer_nameNodeFoundAndExpected() {
    builder.append(
        Node.of("MatMul", List.of(x("N", 3), input("w", 4, 5)), List.of("y")).withName("fc"));
    assertThatThrownBy(() -> type("y"))
        .hasMessage(
            "node \"fc\" (MatMul): input \"x\" [N, 3] times input \"w\" [4, 5]: inner sizes 3 and 4"
                + " (expected: equal inner sizes)")
        .extracting("code")
        .isEqualTo(TransformError.SHAPE_MISMATCH);
  }

  @Test
  void shapesThatDoNotBroadcast_areRefused() {
    String sum = builder.add("Add", x(2, 3), input("b", 2, 4));
    assertThatThrownBy(() -> type(sum))
        .hasMessageContaining("[2, 3]")
        .hasMessageContaining("[2, 4]");
  }

  @Test
  void declaredTypeThatContradicts_isRefused() {
    builder.append(Node.of("Relu", List.of(x("N", 3)), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(-1, 4));
    assertThatThrownBy(() -> type("y"))
        .hasMessageContaining("FLOAT[N, 3] (expected: FLOAT[?, 4], as declared)");
  }

  @Test
  void unknownOperator_isWhatTheModelDeclares() {
    builder.append(
        Node.of("Swirl", List.of(x("N", 3)), List.of("y", "z")).withDomain("com.example"));
    builder.value(ValueInfo.tensor("y", ElementType.FLOAT, Shape.of(-1, 7)));
    assertThat(type("y")).isEqualTo("FLOAT[?, 7]");
    assertThat(InferShapes.apply(Model.of(builder.build())).type("z")).isEqualTo(ValueType.UNKNOWN);
  }

  @Test
  void inputMadeNowhere_isNamed() {
    builder.append(Node.of("Relu", List.of("ghost"), List.of("y")));
    assertThatThrownBy(() -> type("y"))
        .hasMessageContaining("ghost")
        .extracting("code")
        .isEqualTo(TransformError.BAD_GRAPH);
  }

  @Test
  void reshapeOfAnotherSize_isRefused() {
    String y = builder.add("Reshape", x(2, 6), longs(5, -1));
    assertThatThrownBy(() -> type(y)).hasMessageContaining("12 elements");
  }

  @Test
  void windowThatDoesNotFit_isRefused() {
    String y =
        builder.add("MaxPool", Map.of("kernel_shape", Attribute.ofInts(5, 5)), x("N", 1, 4, 4));
    assertThatThrownBy(() -> type(y)).hasMessageContaining("does not fit");
  }

  @Test
  void unrankedInput_leavesTheTypeButNotTheShape() {
    builder.input("x", ElementType.FLOAT, Shape.UNRANKED);
    assertThat(type(builder.add("Relu", "x"))).isEqualTo("FLOAT[...]");
  }

  @Test
  void integersAndTruthValues_haveTheirTypes() {
    String x = x("N", 3);
    assertThat(type(builder.add("ArgMax", Map.of("axis", Attribute.of(1L)), x)))
        .isEqualTo("INT64[N, 1]");
    assertThat(type(builder.add("Greater", x, x))).isEqualTo("BOOL[N, 3]");
    assertThat(type(builder.add("Cast", Map.of("to", Attribute.of(7L)), x)))
        .isEqualTo("INT64[N, 3]");
  }

  @Test
  void integersThatBroadcast_areNotTakenForAList() {
    String row = builder.initializer("row", Tensor.ofLongs(new long[] {1, 2}, 1, 2));
    String column = builder.initializer("column", Tensor.ofLongs(new long[] {3, 4, 5}, 3, 1));
    String sums = builder.add("Reshape", builder.add("Add", row, column), longs(-1));
    String y = builder.add("Reshape", x(840), sums);
    assertThat(type(y)).isEqualTo("FLOAT[?, ?, ?, ?, ?, ?]");
  }
}
