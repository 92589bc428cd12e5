package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Dataset;
import dev.lathe.train.LoraRecipe;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.transform.AdapterWeights;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recipes that train adapters in place of weights. */
class LoraTest {
  @TempDir Path folder;
  private final Model base = new Mlp(3, List.of(8), 1, Activation.TANH).build(5);
  private final Dataset data = waves();
  private Path file = Path.of("");

  @BeforeEach
  void writeBase() {
    file = folder.resolve("base.onnx");
    OnnxFile.write(base, file);
  }

  private static Dataset waves() {
    Random random = new Random(8);
    float[] x = new float[3 * 120];
    float[] y = new float[120];
    for (int n = 0; n < 120; n++) {
      for (int i = 0; i < 3; i++) {
        x[3 * n + i] = (float) random.nextGaussian();
      }
      y[n] = (float) Math.sin(x[3 * n] - x[3 * n + 1]);
    }
    return Dataset.of(Tensor.ofFloats(x, 120, 3), Tensor.ofFloats(y, 120));
  }

  private Recipe recipe(LoraRecipe lora) {
    return Recipe.of("t/lora", Task.REGRESSION, new ArchitectureRecipe.Base(file))
        .withOptimizer(OptimizerRecipe.adam(0.02))
        .withEpochs(20, 30)
        .withLora(lora);
  }

