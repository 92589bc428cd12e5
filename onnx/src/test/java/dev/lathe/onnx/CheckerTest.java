package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheckerTest {
  @Test
  void soundModel_hasNoProblem() {
    assertThat(Checker.check(Samples.small())).isEmpty();
    assertThatCode(() -> Checker.require(Samples.small())).doesNotThrowAnyException();
  }

  @Test
  void modelsOfPeers_haveNoProblem() throws IOException {
    for (Path file : OnnxFileTest.fixtures()) {
      assertThat(Checker.check(OnnxFile.read(file))).as("%s", file).isEmpty();
    }
  }

  @Test
  void require_listsProblems() {
    assertThatThrownBy(() -> Checker.require(model(Node.of("Rely", List.of("x"), List.of("y")))))
        .isInstanceOf(LatheException.class)
        .hasMessage("graph \"g\", node \"y\" (Rely): no such operator in version 21 of its domain")
        .extracting("code")
        .isEqualTo(OnnxError.CHECK_FAILED);
  }

  @Test
  void valueMadeTwice_isFound() {
    assertProblem(
        "node \"second\" (Relu)",
        "\"y\" is made already, by node \"first\"",
        model(
            Node.of("Relu", List.of("x"), List.of("y")).withName("first"),
            Node.of("Relu", List.of("x"), List.of("y")).withName("second")));
    assertProblem(
        "(Relu)", "made already, by an input", model(Node.of("Relu", List.of("x"), List.of("x"))));
  }

  @Test
  void valueUsedBeforeItIsMade_isFound() {
    assertProblem(
        "node \"early\" (Relu)",
        "\"h\" is made later, by node \"late\" (Relu)",
        model(
            Node.of("Relu", List.of("h"), List.of("y")).withName("early"),
            Node.of("Relu", List.of("x"), List.of("h")).withName("late")));
  }

  @Test
  void valueThatNothingMakes_isFound() {
    assertProblem(
        "(Relu)", "\"z\" is made by nothing", model(Node.of("Relu", List.of("z"), List.of("y"))));
    assertProblem(
        "graph \"g\"",
        "output \"y\" is made by nothing",
        model(Node.of("Relu", List.of("x"), List.of("h"))));
  }

  @Test
  void nodeThatFeedsItself_isFound() {
    assertProblem(
        "(Relu)", "\"y\" is made later", model(Node.of("Relu", List.of("y"), List.of("y"))));
  }

  @Test
  void inputsAndOutputsTwice_areFound() {
    Graph graph = Samples.small().graph();
    ValueInfo x = graph.inputs().getFirst();
    ValueInfo y = graph.outputs().getFirst();
    assertProblem(
        "graph \"small\"", "input \"x\" stands twice", Model.of(graph.withInputs(List.of(x, x))));
    assertProblem(
        "graph \"small\"", "output \"y\" stands twice", Model.of(graph.withOutputs(List.of(y, y))));
  }

  @Test
  void inputWithoutAType_isFound() {
    Graph graph = Samples.small().graph();
    assertProblem(
        "input \"x\"",
        "has no type",
        Model.of(graph.withInputs(List.of(ValueInfo.of("x", ValueType.UNKNOWN)))));
    assertProblem(
        "input \"x\"",
        "no element type",
        Model.of(
            graph.withInputs(
                List.of(ValueInfo.tensor("x", ElementType.UNDEFINED, Shape.UNRANKED)))));
  }

  @Test
  void initializerThatDiffersFromItsInput_isFound() {
    Graph graph = Samples.small().graph();
    ValueInfo bias = ValueInfo.tensor("b", ElementType.FLOAT, Shape.of(3));
    assertProblem(
        "input \"b\"",
        "FLOAT[2] (expected: FLOAT[3])",
        Model.of(graph.withInputs(List.of(graph.inputs().getFirst(), bias))));
  }

  @Test
  void initializerThatIsNoInput_isFoundInOldVersions() {
    Model model = Samples.small();
    Model old =
        new Model(3, Map.of("", 9L), model.producer(), "", 0, model.graph(), List.of(), Notes.NONE);
    assertProblem("graph \"small\"", "\"W\" is no input", old);
  }

  @Test
  void versions_areChecked() {
    Model model = Samples.small();
    assertProblem("model", "ir_version 99", withVersion(model, 99));
    assertProblem("model", "ir_version 0", withVersion(model, 0));
    assertProblem("model", "version 999 (expected: <= ", model.withOpset("", 999));
    assertProblem("model", "\"own\": version 0", model.withOpset("own", 0));
    Model none =
        new Model(10, Map.of(), model.producer(), "", 0, model.graph(), List.of(), Notes.NONE);
    assertProblem("model", "no opset_import", none);
    assertProblem("(Gemm)", "\"ai.onnx\" is not imported", none);
  }

  @Test
  void domainThatIsNotImported_isFound() {
    Node node = Node.of("Fused", List.of("x"), List.of("y")).withDomain("com.example");
    assertProblem("(com.example.Fused)", "\"com.example\" is not imported", model(node));
    assertThat(Checker.check(model(node).withOpset("com.example", 1))).isEmpty();
  }

  @Test
  void operatorOfALaterVersion_isFoundWithThatVersion() {
    assertProblem(
        "(Gelu)",
        "no such operator in version 13 of its domain; it exists since version 20",
        model(Node.of("Gelu", List.of("x"), List.of("y"))).withOpset("", 13));
    assertThat(Checker.check(model(Node.of("Gelu", List.of("x"), List.of("y"))))).isEmpty();
  }

  @Test
  void deprecatedOperator_isFound() {
    Node node = Node.of("Upsample", List.of("x", "x"), List.of("y"));
    assertProblem("(Upsample)", "deprecated since version 10", model(node));
    assertThat(Checker.check(model(node).withOpset("", 9))).isEmpty();
  }

  @Test
  void numbersOfInputsAndOutputs_areChecked() {
    assertProblem(
        "(MatMul)", "1 inputs (expected: 2)", model(Node.of("MatMul", List.of("x"), List.of("y"))));
    assertProblem(
        "(Relu)",
        "2 outputs (expected: 1)",
        model(Node.of("Relu", List.of("x"), List.of("y", "z"))));
    assertProblem(
        "(Clip)",
        "4 inputs (expected: 1 to 3)",
        model(Node.of("Clip", List.of("x", "x", "x", "x"), List.of("y"))));
    assertProblem(
        "(Concat)",
        "0 inputs (expected: 1 or more)",
        model(Node.of("Concat", List.of(), List.of("y")).with("axis", Attribute.of(0L))));
    assertProblem(
        "(MatMul)", "input 0 is omitted", model(Node.of("MatMul", List.of("", "x"), List.of("y"))));
    assertThat(Checker.check(model(Node.of("Clip", List.of("x", "", "x"), List.of("y")))))
        .isEmpty();
  }

  @Test
  void attributes_areChecked() {
    Node softmax = Node.of("Softmax", List.of("x"), List.of("y"));
    assertProblem(
        "(Softmax)",
        "\"axes\" (expected: one of [axis])",
        model(softmax.with("axes", Attribute.of(1L))));
    assertProblem(
        "(Softmax)",
        "\"axis\" is FLOAT (expected: INT)",
        model(softmax.with("axis", Attribute.of(1f))));
    assertProblem(
        "(Concat)", "\"axis\" is missing", model(Node.of("Concat", List.of("x"), List.of("y"))));
    assertProblem(
        "attribute \"axis\"",
        "refers to attribute \"a\"",
        model(softmax.with("axis", new Attribute.Reference("a", 2))));
    assertThat(Checker.check(model(softmax.with("__tool", Attribute.of(1L))))).isEmpty();
  }

  @Test
  void bodies_seeTheValuesAroundThemAndNotTheOtherWay() {
    Graph body = body(Node.of("Relu", List.of("x"), List.of("inner")), "inner");
    assertThat(Checker.check(model(condition(), choice(body, "y")))).isEmpty();
    assertProblem(
        "(Relu)",
        "\"inner\" is made by nothing",
        model(condition(), choice(body, "h"), Node.of("Relu", List.of("inner"), List.of("y"))));
  }

  @Test
  void bodyThatMakesAValueAnew_isFound() {
    Graph body = body(Node.of("Relu", List.of("x"), List.of("x")), "x");
    assertProblem(
        "graph \"body\", node \"x\" (Relu)",
        "\"x\" is made already",
        model(condition(), choice(body, "y")));
  }

  @Test
  void bodyWithTheWrongNumberOfOutputs_isFound() {
    Graph body =
        body(Node.of("Relu", List.of("x"), List.of("inner")), "inner").withOutputs(List.of());
    assertProblem(
        "attribute \"then_branch\": outputs",
        "0 values (expected: 1)",
        model(condition(), choice(body, "y")));
  }

  @Test
  void functions_areChecked() {
    Node call =
        new Node("Twice", "local", "", "", List.of("x"), List.of("y"), Map.of(), Notes.NONE);
    Function sound =
        function("Twice", Node.of("Add", List.of("a", "a"), List.of("b")), Map.of("", 21L));
    assertThat(Checker.check(withFunctions(call, sound))).isEmpty();
    assertProblem("function \"local.Twice\"", "defined twice", withFunctions(call, sound, sound));
    assertProblem(
        "function \"local.Twice\", node \"b\" (Add)",
        "\"ai.onnx\" is not imported",
        withFunctions(
            call, function("Twice", Node.of("Add", List.of("a", "a"), List.of("b")), Map.of())));
    assertProblem(
        "function \"local.Twice\"",
        "output \"b\" is made by nothing",
        withFunctions(
            call,
            function("Twice", Node.of("Add", List.of("a", "a"), List.of("c")), Map.of("", 21L))));
    assertProblem(
        "(local.Twice)",
        "2 inputs (expected: 0 to 1)",
        withFunctions(call.withInputs(List.of("x", "x")), sound));
    assertProblem(
        "(local.Twice)",
        "attribute \"n\" (expected: one of [])",
        withFunctions(call.with("n", Attribute.of(1L)), sound));
  }

  @Test
  void functionsThatCallEachOther_areFound() {
    Node call = new Node("A", "local", "", "", List.of("x"), List.of("y"), Map.of(), Notes.NONE);
    Map<String, Long> opsets = Map.of("local", 1L);
    Node toB = Node.of("B", List.of("a"), List.of("b")).withDomain("local");
    Node toA = Node.of("A", List.of("a"), List.of("b")).withDomain("local");
    Model circle = withFunctions(call, function("A", toB, opsets), function("B", toA, opsets));
    assertProblem("function \"local.A\"", "calls itself by way of function \"local.B\"", circle);
    assertProblem("function \"local.B\"", "calls itself by way of function \"local.A\"", circle);
  }

  @Test
  void sparseTensors_areChecked() {
    assertThat(Checker.check(withSparse(Samples.sparse()))).isEmpty();
    Tensor values = Tensor.ofFloats(new float[] {1, 2}, 2);
    assertProblem("\"s\"", "rising", sparse(values, Tensor.ofLongs(new long[] {5, 1}, 2)));
    assertProblem("\"s\"", "rising", sparse(values, Tensor.ofLongs(new long[] {1, 6}, 2)));
    assertProblem("\"s\"", "indices", sparse(values, Tensor.ofLongs(new long[] {1}, 1)));
    assertProblem("\"s\"", "indices", sparse(values, Tensor.ofInts(new int[] {1, 2}, 2)));
    assertProblem("\"s\"", "rising", sparse(values, Tensor.ofLongs(new long[] {0, 0, 0, 3}, 2, 2)));
    assertThat(Checker.check(sparse(values, Tensor.ofLongs(new long[] {0, 0, 1, 2}, 2, 2))))
        .isEmpty();
  }

  @Test
  void manyProblems_areCutOff() {
    Node[] nodes = new Node[500];
    Arrays.setAll(nodes, i -> Node.of("Nope", List.of("x"), List.of("v" + i)));
    assertThat(Checker.check(model(nodes))).hasSize(100);
    assertThatThrownBy(() -> Checker.require(model(nodes))).hasMessageEndingWith("; and 90 more");
  }

  private static void assertProblem(String where, String message, Model model) {
    assertThat(Checker.check(model))
        .anySatisfy(
            problem -> {
              assertThat(problem.where()).contains(where);
              assertThat(problem.message()).contains(message);
            });
  }

  private static Model model(Node... nodes) {
    Graph graph = Samples.graph(nodes);
    return Model.of(
        graph.withOutputs(List.of(ValueInfo.tensor("y", ElementType.FLOAT, Shape.UNRANKED))));
  }

  private static Model withVersion(Model model, long version) {
    return new Model(
        version, model.opsets(), model.producer(), "", 0, model.graph(), List.of(), Notes.NONE);
  }

  private static Model sparse(Tensor values, Tensor indices) {
    return withSparse(new SparseTensor(values, indices, List.of(2L, 3L)));
  }

  private static Model withSparse(SparseTensor tensor) {
    Graph graph = Samples.graph(Node.of("Relu", List.of("x"), List.of("y")));
    return Model.of(
        new Graph(
            "g",
            graph.nodes(),
            graph.inputs(),
            graph.outputs(),
            Map.of(),
            Map.of("s", tensor),
            List.of(),
            Notes.NONE));
  }

  private static Node condition() {
    return Node.of("Constant", List.of(), List.of("c"))
        .with("value", Attribute.of(Tensor.ofBytes(ElementType.BOOL, new byte[] {1})));
  }

  private static Node choice(Graph body, String output) {
    return Node.of("If", List.of("c"), List.of(output))
        .with("then_branch", new Attribute.OfGraph(body))
        .with("else_branch", new Attribute.OfGraph(body));
  }

  private static Graph body(Node node, String output) {
    return new Graph(
        "body",
        List.of(node),
        List.of(),
        List.of(ValueInfo.of(output, ValueType.UNKNOWN)),
        Map.of(),
        Map.of(),
        List.of(),
        Notes.NONE);
  }

  private static Function function(String name, Node body, Map<String, Long> opsets) {
    return new Function(
        name,
        "local",
        "",
        List.of("a"),
        List.of("b"),
        List.of(),
        Map.of(),
        List.of(body),
        opsets,
        List.of(),
        Notes.NONE);
  }

  private static Model withFunctions(Node call, Function... functions) {
    Model model = model(call).withOpset("local", 1);
    return new Model(
        model.irVersion(),
        model.opsets(),
        model.producer(),
        "",
        0,
        model.graph(),
        List.of(functions),
        Notes.NONE);
  }
}
