package dev.lathe.transform.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;

class PoolBeforeReluTest {
  private final GraphBuilder builder = new GraphBuilder("g");
  private final String relu =
      builder.add("Relu", builder.input("x", ElementType.FLOAT, Shape.batchOf(1, 4)));

  private Model pooled() {
    Map<String, Attribute> attributes = Map.of("kernel_shape", Attribute.ofInts(2));
    builder.output(builder.add("MaxPool", attributes, relu), ElementType.FLOAT, Shape.UNRANKED);
    return Model.of(builder.build());
  }

  private static Model rewritten(Model model) {
    return new Rewriter(List.of(new PoolBeforeRelu())).apply(model);
  }

  @Test
  void relu_comesAfterThePool() {
    Model before = pooled();
    Model after = rewritten(before);
    assertThat(after.graph().nodes().stream().map(Node::op)).containsExactly("MaxPool", "Relu");
    Map<String, Tensor> x = Map.of("x", Tensor.ofDoubles(new double[] {-3, -1, 2, 1}, 1, 1, 4));
    String y = before.graph().outputs().getFirst().name();
    assertThat(Interpreter.run(after, x).get(y).toDoubles())
        .containsExactly(Interpreter.run(before, x).get(y).toDoubles());
  }

  @Test
  void reluThatOthersRead_staysWhereItIs() {
    builder.output(relu, ElementType.FLOAT, Shape.UNRANKED);
    Model before = pooled();
    assertThat(rewritten(before)).isSameAs(before);
  }
}
