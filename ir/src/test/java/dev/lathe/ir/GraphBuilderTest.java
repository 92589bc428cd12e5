package dev.lathe.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  @Test
  void names_neverCollide() {
    GraphBuilder builder = new GraphBuilder("g");
    String x = builder.input("x", ElementType.FLOAT, Shape.batchOf(3));
    String first = builder.add("Relu", x);
    String second = builder.add("Relu", first);
    assertThat(second).isNotEqualTo(first);
    assertThat(builder.initializer("x", Tensor.scalar(1f))).isNotEqualTo("x");
  }

  @Test
  void from_keepsEveryPartAndItsNames() {
    GraphBuilder builder = new GraphBuilder("g");
    String x = builder.input("x", ElementType.FLOAT, Shape.batchOf(3));
    String w = builder.initializer("w", Tensor.ofFloats(new float[3], 3));
    String y = builder.add("Mul", x, w);
    builder.output(y, ElementType.FLOAT, Shape.batchOf(3));
    Graph graph = builder.build();
    GraphBuilder again = GraphBuilder.from(graph);
    assertThat(again.build()).isEqualTo(graph);
    assertThat(again.fresh("w")).isNotEqualTo("w");
    assertThat(again.fresh(y)).isNotEqualTo(y);
  }

  @Test
  void inputNamedTwice_isRefused() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.SCALAR);
    assertThatThrownBy(() -> builder.input("x", ElementType.FLOAT, Shape.SCALAR))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("\"x\"");
  }

  @Test
  void mistypedAttribute_isRefusedWithNodeAndType() {
    Node node = Node.of("Conv", java.util.List.of("x", "w"), java.util.List.of("y"));
    Node wrong = node.withName("conv1").with("group", Attribute.of("two"));
    assertThatThrownBy(() -> wrong.intAttribute("group", 1))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("node \"conv1\" (Conv)")
        .hasMessageContaining("\"group\"")
        .hasMessageContaining("expected: INT");
    assertThat(node.intAttribute("group", 1)).isEqualTo(1);
  }

  @Test
  void shape_acceptsWhatFits() {
    Shape shape = Shape.batchOf(28, 28);
    assertThat(shape.accepts(5, 28, 28)).isTrue();
    assertThat(shape.accepts(5, 28, 27)).isFalse();
    assertThat(shape.accepts(28, 28)).isFalse();
    assertThat(Shape.UNRANKED.accepts(1, 2, 3)).isTrue();
    assertThat(shape).hasToString("[N, 28, 28]");
  }
}
