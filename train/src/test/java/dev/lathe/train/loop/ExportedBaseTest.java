package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Function;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Language models that another tool exported together with what flattens their scores. */
class ExportedBaseTest {
  private static final int TOKENS = 40;
  private static final String RECIPE =
      """
      model: test/exported
      task: language_model
      data: { format: text, train: text.txt, length: 16, vocabulary: characters, validation: 0.2 }
      base: base.onnx
      optimizer: { kind: adam, learning_rate: 0.01 }
      steps: 3
      batch: 8
      """;

  @TempDir private Path folder;

  private void writeText() throws Exception {
    StringBuilder text = new StringBuilder();
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      int token = i < TOKENS ? i : random.nextInt(TOKENS);
      text.append((char) ('0' + token));
    }
    Files.writeString(folder.resolve("text.txt"), text);
  }

  private TrainingResult trained(String recipe) {
    return TrainingRun.start(
            Recipe.parse(recipe, "recipe", folder), folder.resolve("run" + recipe.hashCode()))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt.dynamo",
        "gpt.torchscript",
        "gru.dynamo",
        "gru.torchscript",
        "lstm.dynamo",
        "lstm.torchscript"
      })
  void flattenedScores_areComparedPlaceByPlaceAndReleasedAsTheyWere(String name) throws Exception {
    writeText();
    Files.copy(Shared.path("fixtures/onnx/" + name + ".onnx"), folder.resolve("base.onnx"));
    double few = trained(RECIPE).metrics().get("train_loss");
    TrainingResult result = trained(RECIPE.replace("steps: 3", "steps: 30"));
    assertThat(result.metrics().get("train_loss")).isFinite().isLessThan(few);
    Model base = OnnxFile.read(folder.resolve("base.onnx"));
    assertThat(result.model().graph().nodes())
        .extracting(Node::op, Node::inputs, Node::outputs)
        .isEqualTo(
            base.graph().nodes().stream()
                .map(node -> tuple(node.op(), node.inputs(), node.outputs()))
                .toList());
    assertThat(result.model().graph().outputs()).isEqualTo(base.graph().outputs());
    assertThat(result.model().graph().initializers().keySet())
        .isEqualTo(base.graph().initializers().keySet());
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      Tensor ids = Tensor.ofLongs(new long[48], 3, 16);
      assertThat(session.run(Map.of("x", ids)).get("y").dims()).containsExactly(48, TOKENS);
    }
  }

  /** A model that answers for the whole text, once. */
  @Test
  void scoresForTheExampleOnly_areRefusedWithTheirShapes() throws Exception {
    writeText();
    GraphBuilder builder = new GraphBuilder("whole");
    builder.input("x", ElementType.INT64, Shape.of(List.of(Dim.of("batch"), Dim.of(16))));
    builder.initializer("table", Tensor.zeros(ElementType.FLOAT, TOKENS, TOKENS));
    builder.append(Node.of("Gather", List.of("table", "x"), List.of("rows")));
    builder.initializer("axis", Tensor.ofLongs(new long[] {1}, 1));
    builder.append(
        Node.of("ReduceMean", List.of("rows", "axis"), List.of("y"))
            .with("keepdims", Attribute.of(0L)));
    builder.output(
        "y", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of((long) TOKENS))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    assertThatThrownBy(() -> trained(RECIPE))
        .hasMessageContaining(
            "scores \"y\" [batch, 40] for input \"x\" [batch, 16] (expected: rank 3, as targets"
                + " are [N, 16])");
  }

  private static final String ROWS =
      RECIPE
          .replace("language_model", "regression")
          .replace(
              "{ format: text, train: text.txt, length: 16, vocabulary: characters, validation: 0.2"
                  + " }",
              "{ format: csv, train: rows.csv, normalize: none }");

  private void writeRows() throws Exception {
    Files.writeString(folder.resolve("rows.csv"), "1,2,3\n2,-1,1\n0,1,1\n1,1,2\n".repeat(4));
  }

  /** Two features, of which an affine layer makes one number; what follows is up to the test. */
  private GraphBuilder affine(Tensor weight, String answer) throws Exception {
    writeRows();
    GraphBuilder builder = new GraphBuilder("affine");
    builder.input("x", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of(2L))));
    builder.initializer("w", weight);
    builder.append(Node.of("MatMul", List.of("x", "w"), List.of(answer)));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of(1L))));
    return builder;
  }

  private Model released(GraphBuilder builder) {
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    return trained(ROWS).model();
  }

  private static GraphBuilder convolution(Dim batch) {
    GraphBuilder builder = new GraphBuilder("anySize");
    List<Dim> images = List.of(batch, Dim.of(1), Dim.of("H"), Dim.of("W"));
    builder.input("x", ElementType.FLOAT, Shape.of(images));
    builder.initializer("k", Tensor.ofFloats(new float[] {1, 2, 3, 4, -4, -3, -2, 1}, 2, 1, 2, 2));
    builder.initializer("w", Tensor.ofFloats(new float[] {0.5f, -0.5f}, 2, 1));
    builder.append(
        Node.of("Conv", List.of("x", "k"), List.of("maps"))
            .with("strides", Attribute.ofInts(2, 1)));
    builder.append(Node.of("GlobalAveragePool", List.of("maps"), List.of("means")));
    builder.append(Node.of("Flatten", List.of("means"), List.of("rows")));
    builder.append(Node.of("MatMul", List.of("rows", "w"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(batch, Dim.of(1L))));
    return builder;
  }

  private String images() throws Exception {
    StringBuilder rows = new StringBuilder();
    for (int row = 0; row < 16; row++) {
      for (int i = 0; i <= 30; i++) {
        rows.append(row * 7 % 5 + i % 3).append(i < 30 ? "," : "\n");
      }
    }
    Files.writeString(folder.resolve("rows.csv"), rows);
    return ROWS.replace("normalize: none", "normalize: none, shape: [1, 5, 6]");
  }

  @Test
  void openSizesOfAnImage_areTheDatas_andStayOpenInTheRelease() throws Exception {
    OnnxFile.write(Model.of(convolution(Dim.of("batch")).build()), folder.resolve("base.onnx"));
    Model model = trained(images()).model();
    assertThat(model.graph().initializers().get("k").toFloats())
        .isNotEqualTo(new float[] {1, 2, 3, 4, -4, -3, -2, 1});
    assertThat(model.graph().input("x").orElseThrow().tensorType().shape())
        .hasToString("[batch, 1, H, W]");
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Tensor larger = Tensor.ofFloats(new float[2 * 9 * 8], 2, 1, 9, 8);
      assertThat(session.run(Map.of("x", larger)).get("y").dims()).containsExactly(2, 1);
    }
  }

  @Test
  void baseOfOneBatchSize_saysHowToTrainItAllTheSame() throws Exception {
    OnnxFile.write(Model.of(convolution(Dim.of(1)).build()), folder.resolve("base.onnx"));
    String recipe = images();
    assertThatThrownBy(() -> trained(recipe))
        .hasMessageContaining("batches of 1 only, found batch: 8 (export it with an open batch, or")
        .hasMessageContaining("batch: 1 and update: { batches: 8 })");
    String slow = recipe.replace("batch: 8", "batch: 1\nupdate: { batches: 8 }");
    assertThat(trained(slow).metrics().get("train_loss")).isFinite();
  }

  @Test
  void floatsThatOnlyChoose_stayAsTheyAre() throws Exception {
    GraphBuilder builder = affine(Tensor.ofFloats(new float[] {0.5f, 0.5f}, 2, 1), "h");
    builder.initializer("bound", Tensor.ofFloats(new float[] {0}, 1));
    builder.initializer("other", Tensor.ofFloats(new float[] {0.25f}, 1));
    builder.append(Node.of("Greater", List.of("h", "bound"), List.of("more")));
    builder.append(Node.of("Where", List.of("more", "h", "other"), List.of("chosen")));
    builder.initializer("scales", Tensor.ofFloats(new float[] {1, 1}, 2));
    builder.append(Node.of("Resize", List.of("chosen", "", "scales"), List.of("y")));
    Model model = released(builder);
    Map<String, Tensor> values = model.graph().initializers();
    assertThat(values.get("bound").toFloats()).containsExactly(0);
    assertThat(values.get("scales").toFloats()).containsExactly(1, 1);
    assertThat(values.get("w").toFloats()).isNotEqualTo(new float[] {0.5f, 0.5f});
  }

  @Test
  void weightsThatNodesGive_areTrained() throws Exception {
    float[] start = {0.5f, 0.5f};
    writeRows();
    GraphBuilder builder = new GraphBuilder("constants");
    builder.input("x", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of(2L))));
    builder.append(
        Node.of("Constant", List.of(), List.of("w"))
            .with("value", Attribute.of(Tensor.ofFloats(start, 2, 1))));
    builder.append(Node.of("MatMul", List.of("x", "w"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of(1L))));
    Model model = released(builder);
    assertThat(model.graph().initializers().get("w").toFloats()).isNotEqualTo(start);
    assertThat(model.graph().nodes()).extracting(Node::op).containsExactly("MatMul");
  }

  @Test
  void baseWithoutWeights_isRefusedByNameAndReason() throws Exception {
    GraphBuilder builder = affine(Tensor.ofFloats(new float[] {2e4f, 1}, 2, 1), "y");
    assertThatThrownBy(() -> released(builder))
        .hasMessageContaining("base.onnx: no weights among constants that the scores depend on")
        .hasMessageContaining("\"w\" FLOAT[2, 1] with elements of 1e4 or more");
  }

  /** The mean of x is m; the second use sees the same mean, so that 0.9·0.1·m + 0.1·m is left. */
  @Test
  void normalizationThatIsUsedTwice_movesItsStatisticsTwice() throws Exception {
    GraphBuilder builder = affine(Tensor.ofFloats(new float[] {0.5f, 0.5f}, 2, 1), "unused");
    builder.clearOutputs();
    builder.initializer("scale", Tensor.ofFloats(new float[] {1, 1}, 2));
    builder.initializer("bias", Tensor.ofFloats(new float[] {0, 0}, 2));
    builder.initializer("mean", Tensor.ofFloats(new float[] {0, 0}, 2));
    builder.initializer("variance", Tensor.ofFloats(new float[] {1, 1}, 2));
    List<String> shared = List.of("scale", "bias", "mean", "variance");
    builder.append(Node.of("BatchNormalization", with("x", shared), List.of("once")));
    builder.append(Node.of("Add", List.of("x", "once"), List.of("sum")));
    builder.append(Node.of("BatchNormalization", with("sum", shared), List.of("twice")));
    builder.append(Node.of("MatMul", List.of("twice", "w"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of(1L))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    String once = ROWS.replace("steps: 3", "steps: 1").replace("batch: 8", "batch: 16");
    Tensor mean = trained(once).model().graph().initializers().get("mean");
    assertThat(mean.toFloats()).containsExactly(new float[] {0.19f, 0.1425f}, within(1e-5f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"target", "weights", "loss", "total_weight", "learning_rate", "next/w"})
  void valueWithANameThatTrainingTakes_isRefusedWithWhatIsReserved(String name) throws Exception {
    GraphBuilder builder = affine(Tensor.ofFloats(new float[] {0.5f, 0.5f}, 2, 1), name);
    builder.append(Node.of("Relu", List.of(name), List.of("y")));
    assertThatThrownBy(() -> released(builder))
        .hasMessageContaining("base.onnx: value \"" + name + "\" (expected: another name")
        .hasMessageContaining(
            "gradient_norm, learning_rate, loss, target, total_weight, weights, and next/ before");
  }

  @Test
  void nameThatNothingTakesInThisTraining_isFree() throws Exception {
    GraphBuilder builder = affine(Tensor.ofFloats(new float[] {0.5f, 0.5f}, 2, 1), "seed");
    builder.append(Node.of("Relu", List.of("seed"), List.of("y")));
    assertThat(released(builder).graph().nodes()).hasSize(2);
  }

  private static final String SIGNS =
      ROWS.replace("task: regression", "task: binary").replace("rows.csv", "signs.csv");

  /** A Sigmoid at the end, and what may stand behind it or around it, without and with. */
  private double lossBehind(List<Node> nodes, List<Function> functions) throws Exception {
    Files.writeString(folder.resolve("signs.csv"), "1,2,1\n2,-1,0\n0,1,1\n1,1,1\n".repeat(4));
    GraphBuilder builder = affine(Tensor.ofFloats(new float[] {0.5f, 0.5f}, 2, 1), "h");
    builder.initializer("shape", Tensor.ofLongs(new long[] {-1, 1}, 2));
    nodes.forEach(builder::append);
    Model plain = Model.of(builder.build());
    Model model =
        new Model(
                plain.irVersion(),
                plain.opsets(),
                plain.producer(),
                plain.domain(),
                plain.version(),
                plain.graph(),
                functions,
                plain.notes())
            .withOpset("ours", 1);
    OnnxFile.write(model, folder.resolve("base.onnx"));
    TrainingResult result = trained(SIGNS + "# " + nodes.size() + functions.size() + "\n");
    assertThat(result.model().graph().outputs()).extracting("name").containsExactly("y");
    Tensor row = Tensor.ofFloats(new float[] {100, 100}, 1, 2);
    Tensor answer = Interpreter.run(result.model(), Map.of("x", row)).get("y");
    assertThat(answer.doubleAt(0)).isBetween(0.99, 1.0);
    return result.metrics().get("train_loss");
  }

  @Test
  void sigmoidIsLeftOutOfTheLoss_alsoBehindWhatOnlyLaysOutAndInFunctions() throws Exception {
    Node last = Node.of("Sigmoid", List.of("h"), List.of("y"));
    double plain = lossBehind(List.of(last), List.of());
    Node inner = Node.of("Sigmoid", List.of("h"), List.of("p"));
    Node cast =
        Node.of("Cast", List.of("p"), List.of("q"))
            .with("to", Attribute.of((long) ElementType.FLOAT.code()));
    Node reshape = Node.of("Reshape", List.of("q", "shape"), List.of("r"));
    Node copy = Node.of("Identity", List.of("r"), List.of("y"));
    assertThat(lossBehind(List.of(inner, cast, reshape, copy), List.of())).isEqualTo(plain);
    Function squash =
        new Function(
            "Squash",
            "ours",
            "",
            List.of("h"),
            List.of("y"),
            List.of(),
            Map.of(),
            List.of(last),
            Map.of("", 18L),
            List.of(),
            Notes.NONE);
    Node call = Node.of("Squash", List.of("h"), List.of("y")).withDomain("ours");
    assertThat(lossBehind(List.of(call), List.of(squash))).isEqualTo(plain);
  }

  private static List<String> with(String first, List<String> others) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(others);
    return all;
  }
}
