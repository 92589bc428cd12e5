package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dead nodes and constants. */
class CleanUpTest {
  private final GraphBuilder builder = new GraphBuilder("g");
  private final String x = builder.input("x", ElementType.FLOAT, Shape.batchOf(3));

  private Model model(String output) {
    builder.output(output, ElementType.FLOAT, Shape.UNRANKED);
    return Model.of(builder.build());
  }

  @Test
  void nodesAndInitializersThatNoOutputNeeds_goAway() {
    String dead = builder.initializer("dead", Tensor.scalar(1f));
    builder.add("Exp", builder.add("Add", x, dead));
    Model cleaned = RemoveDeadNodes.apply(model(builder.add("Relu", x)));
    assertThat(cleaned.graph().nodes()).extracting(Node::op).containsExactly("Relu");
    assertThat(cleaned.graph().initializers()).isEmpty();
  }

  @Test
  void nothingDead_isTheSameObject() {
    Model model = model(builder.add("Relu", x));
    assertThat(RemoveDeadNodes.apply(model)).isSameAs(model);
  }

  @Test
  void whatABodyReadsFromOutside_stays() {
    String outer = builder.add("Exp", x);
    GraphBuilder body = new GraphBuilder("body");
    body.append(Node.of("Relu", List.of(outer), List.of("inner")));
    body.output("inner", ElementType.FLOAT, Shape.UNRANKED);
    String condition =
        builder.initializer("c", Tensor.ofValues(ElementType.BOOL, new double[] {1}));
    Attribute branch = new Attribute.OfGraph(body.build());
    builder.append(
        Node.of("If", List.of(condition), List.of("y"))
            .with("then_branch", branch)
            .with("else_branch", branch));
    Model model = model("y");
    assertThat(RemoveDeadNodes.apply(model)).isSameAs(model);
  }

  @Test
  void constantArithmetic_isFolded() {
    String two = builder.initializer("two", Tensor.ofFloats(new float[] {2, 3, 4}, 3));
    String squared = builder.add("Mul", two, two);
    Model folded =
        FoldConstants.apply(model(builder.add("Mul", x, squared)), Interpreter::evaluate);
    assertThat(folded.graph().nodes()).hasSize(1);
    assertThat(folded.graph().initializers().get(squared).toFloats()).containsExactly(4, 9, 16);
  }

  @Test
  void shapesKnownByInference_areFolded() {
    String fixed = builder.initializer("w", Tensor.zeros(ElementType.FLOAT, 6));
    String target = builder.add("Shape", Map.of("start", Attribute.of(1L)), x);
    String reshaped =
        builder.add(
            "Reshape",
            fixed,
            builder.add(
                "Concat",
                Map.of("axis", Attribute.of(0L)),
                builder.initializer("m", Tensor.ofLongs(new long[] {-1}, 1)),
                target));
    Model folded =
        FoldConstants.apply(
            model(builder.add("MatMul", reshaped, builder.add("Transpose", x))),
            Interpreter::evaluate);
    assertThat(folded.graph().nodes()).extracting(Node::op).containsExactly("Transpose", "MatMul");
  }

  @Test
  void whatDependsOnInputs_isTheSameObject() {
    Model model = model(builder.add("Relu", x));
    assertThat(FoldConstants.apply(model, Interpreter::evaluate)).isSameAs(model);
  }

  @Test
  void largeValueFromASmallOne_staysANode() {
    String sizes = builder.initializer("s", Tensor.ofLongs(new long[] {1000, 1000}, 2));
    Model model =
        model(builder.add("Expand", builder.initializer("one", Tensor.scalar(1f)), sizes));
    assertThat(FoldConstants.apply(model, Interpreter::evaluate)).isSameAs(model);
  }

  @Test
  void operatorThatTheEvaluatorRefuses_stays() {
    String one = builder.initializer("one", Tensor.scalar(1f));
    builder.append(Node.of("Swirl", List.of(one), List.of("s")).withDomain("com.example"));
    Model model = model(builder.add("Mul", x, "s"));
    Evaluator refusing =
        (node, _, _) -> {
          throw new LatheException(TransformError.UNSUPPORTED_FORM, node.describe());
        };
    assertThat(FoldConstants.apply(model, refusing)).isSameAs(model);
  }

  @Test
  void errorOfAnotherKind_isNotHidden() {
    String one = builder.initializer("one", Tensor.scalar(1f));
    Model model = model(builder.add("Exp", one));
    Evaluator failing =
        (node, _, _) -> {
          throw new LatheException(TransformError.BAD_GRAPH, node.describe());
        };
    assertThatThrownBy(() -> FoldConstants.apply(model, failing))
        .isInstanceOf(LatheException.class);
  }
}
