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
        .hasMessageContaining("node \"repeat\" (Loop) is control flow")
        .extracting("code")
        .isEqualTo(TransformError.NO_GRADIENT);
  }

  @Test
  void unknownOperators_areAllNamedBeforeAnythingIsWritten() {
    builder.append(Node.of("Swirl", List.of(x), List.of("y")).withName("a").withDomain("org.x"));
    builder.append(Node.of("Unique", List.of("y"), List.of("z")).withName("b"));
    Model model = loss("z");
    assertThatThrownBy(() -> gradient(model, 1, 2, 3))
        .hasMessageContaining("node \"a\" (org.x.Swirl), node \"b\" (Unique): no gradient rule");
  }
}