  private TrainingResult run(Recipe recipe) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(recipe, data, directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  private double[] answers(Model model) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(Map.of("x", data.x())).get("y").toDoubles();
    }
  }

  private List<String> changed(Model model) {
    return base.graph().initializers().entrySet().stream()
        .filter(
            entry ->
                !model.graph().initializers().get(entry.getKey()).sameContent(entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private String hidden() {
    return base.graph().initializers().keySet().stream()
        .filter(name -> name.endsWith(".weight"))
        .findFirst()
        .orElseThrow();
  }

  private LoraRecipe on(String weight, LoraRecipe.Release release) {
    return new LoraRecipe(2, 4, 0, List.of(weight), release);
  }

  @Test
  void mergedRelease_hasTheBasesNodesAndOnlyTheTargetsWeightChanged() {
    TrainingResult result = run(recipe(on(hidden(), LoraRecipe.Release.MERGED)));
    Model model = result.model();
    assertThat(model.graph().nodes()).isEqualTo(base.graph().nodes());
    assertThat(changed(model)).containsExactly(hidden());
    assertThat(result.adapters()).hasSize(2);
    double before =
        run(recipe(LoraRecipe.of(1)).withOptimizer(OptimizerRecipe.sgd(1e-30)))
            .metrics()
            .get("train_loss");
    assertThat(result.metrics().get("train_loss")).isLessThan(0.8 * before);
  }

  @Test
  void releaseApart_leavesEveryWeightAndAnswersAsTheMergedOne() {
    TrainingResult merged = run(recipe(on(hidden(), LoraRecipe.Release.MERGED)));
    TrainingResult apart = run(recipe(on(hidden(), LoraRecipe.Release.APART)));
    assertThat(changed(apart.model())).isEmpty();
    assertThat(apart.model().graph().nodes()).hasSizeGreaterThan(base.graph().nodes().size());
    double[] expected = answers(merged.model());
    assertThat(answers(apart.model())).containsExactly(expected, within(1e-5));
    Model again = new AdapterWeights(4, apart.adapters()).attach(base);
    assertThat(answers(again)).containsExactly(expected, within(1e-5));
    assertThat(answers(base)).isNotEqualTo(expected);
  }

  @Test
  void newNetwork_canBeTrainedByAdaptersToo() {
    Recipe fresh =
        Recipe.of(
                "t/lora", Task.REGRESSION, new ArchitectureRecipe.Mlp(List.of(8), Activation.TANH))
            .withEpochs(3, 30)
            .withLora(new LoraRecipe(2, 4, 0.2, List.of("*"), LoraRecipe.Release.MERGED));
    TrainingResult result = run(fresh);
    assertThat(result.model().graph().nodes()).extracting(Node::op).doesNotContain("Dropout");
    assertThat(result.adapters()).hasSize(4);
  }

  private static final String DEPTHWISE =
      """
      model: t/lora
      task: classification
      data: { format: drawn_digits, train: 60, test: 10 }
      architecture:
        kind: depthwise
        stem: { channels: 6, stride: 2 }
        blocks: [{ channels: 4 }, { channels: 5, stride: 2 }]
      lora: { rank: 4, dropout: 0.1, merge: true }
      optimizer: { kind: adam, learning_rate: 0.05 }
      epochs: 2
      """;

  private static final String TIED =
      """
      model: t/lora
      task: language_model
      data: { format: text, train: text.txt, length: 4, validation: 0.2 }
      architecture: { kind: gpt, width: 16, layers: 1, heads: 2 }
      lora: { rank: 4, targets: [wte.weight, "blocks.*"], merge: true }
      optimizer: { kind: adam, learning_rate: 0.05 }
      steps: 30
      """;

  static List<Arguments> networks() {
    Random random = new Random(4);
    float[] pixels = new float[3 * 28 * 28];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return List.of(
        Arguments.of(DEPTHWISE, Tensor.ofFloats(pixels, 3, 1, 28, 28), ".lora_A.weight"),
        Arguments.of(TIED, Tensor.ofLongs(new long[] {0, 1, 2, 3}, 1, 4), ".lora_embedding_A"));
  }

  /** Depthwise kernels, and a table that is embedding and head, merged and apart. */
  @ParameterizedTest
  @MethodSource("networks")
  void recipe_trainsAdaptersThatMergeAndLoadAgain(String text, Tensor x, String named)
      throws Exception {
    Files.writeString(folder.resolve("text.txt"), "abcd".repeat(100));
    TrainingResult merged = parsed(text);
    TrainingResult apart = parsed(text.replace("merge: true", "merge: false"));
    assertThat(apart.adapters().keySet()).anyMatch(name -> name.endsWith(named));
    Tensor expected = first(apart.model(), x);
    assertThat(first(merged.model(), x).toDoubles())
        .containsExactly(expected.toDoubles(), within(1e-5));
    Model plain = parsed(text.replaceAll("learning_rate: [0-9.]+", "learning_rate: 1e-30")).model();
    assertThat(first(plain, x).toDoubles()).isNotEqualTo(expected.toDoubles());
    double alpha = 2 * 4;
    assertThat(first(new AdapterWeights(alpha, apart.adapters()).attach(plain), x).toDoubles())
        .containsExactly(expected.toDoubles(), within(1e-5));
  }

  private TrainingResult parsed(String text) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(Recipe.parse(text, "recipe", folder), directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  private static Tensor first(Model model, Tensor x) {
    String input = model.graph().requiredInputs().getFirst().name();
    String output = model.graph().outputs().getFirst().name();
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(Map.of(input, x)).get(output);
    }
  }

  @Test
  void targetThatIsNoWeight_isRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> run(recipe(on("attention.*", LoraRecipe.Release.MERGED))))
        .hasMessageContaining("target \"attention.*\"")
        .hasMessageContaining(hidden());
  }

  @Test
  void baseWithAWeightThatIsNoNumber_isRefusedByNameAndPlace() {
    Map<String, Tensor> weights = new LinkedHashMap<>(base.graph().initializers());
    float[] values = weights.get(hidden()).toFloats();
    values[5] = Float.NaN;
    weights.put(hidden(), Tensor.ofFloats(values, weights.get(hidden()).dims()));
    OnnxFile.write(base.withGraph(base.graph().withInitializers(weights)), file);
    assertThatThrownBy(() -> run(recipe(LoraRecipe.NONE)))
        .hasMessage(
            "base "
                + file
                + ": initializer \""
                + hidden()
                + "\"[5] of 24: NaN (expected: a number)")
        .hasFieldOrPropertyWithValue("code", TrainError.UNSUPPORTED_MODEL);
  }
}
