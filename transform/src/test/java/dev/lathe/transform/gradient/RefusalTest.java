package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.Differentiate;
import dev.lathe.transform.MeanSquaredError;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Sgd;
import dev.lathe.transform.TrainingGraphs;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator that has no gradient is refused when the step is made, with node and reason. */
class RefusalTest {
  static Set<String> operators() {
    return Refusals.table().keySet();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void operatorOnTheWay_isRefusedWithNodeAndReason(String op) {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.of(3, 3));
    String w = builder.initializer("w", Tensor.zeros(ElementType.FLOAT, 3));
    builder.append(Node.of("Mul", List.of("x", w), List.of("m")));
    Node node = Node.of(op, List.of("m", "m"), List.of("o")).withName("block/" + op);
    builder.append(op.equals("Scan") ? scan(node) : node);
    Attribute toFloat = Attribute.of((long) ElementType.FLOAT.code());
    builder.append(Node.of("Cast", List.of("o"), List.of("y")).with("to", toFloat));
    builder.output("y", ElementType.FLOAT, Shape.of(3, 3));
    Model model = Model.of(builder.build());
    Objective objective = new Objective(new MeanSquaredError(), "y");
    assertThatThrownBy(() -> TrainingGraphs.of(model, objective, Sgd.plain(), Set.of("w")))
        .hasMessage("node \"block/" + op + "\" (" + op + "): " + Refusals.table().get(op));
  }

  /**
   * With a body, which shape inference reads: one state stays, no element is scanned for output.
   */
  private static Node scan(Node node) {
    GraphBuilder body = new GraphBuilder("body");
    body.input("state", ElementType.FLOAT, Shape.of(3, 3));
    body.input("element", ElementType.FLOAT, Shape.of(3));
    body.append(Node.of("Add", List.of("state", "element"), List.of("next")));
    body.output("next", ElementType.FLOAT, Shape.of(3, 3));
    return node.with("body", new Attribute.OfGraph(body.build()))
        .with("num_scan_inputs", Attribute.of(1L));
  }

  @Test
  void normalizationOfWhatHasAnUnknownRank_isRefused() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.of(3, 3));
    builder.input("s", ElementType.INT64, Shape.of(List.of(Dim.of("K"))));
    String w = builder.initializer("w", Tensor.ofFloats(new float[] {1, 1, 1}, 3));
    builder.append(Node.of("Reshape", List.of("x", "s"), List.of("o")));
    builder.append(
        Node.of("LayerNormalization", List.of("o", w, ""), List.of("y")).withName("block/norm"));
    builder.output("y", ElementType.FLOAT, Shape.of(3, 3));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    Model model = Model.of(builder.build());
    assertThatThrownBy(() -> TrainingGraphs.of(model, objective, Sgd.plain(), Set.of("w")))
        .hasMessage("node \"block/norm\" (LayerNormalization): no gradient: input of unknown rank");
  }

  @Test
  void regionsOfAsManySamplesAsTheirSizeAsks_areRefused() {
    Case c = new Case("RoiAlign", new Random(1)).in(1, 2, 5, 5).in(1, 4).longs(0);
    Tensor weight = Tensor.zeros(ElementType.FLOAT, 1, 2, 1, 1);
    Model model = c.model(Case.Declared.FIXED, List.of(weight));
    assertThatThrownBy(() -> Differentiate.apply(model, "loss", Set.of("x0")))
        .hasMessage(
            "node \"node\" (RoiAlign): no gradient: sampling_ratio 0, or mode (expected: 1 or more,"
                + " and avg)");
  }
}
