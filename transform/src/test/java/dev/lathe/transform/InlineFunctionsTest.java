package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InlineFunctionsTest {
  private static final String OURS = "org.example";
  private static final int FLOAT_CODE = 1;

  private final GraphBuilder builder = new GraphBuilder("g");
  private final String x = builder.input("x", ElementType.FLOAT, Shape.of(2));

  private static Node call(String op, List<String> inputs, String... outputs) {
    return Node.of(op, inputs, List.of(outputs)).withDomain(OURS).withName(outputs[0] + "/call");
  }

  /** y = leaky(a) + b, with the slope an attribute of 0.5 unless given. */
  private static Function bent() {
    Node leaky =
        Node.of("LeakyRelu", List.of("a"), List.of("h"))
            .with("alpha", new Attribute.Reference("slope", FLOAT_CODE));
    Node sum = Node.of("Add", List.of("h", "b"), List.of("y"));
    return function("Bent", List.of("a", "b"), List.of("y"), leaky, sum);
  }

  private static Function function(
      String name, List<String> inputs, List<String> outputs, Node... nodes) {
    return new Function(
        name,
        OURS,
        "",
        inputs,
        outputs,
        List.of(),
        Map.of("slope", Attribute.of(0.5f)),
        List.of(nodes),
        Map.of("", Model.OPSET, OURS, 1L),
        List.of(),
        Notes.NONE);
  }

  private Model model(List<Function> functions, String... outputs) {
    for (String output : outputs) {
      builder.output(output, ElementType.FLOAT, Shape.UNRANKED);
    }
    Model model = Model.of(builder.build()).withOpset(OURS, 1);
    return new Model(
        model.irVersion(),
        model.opsets(),
        model.producer(),
        "",
        0,
        model.graph(),
        functions,
        model.notes());
  }

  private static double[] run(Model model, String output) {
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[] {-4, 3}, 2));
    return Interpreter.run(model, inputs).get(output).toDoubles();
  }

  @Test
  void callsGetTheirOwnValues_andAttributesOrDefaults() {
    builder.append(call("Bent", List.of(x, x), "p"));
    builder.append(call("Bent", List.of("p", x), "q").with("slope", Attribute.of(0.25f)));
    Model inlined = InlineFunctions.apply(model(List.of(bent()), "p", "q"));
    assertThat(inlined.functions()).isEmpty();
    assertThat(run(inlined, "p")).containsExactly(-6, 6);
    assertThat(run(inlined, "q")).containsExactly(-5.5, 9);
  }

  @Test
  void functionsOfFunctions_areInlinedToTheEnd() {
    Node inner = call("Bent", List.of("a", "a"), "h");
    Node outer = Node.of("Neg", List.of("h"), List.of("y"));
    Function twice = function("Twice", List.of("a"), List.of("y"), inner, outer);
    builder.append(call("Twice", List.of(x), "p"));
    Model inlined = InlineFunctions.apply(model(List.of(bent(), twice), "p"));
    assertThat(inlined.graph().nodes())
        .extracting(Node::op)
        .containsExactly("LeakyRelu", "Add", "Neg");
    assertThat(run(inlined, "p")).containsExactly(6, -6);
  }

  @Test
  void inputThatIsAnOutput_andValueThatIsTwo_arePassedOn() {
    Node h = Node.of("Neg", List.of("a"), List.of("h"));
    Function same = function("Same", List.of("a"), List.of("a", "h", "h"), h);
    builder.append(call("Same", List.of(x), "p", "q", "r"));
    Model inlined = InlineFunctions.apply(model(List.of(same), "p", "q", "r"));
    assertThat(run(inlined, "p")).containsExactly(-4, 3);
    assertThat(run(inlined, "q")).containsExactly(4, -3);
    assertThat(run(inlined, "r")).containsExactly(4, -3);
  }

  @Test
  void omittedInputs_stayOmitted() {
    Node clip = Node.of("Clip", List.of("a", "low", "high"), List.of("y"));
    Function bound = function("Bound", List.of("a", "low", "high"), List.of("y"), clip);
    String high = builder.initializer("one", Tensor.scalar(1f));
    builder.append(call("Bound", List.of(x, "", high), "p"));
    assertThat(run(InlineFunctions.apply(model(List.of(bound), "p")), "p")).containsExactly(-4, 1);
  }

  @Test
  void bodiesOfControlFlow_seeTheCallersValues_andHideNone() {
    Node choice = Node.of("If", List.of("a"), List.of("y"));
    Node add = Node.of("Add", List.of("b", "b"), List.of("x"));
    GraphBuilder body = new GraphBuilder("body");
    body.append(add);
    body.output("x", ElementType.FLOAT, Shape.UNRANKED);
    choice = choice.with("then_branch", new Attribute.OfGraph(body.build()));
    Function choose = function("Choose", List.of("a", "b"), List.of("y"), choice);
    builder.append(call("Choose", List.of("c", x), "p"));
    builder.input("c", ElementType.BOOL, Shape.SCALAR);
    Node inlined = InlineFunctions.apply(model(List.of(choose), "p")).graph().nodes().getFirst();
    Graph branch = ((Attribute.OfGraph) inlined.attributes().get("then_branch")).value();
    Node inside = branch.nodes().getFirst();
    assertThat(inside.inputs()).containsExactly("x", "x");
    assertThat(inside.output(0)).isNotEqualTo("x").isEqualTo(branch.outputs().getFirst().name());
  }

  @Test
  void gradientGoesThroughFunctions() {
    builder.append(call("Bent", List.of(x, x), "p"));
    builder.append(
        Node.of("ReduceSum", List.of("p"), List.of("loss")).with("keepdims", Attribute.of(0L)));
    Model model = model(List.of(bent()), "loss");
    Model gradient = Differentiate.apply(model, "loss", Set.of("x")).model();
    assertThat(run(gradient, "grad/x")).containsExactly(1.5, 2);
  }

  @Test
  void circles_areRefused() {
    Function circle =
        function("Round", List.of("a"), List.of("y"), call("Round", List.of("a"), "y"));
    builder.append(call("Round", List.of(x), "p"));
    Model model = model(List.of(circle), "p");
    assertThatThrownBy(() -> InlineFunctions.apply(model))
        .hasMessageContaining("deeper than")
        .extracting("code")
        .isEqualTo(TransformError.UNSUPPORTED_FORM);
  }

  @Test
  void callWithTooManyInputs_isRefused() {
    builder.append(call("Bent", List.of(x, x, x), "p"));
    Model model = model(List.of(bent()), "p");
    assertThatThrownBy(() -> InlineFunctions.apply(model))
        .hasMessageContaining("3 inputs, 1 outputs (expected: at most 2 and 1)")
        .extracting("code")
        .isEqualTo(TransformError.BAD_GRAPH);
  }

  @Test
  void modelWithoutFunctions_isLeftAlone() {
    builder.append(Node.of("Neg", List.of(x), List.of("p")));
    Model model = model(List.of(), "p");
    assertThat(InlineFunctions.apply(model)).isSameAs(model);
  }
}
