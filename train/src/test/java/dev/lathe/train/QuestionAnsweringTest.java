package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.zoo.Answer;
import dev.lathe.zoo.Encoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Questions about texts that the test makes: what stands behind a word. */
class QuestionAnsweringTest {
  private static final String[] COLOURS = "red blue green black white".split(" ");
  private static final String[] THINGS = "door house chair".split(" ");

  private static final String RECIPE =
      """
      model: test/colours
      task: question_answering
      data:
        format: questions
        train: train.jsonl
        length: 40
        stride: 8
        vocabulary: { kind: bpe, size: 320 }
        validation: 0.1
        test_fraction: 0.1
      architecture: { kind: encoder, width: 32, layers: 2, heads: 4 }
      optimizer: { kind: adam, learning_rate: 0.003 }
      schedule: { kind: cosine, warmup: 20 }
      steps: 100
      batch: 32
      """;

  @TempDir private Path folder;

  @BeforeEach
  void files() throws Exception {
    Files.writeString(folder.resolve("train.jsonl"), questions(700, 1000));
  }

  /** Some questions, such as every third, are about a thing that the text does not know. */
  private static String questions(int count, int unknown) {
    SplittableRandom random = new SplittableRandom(3);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String thing = THINGS[random.nextInt(THINGS.length)];
      String colour = COLOURS[random.nextInt(COLOURS.length)];
      String before = "It was " + (random.nextInt(90) + 10) + " – so “they” say. ";
      String context = before + "The " + thing + " is " + colour + " there.";
      boolean known = i % unknown != unknown - 1;
      int start = context.indexOf(" is ") + 4;
      String answers =
          known
              ? "{\"text\": [\"%s\"], \"answer_start\": [%d]}".formatted(colour, start)
              : "{\"text\": [], \"answer_start\": []}";
      lines.append(
          "{\"id\": \"%d\", \"question\": \"What is the %s?\", \"context\": \"%s\", \"answers\": %s}\n"
              .formatted(i, known ? thing : "sea", context, answers));
    }
    return lines.toString();
  }

  private TrainingResult trained(String recipe) {
    return TrainingRun.start(
            Recipe.parse(recipe, "recipe", folder), folder.resolve("run" + recipe.hashCode()))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  private static String based(String file) {
    return RECIPE
        .replace("  vocabulary: { kind: bpe, size: 320 }\n", "")
        .replaceAll("architecture: .*", "base: " + file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: encoder, width: 32, layers: 2, heads: 4 } | token_type_ids",
        "{ kind: encoder, width: 32, layers: 2, heads: 4, norm: post, dropout: 0.05 } |"
            + " token_type_ids",
        "{ kind: lstm, width: 16 } | ''"
      })
  void answers_areFoundInTextsThatAreNew(String network, String types) {
    TrainingResult result =
        trained(RECIPE.replace("{ kind: encoder, width: 32, layers: 2, heads: 4 }", network));
    assertThat(result.metrics().get("validation_exact_match")).isGreaterThan(0.95);
    assertThat(result.metrics().get("test_exact_match")).isGreaterThan(0.95);
    assertThat(result.metrics().get("test_f1"))
        .isBetween(result.metrics().get("test_exact_match"), 1.0);
    assertThat(result.metrics().get("validation_accuracy")).isGreaterThan(0.95);
    assertThat(result.model().graph().outputs())
        .extracting(ValueInfo::name)
        .containsExactly("start_logits", "end_logits");
    assertThat(result.model().graph().requiredInputs())
        .extracting(ValueInfo::name)
        .containsExactlyInAnyOrderElementsOf(
            types.isEmpty()
                ? List.of("x", "attention_mask")
                : List.of("x", "attention_mask", types));
    assertThat(result.files().get("tokenizer.json")).contains("[CLS]", "[SEP]");
    assertThat(result.files().get("tokenizer_config.json")).contains("\"model_max_length\": 40");
  }

  @Test
  void answersOfTheValidationPart_areJudgedAfterEachEpoch() {
    List<Double> seen = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress now) {
            if (now.metrics().containsKey("validation_exact_match")) {
              seen.add(now.metrics().get("validation_exact_match"));
            }
          }
        };
    String text =
        RECIPE
            + """
            metrics: [accuracy, exact_match, f1]
            written: 20
            early_stop: { metric: exact_match, patience: 9 }
            """;
    TrainingResult result =
        TrainingRun.start(Recipe.parse(text, "recipe", folder), folder.resolve("judged"))
            .run(listener, new CancelToken());
    assertThat(seen).isNotEmpty().allMatch(one -> Math.abs(20 * one - Math.rint(20 * one)) < 1e-9);
    assertThat(seen.stream().mapToDouble(Double::doubleValue).max().orElseThrow())
        .isGreaterThan(0.8);
    assertThat(result.metrics().get("validation_exact_match")).isGreaterThan(0.8);
  }

  @Test
  void whereThereIsNoAnswer_noneIsGiven() throws Exception {
    Files.writeString(folder.resolve("train.jsonl"), questions(700, 3));
    TrainingResult result =
        trained(
            RECIPE
                .replaceAll("architecture: .*", "architecture: { kind: gru, width: 32 }")
                .replace("steps: 100", "steps: 160")
                .replace("0.003", "0.01"));
    assertThat(result.metrics().get("test_exact_match")).isGreaterThan(0.95);
    assertThat(result.metrics().get("test_f1")).isGreaterThan(0.95);
  }

  @Test
  void cancelledWhileItIsMeasured_stopsAndIsMeasuredLater() {
    Recipe recipe = Recipe.parse(RECIPE.replace("steps: 100", "steps: 2"), "recipe", folder);
    Path directory = folder.resolve("cancelled");
    CancelToken cancel = new CancelToken();
    TrainingListener atTheEnd =
        progress -> {
          if (progress.step() == 2) {
            cancel.cancel();
          }
        };
    TrainingRun first = TrainingRun.start(recipe, directory);
    assertThatThrownBy(() -> first.run(atTheEnd, cancel))
        .hasMessageContaining("answering the questions of the validation part was stopped")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.CANCELLED);
    TrainingResult result =
        TrainingRun.resume(directory).run(TrainingListener.SILENT, new CancelToken());
    assertThat(result.steps()).isEqualTo(2);
    assertThat(result.metrics()).containsKeys("validation_f1", "test_f1");
  }

  /** The loss of untrained scores is the mean over both ends of what is seen, padding left out. */
  @Test
  void firstLoss_isThatOfAChoiceAmongPlacesThatAreNoPadding() throws Exception {
    String longer = "It was here. ".repeat(3) + "The door is red there.";
    Files.writeString(
        folder.resolve("train.jsonl"),
        """
        {"question": "What?", "context": "red", "answers": {"text": ["red"], "answer_start": [0]}}
        {"question": "What?", "context": "%s", "answers": {"text": ["red"], "answer_start": [51]}}
        """
            .formatted(longer));
    String recipe =
        RECIPE
            .replaceAll("  (validation|test_fraction): .*\n", "")
            .replace("length: 40", "length: 64")
            .replace("steps: 100", "steps: 1");
    TrainingResult result = trained(recipe);
    Encoder net =
        new Encoder(277, 64, new Encoder.Size(32, 128, 2, 4), 0, Encoder.Norm.PRE, Answer.SPAN, 2);
    assertThat(net.build(1).graph().outputs()).hasSize(2);
    double loss = result.metrics().get("train_loss");
    // Weights are small at first: nearly uniform over 7 or 8 places and about 35 to 50.
    assertThat(loss).isBetween((Math.log(7) + Math.log(25)) / 2, (Math.log(9) + Math.log(55)) / 2);
  }

  @Test
  void longTexts_areLearnedFromAndReadThroughWindows() throws Exception {
    StringBuilder lines = new StringBuilder();
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 300; i++) {
      String before = "So they say and say. ".repeat(random.nextInt(9));
      String colour = COLOURS[random.nextInt(COLOURS.length)];
      String context =
          before + "The door is " + colour + ". " + "So they go on. ".repeat(random.nextInt(9));
      lines.append(
          "{\"question\": \"What is the door?\", \"context\": \"%s\", \"answers\": {\"text\":"
                  .formatted(context)
              + " [\"%s\"], \"answer_start\": [%d]}}\n"
                  .formatted(colour, before.length() + "The door is ".length()));
    }
    Files.writeString(folder.resolve("train.jsonl"), lines);
    TrainingResult result = trained(RECIPE.replace("steps: 100", "steps: 120"));
    assertThat(result.metrics().get("test_exact_match")).isGreaterThan(0.9);
  }

  @Test
  void base_isTrainedFurtherWithItsOwnTokens() throws Exception {
    TrainingResult first = trained(RECIPE.replace("steps: 100", "steps: 60"));
    OnnxFile.write(first.model(), folder.resolve("model.onnx"));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.writeString(folder.resolve(name), first.files().get(name));
    }
    TrainingResult second = trained(based("model.onnx").replace("steps: 100", "steps: 150"));
    assertThat(second.metrics().get("validation_loss"))
        .isLessThan(first.metrics().get("validation_loss"));
    assertThat(second.metrics().get("test_exact_match")).isGreaterThan(0.95);
    assertThat(second.files()).doesNotContainKey("tokenizer.json");
    assertThat(second.kept()).containsOnlyKeys("tokenizer.json", "tokenizer_config.json");
    assertThat(second.model().graph().requiredInputs())
        .isEqualTo(first.model().graph().requiredInputs());
  }

  /** A base without a head of its own: token embeddings only. */
  private Model features(Dim tokens) {
    GraphBuilder builder = new GraphBuilder("features");
    Shape shape = Shape.of(List.of(Dim.of("batch"), tokens));
    builder.input("input_ids", ElementType.INT64, shape);
    builder.input("attention_mask", ElementType.INT64, shape);
    String table = builder.initializer("table", Tensor.ofFloats(new float[400 * 8], 400, 8));
    String seen =
        builder.add(
            "Cast",
            Map.of("to", Attribute.of((long) ElementType.FLOAT.code())),
            builder.add(
                "Unsqueeze",
                "attention_mask",
                builder.add(
                    "Constant", Map.of("value", Attribute.of(Tensor.ofLongs(new long[] {2}, 1))))));
    builder.append(
        Node.of(
            "Mul",
            List.of(builder.add("Gather", table, "input_ids"), seen),
            List.of("last_hidden_state")));
    builder.output(
        "last_hidden_state",
        ElementType.FLOAT,
        Shape.of(List.of(Dim.of("batch"), tokens, Dim.of(8))));
    return Model.of(builder.build());
  }

  @Test
  void baseOfFeatures_getsANewHead() throws Exception {
    TrainingResult first = trained(RECIPE.replace("steps: 100", "steps: 1"));
    OnnxFile.write(features(Dim.of("seq")), folder.resolve("model.onnx"));
    Files.writeString(folder.resolve("tokenizer.json"), first.files().get("tokenizer.json"));
    TrainingResult result =
        trained(based("model.onnx").replace("steps: 100", "steps: 150").replace("0.003", "0.05"));
    assertThat(result.model().graph().initializers().keySet())
        .contains("qa_outputs.weight", "qa_outputs.bias", "table");
    assertThat(result.metrics().get("validation_exact_match")).isGreaterThan(0.9);
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      Map<String, Tensor> scores =
          session.run(
              Map.of(
                  "input_ids", Tensor.ofLongs(new long[] {2, 5, 3}, 1, 3),
                  "attention_mask", Tensor.ofLongs(new long[] {1, 1, 1}, 1, 3)));
      assertThat(scores.keySet()).containsExactlyInAnyOrder("start_logits", "end_logits");
      assertThat(scores.get("start_logits").dims()).containsExactly(1, 3);
    }
  }

  @Test
  void baseThatDoesNotFit_isRefused() throws Exception {
    assertThatThrownBy(() -> trained(based("model.onnx")))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("tokenizer.json: no such file");
    TrainingResult first = trained(RECIPE.replace("steps: 100", "steps: 1"));
    Files.writeString(folder.resolve("tokenizer.json"), first.files().get("tokenizer.json"));
    OnnxFile.write(features(Dim.of(40)), folder.resolve("model.onnx"));
    assertThatThrownBy(() -> trained(based("model.onnx")))
        .hasMessageContaining("all INT64 [N, T] with T open");
    Model one = features(Dim.of("seq"));
    GraphBuilder builder = GraphBuilder.from(one.graph());
    builder.clearOutputs();
    builder.append(Node.of("Identity", List.of("last_hidden_state"), List.of("other")));
    builder.output("other", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"))));
    OnnxFile.write(one.withGraph(builder.build()), folder.resolve("model.onnx"));
    assertThatThrownBy(() -> trained(based("model.onnx")))
        .hasMessageContaining(
            "outputs [other] (expected: start_logits and end_logits, or last_hidden_state)");
  }

  @Test
  void stoppedRun_goesOnWithTheSameBits() {
    String recipe =
        RECIPE.replace("heads: 4 }", "heads: 4, dropout: 0.1 }").replace("steps: 100", "steps: 30");
    TrainingResult whole = trained(recipe);
    Path run = folder.resolve("stopped");
    CancelToken cancel = new CancelToken();
    TrainingListener stopping =
        progress -> {
          if (progress.step() >= 10) {
            cancel.cancel();
          }
        };
    TrainingRun first = TrainingRun.start(Recipe.parse(recipe, "recipe", folder), run);
    assertThatThrownBy(() -> first.run(stopping, cancel)).isInstanceOf(LatheException.class);
    TrainingResult resumed =
        TrainingRun.resume(run).run(TrainingListener.SILENT, new CancelToken());
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
  }

  @Test
  void recipe_isWrittenAndReadAgain() {
    Recipe read = Recipe.parse(RECIPE, "recipe", folder).withSeed(7);
    DataRecipe.Questions data = (DataRecipe.Questions) read.data();
    assertThat(data.windows()).isEqualTo(new DataRecipe.TextWindows(40, 8));
    assertThat(data.vocabulary()).isEqualTo(320);
    assertThat(data.preparation().validation()).isEqualTo(0.1);
    Recipe further = Recipe.parse(based("model.onnx"), "recipe", folder).withSeed(7);
    assertThat(((DataRecipe.Questions) further.data()).vocabulary()).isZero();
  }

  @Test
  void whatDoesNotFit_isRefused() {
    assertThatThrownBy(() -> trained(RECIPE.replaceAll("  vocabulary: .*\n", "")))
        .hasMessageContaining("missing key \"data.vocabulary\"");
    assertThatThrownBy(() -> trained(RECIPE.replaceAll("architecture: .*", "base: m.onnx")))
        .hasMessageContaining("data.vocabulary: with a base (expected: none");
    assertThatThrownBy(() -> trained(RECIPE.replace("kind: encoder", "kind: gpt")))
        .hasMessageContaining("does not fit task question_answering (expected: encoder, lstm, gru");
    assertThatThrownBy(
            () -> trained(RECIPE + "loss: { kind: cross_entropy, label_smoothing: 0.1 }\n"))
        .hasMessageContaining("label_smoothing, class_weights, ignore (expected: none of them");
    assertThatThrownBy(() -> trained(RECIPE.replace("format: questions", "format: texts")))
        .hasMessageContaining("unknown key \"data.stride\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"question\": \"Q?\"} | line 1: \"context\": missing (expected: a text)",
        "{\"question\": 7, \"context\": \"c\"} | line 1: \"question\": 7 (expected: a text)",
        "not json | line 1: no JSON",
        "[] | line 1: \"context\": missing",
        "{\"question\": \"Q?\", \"context\": \"abc\", \"answers\": [\"a\"]} |"
            + " (expected: lists text and answer_start of one length)",
        "{\"question\": \"Q?\", \"context\": \"abc\", \"answers\": {\"text\": [\"b\"],"
            + " \"answer_start\": [0]}} | line 1: at 0 of the context stands \"a\" (expected:"
            + " \"b\"",
        "{\"question\": \"Q?\", \"context\": \"abc\", \"answers\": {\"text\": [\"b\"],"
            + " \"answer_start\": [99]}} | at 99 of the context stands nothing",
        "{\"question\": \"Q?\", \"context\": \"abc\", \"answers\": {\"text\": [\"b\"],"
            + " \"answer_start\": [-1]}} | at -1 of the context stands nothing",
        "{\"question\": \"Q?\", \"context\": \"abc\", \"answers\": {\"text\": [\"b\"],"
            + " \"answer_start\": []}} | of one length",
        "{\"question\": \"zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA9876543210\","
            + " \"context\": \"abc\"} | tokens with what stands around it (expected: at most 32 in"
            + " windows of data.length 40",
        "`` | no question (expected: at least 1)"
      })
  void badLine_isToldWithItsNumber(String line, String message) throws Exception {
    Files.writeString(folder.resolve("train.jsonl"), line + "\n");
    assertThatThrownBy(() -> trained(RECIPE))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("train.jsonl")
        .hasMessageContaining(message);
  }
}
