package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrependFillingTest {
  private static Model model() {
    GraphBuilder graph = new GraphBuilder("g");
    Shape pair = Shape.of(List.of(Dim.of("N"), Dim.of(2)));
    String x = graph.input("x", ElementType.FLOAT, pair);
    graph.append(Node.of("Neg", List.of(x), List.of("y")));
    graph.output("y", ElementType.FLOAT, pair);
    return Model.of(graph.build());
  }

  @Test
  void allThatReadsTheInput_readsWhatIsFilled() {
    Model filling = PrependFilling.apply(model(), "x", Tensor.ofFloats(new float[] {1, 2}, 2));
    assertThat(filling.graph().nodes())
        .extracting(Node::op)
        .containsExactly("IsNaN", "Where", "Neg");
    assertThat(filling.graph().nodes().getLast().inputs())
        .isEqualTo(filling.graph().nodes().get(1).outputs());
    assertThat(filling.graph().inputs()).isEqualTo(model().graph().inputs());
  }

  @Test
  void whatDoesNotFit_isRefused() {
    assertThatThrownBy(() -> PrependFilling.apply(model(), "z", Tensor.scalar(0f)))
        .hasMessageContaining("input \"z\"");
    assertThatThrownBy(
            () -> PrependFilling.apply(model(), "x", Tensor.ofFloats(new float[] {1, 2, 3}, 3)))
        .hasMessageContaining("broadcasts");
  }
}
