package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What differentiation does with operators that carry no gradient, or that it does not know. */
class DifferentiateTest {
  private final GraphBuilder builder = new GraphBuilder("g");
  private final String x = builder.input("x", ElementType.FLOAT, Shape.of(3));

  private Model loss(String value) {
    builder.append(
        Node.of("ReduceSum", List.of(value), List.of("loss")).with("keepdims", Attribute.of(0L)));
    builder.output("loss", ElementType.FLOAT, Shape.SCALAR);
    return Model.of(builder.build());
  }

  private double[] gradient(Model model, double... values) {
    Differentiate.Result result = Differentiate.apply(model, "loss", Set.of("x"));
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofDoubles(values, values.length));
    return Interpreter.run(result.model(), inputs).get("grad/x").toDoubles();
  }

  @Test
  void roundedValue_isAConstantOnTheWay() {
    Model model = loss(builder.add("Mul", x, builder.add("Floor", x)));
    assertThat(gradient(model, 1.5, -0.5, 3.25)).containsExactly(1, -1, 3);
  }

  @Test
  void lossThroughRoundedValuesOnly_hasNoPath() {
    Model model = loss(builder.add("Floor", x));
    assertThatThrownBy(() -> gradient(model, 1, 2, 3))
        .extracting("code")
        .isEqualTo(TransformError.NO_PATH);
  }

  @Test
  void controlFlow_isRefusedByName() {
    builder.append(Node.of("Loop", List.of("", "", x), List.of("y")).withName("repeat"));
    Model model = loss("y");
    assertThatThrownBy(() -> gradient(model, 1, 2, 3))
        .hasMessageContaining("node \"repeat\" (Loop): control flow is not differentiated")
        .extracting("code")
        .isEqualTo(TransformError.NO_GRADIENT);
  }

  @Test
  void unknownOperators_areAllNamedBeforeAnythingIsWritten() {
    builder.append(Node.of("Swirl", List.of(x), List.of("y")).withName("a").withDomain("org.x"));
    builder.append(Node.of("Unique", List.of("y"), List.of("z")).withName("b"));
    Model model = loss("z");
    assertThatThrownBy(() -> gradient(model, 1, 2, 3))
        .hasMessage(
            "node \"a\" (org.x.Swirl): no gradient rule for the operator; node \"b\" (Unique): an"
                + " element of its output stands for several of its input");
  }

  @Test
  void halfPrecisionOnTheWay_isRefusedByName() {
    for (ElementType half : List.of(ElementType.FLOAT16, ElementType.BFLOAT16)) {
      GraphBuilder own = new GraphBuilder("g");
      String input = own.input("x", ElementType.FLOAT, Shape.of(3));
      Attribute to = Attribute.of((long) half.code());
      own.append(Node.of("Cast", List.of(input), List.of("h")).withName("narrow").with("to", to));
      Attribute back = Attribute.of((long) ElementType.FLOAT.code());
      String wide = own.add("Cast", Map.of("to", back), own.add("Exp", "h"));
      own.append(Node.of("ReduceSum", List.of(wide), List.of("loss")));
      own.output("loss", ElementType.FLOAT, Shape.UNRANKED);
      assertThatThrownBy(() -> Differentiate.apply(Model.of(own.build()), "loss", Set.of("x")))
          .hasMessage(
              "node \"narrow\" (Cast): it computes in "
                  + half
                  + " (expected: FLOAT; train the model before it is made smaller)")
          .extracting("code")
          .isEqualTo(TransformError.NO_GRADIENT);
    }
  }

  @Test
  void parametersInHalfPrecision_areRefusedByName() {
    GraphBuilder own = new GraphBuilder("g");
    String input = own.input("x", ElementType.FLOAT16, Shape.batchOf(3));
    String w = own.initializer("fc.weight", Tensor.zeros(ElementType.FLOAT16, 3, 2));
    own.append(Node.of("MatMul", List.of(input, w), List.of("y")));
    own.output("y", ElementType.FLOAT16, Shape.batchOf(2));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    Model model = Model.of(own.build());
    assertThatThrownBy(() -> TrainingGraphs.of(model, objective, Sgd.plain(), Set.of("fc.weight")))
        .hasMessageContaining("\"fc.weight\"")
        .hasMessageContaining("FLOAT16")
        .hasMessageContaining("(expected: FLOAT; train the model before it is made smaller)");
  }

  @Test
  void quantizedModel_isRefusedByNodeOperatorAndReason() {
    String scale = builder.initializer("scale", Tensor.scalar(0.1f));
    builder.append(Node.of("QuantizeLinear", List.of(x, scale), List.of("q")).withName("toInt8"));
    builder.append(
        Node.of("DequantizeLinear", List.of("q", scale), List.of("d")).withName("toFloat"));
    Model model = loss("d");
    assertThatThrownBy(() -> gradient(model, 1, 2, 3))
        .hasMessage(
            "node \"toInt8\" (QuantizeLinear), node \"toFloat\" (DequantizeLinear): quantized"
                + " arithmetic is not differentiated; train the model that it was quantized from");
  }
}
