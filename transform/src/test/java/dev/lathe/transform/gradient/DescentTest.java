package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.Random;
import org.junit.jupiter.api.Test;

class DescentTest {
  private static final Map<String, Tensor> VALUES =
      Map.of("a", noise(5, 3), "b", noise(5, 2), "p", noise(3, 2), "rate", noise());

  private static Tensor noise(long... dims) {
    double[] values = new Random(dims.length).doubles(Tensor.sizeOf(dims), -1, 1).toArray();
    return Tensor.ofDoubles(values, dims);
  }

  private static Draft draft() {
    GraphBuilder builder = new GraphBuilder("descent");
    VALUES.forEach((name, value) -> builder.input(name, ElementType.FLOAT, Shape.of(value.dims())));
    builder.output("p", ElementType.FLOAT, Shape.of(3, 2));
    return Draft.of(Model.of(builder.build()));
  }

  @Test
  void productOfMatrices_isAddedToTheParameterAsItIsMade() {
    Draft draft = draft();
    Map<String, Attribute> half = Map.of("alpha", Attribute.of(0.5f), "transA", Attribute.of(1L));
    String gradient = draft.node("Gemm", half, "a", "b");
    check(draft, gradient, "Gemm");
  }

  @Test
  void anyOtherGradient_isSubtracted() {
    Draft draft = draft();
    Map<String, Attribute> turned = Map.of("transA", Attribute.of(1L));
    check(draft, draft.node("Gemm", turned, "a", "b", "p"), "Sub");
    check(draft, draft.node("Neg", "p"), "Sub");
  }

  private static void check(Draft draft, String gradient, String last) {
    String next = Descent.step(new Algebra(draft), "p", gradient, "rate");
    assertThat(draft.maker(next).map(Node::op)).contains(last);
    Map<String, Tensor> made = Interpreter.run(draft.build(List.of(gradient, next)), VALUES);
    for (int i = 0; i < 6; i++) {
      double expected =
          VALUES.get("p").doubleAt(i)
              - VALUES.get("rate").doubleAt(0) * made.get(gradient).doubleAt(i);
      assertThat(made.get(next).doubleAt(i)).isCloseTo(expected, within(1e-12));
    }
  }
}
