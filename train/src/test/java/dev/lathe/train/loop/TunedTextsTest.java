package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.zoo.HuggingFace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imported models with their own tokenizers that learn classes of texts and of words, and text. */
class TunedTextsTest {
  private static final List<String> TOKENS =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "fair", "the", "food", "was", "##ly",
          "##s", "ada", "rome", "saw", "in", "\n", "so");

  private static final String TEXTS =
      """
      model: t/texts
      task: text_classification
      base: base
      data: { format: texts, train: train.jsonl, length: 12 }
      optimizer: { kind: sgd, learning_rate: 0.1 }
      batch: 4
      steps: 5
      """;

  private static final String TAGS =
      """
      model: t/tags
      task: token_classification
      base: base
      head: new
      data: { format: conll, train: train.conll, length: 12 }
      optimizer: { kind: adam, learning_rate: 0.01 }
      batch: 8
      epochs: 6
      """;

  @TempDir private Path folder;
  private int runs;

  @BeforeEach
  void files() throws Exception {
    SplittableRandom random = new SplittableRandom(4);
    StringBuilder texts = new StringBuilder();
    StringBuilder sentences = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String mood = List.of("good", "bad", "fair").get(random.nextInt(3));
      String more = " so".repeat(random.nextInt(5));
      texts.append(
          "{\"text\": \"the foods was%s %sly\", \"label\": \"%s\"}\n".formatted(more, mood, mood));
      sentences.append("so O\n".repeat(random.nextInt(3)));
      sentences.append("adaly PER\nsaw O\nromes LOC\n").append("\n");
    }
    Files.writeString(folder.resolve("train.jsonl"), texts);
    Files.writeString(folder.resolve("train.conll"), sentences);
    Files.writeString(folder.resolve("text.txt"), "ada saw the food in rome . so ".repeat(60));
  }

  private Path base(String fixture) throws Exception {
    Path base = Files.createDirectories(folder.resolve("base"));
    Path from = Shared.path("fixtures/hf/" + fixture);
    OnnxFile.write(HuggingFace.read(from).model(), base.resolve("model.onnx"));
    Files.copy(from.resolve("config.json"), base.resolve("config.json"));
    Files.writeString(base.resolve("tokenizer.json"), tokenizer());
    return base;
  }

  /** WordPiece as BERT has it, over the few words of this test. */
  private static String tokenizer() {
    Function<String, String> quoted = token -> '"' + token.replace("\n", "\\n") + '"';
    String vocab =
        IntStream.range(0, TOKENS.size())
            .mapToObj(i -> quoted.apply(TOKENS.get(i)) + ": " + i)
            .collect(Collectors.joining(", "));
    String special =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    "{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}"
                        .formatted(i, TOKENS.get(i)))
            .collect(Collectors.joining(", "));
    return """
    {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
     "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
     "pre_tokenizer": {"type": "BertPreTokenizer"},
     "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
     "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
     "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {%s}}}
    """
        .formatted(special, vocab);
  }

  private TrainingRun started(String recipe) {
    return TrainingRun.start(
        Recipe.parse(recipe, "recipe", folder), folder.resolve("run" + runs++));
  }

  private TrainingResult trained(String recipe) {
    return started(recipe).run(TrainingListener.SILENT, new CancelToken());
  }

  private Map<String, Tensor> recorded(String recipe) {
    started(recipe).record(folder.resolve("recorded"));
    return Safetensors.open(folder.resolve("recorded/batches.safetensors")).tensors();
  }

  private static final String PEER =
      """
      import sys, torch
      from safetensors.torch import load_file
      from transformers import AutoModelForSequenceClassification
      model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1]).eval()
      batches = load_file(sys.argv[2])
      step = torch.optim.SGD(model.parameters(), lr=0.1)
      for i in range(len(batches["rates"])):
          given = {k: batches[f"train.{i}.{k}"]
                   for k in ("input_ids", "attention_mask", "token_type_ids")}
          loss = model(**given, labels=batches[f"train.{i}.target"]).loss
          print("loss", loss.item())
          step.zero_grad()
          loss.backward()
          step.step()
      """;

  /** Same start, same batches: five steps of SGD have the losses that transformers has. */
  @Test
  void lossesOfAClassifier_areThoseOfTransformers() throws Exception {
    String python = Python.with("torch", "transformers", "safetensors");
    base("bert-classify");
    recorded(TEXTS);
    String printed =
        Python.run(
            python,
            PEER,
            Shared.path("fixtures/hf/bert-classify"),
            folder.resolve("recorded/batches.safetensors"));
    requireLosses(TEXTS, losses(printed));
  }

  private static double[] losses(String printed) {
    return printed
        .lines()
        .filter(line -> line.startsWith("loss "))
        .mapToDouble(line -> Double.parseDouble(line.substring(5)))
        .toArray();
  }

  /** The loss that is told is the mean over the epoch's examples so far. */
  private void requireLosses(String recipe, double[] expected) {
    assertThat(expected).hasSize(5);
    double sum = 0;
    for (int steps = 1; steps <= 5; steps++) {
      sum += expected[steps - 1];
      double found =
          trained(recipe.replace("steps: 5", "steps: " + steps)).metrics().get("train_loss");
      assertThat(found).isCloseTo(sum / steps, within(1e-4));
    }
  }

  private static final String EXPORT =
      """
      import sys, torch
      from transformers import AutoModelForCausalLM
      class Scores(torch.nn.Module):
          def __init__(self, inner):
              super().__init__()
              self.inner = inner
          def forward(self, tokens, mask, places):
              return self.inner(input_ids=tokens, attention_mask=mask, position_ids=places).logits
      model = AutoModelForCausalLM.from_pretrained(sys.argv[1], attn_implementation="eager").eval()
      model.config.use_cache = False
      names = ["input_ids", "attention_mask", "position_ids"]
      given = (torch.randint(4, 99, (2, 7)), torch.ones(2, 7, dtype=torch.long),
               torch.arange(7)[None].repeat(2, 1))
      torch.onnx.export(Scores(model), given, sys.argv[2], input_names=names,
                        output_names=["logits"], opset_version=17, dynamo=False,
                        do_constant_folding=False,
                        dynamic_axes={n: {0: "batch", 1: "tokens"} for n in names + ["logits"]})
      """;

  private static final String NEXT_TOKENS =
      """
      import sys, torch
      from safetensors.torch import load_file
      from transformers import AutoModelForCausalLM
      model = AutoModelForCausalLM.from_pretrained(sys.argv[1]).eval()
      # The exporter makes one of weights that are equal, as those of untrained norms are.
      norms = [m for m in model.modules() if isinstance(m, torch.nn.LayerNorm)]
      for norm in norms:
          norm.weight = norms[0].weight
      batches = load_file(sys.argv[2])
      step = torch.optim.SGD(model.parameters(), lr=0.1)
      for i in range(len(batches["rates"])):
          given = {k: batches[f"train.{i}.{k}"]
                   for k in ("input_ids", "attention_mask", "position_ids")}
          scores = model(**given).logits.flatten(0, 1)
          loss = torch.nn.functional.cross_entropy(scores, batches[f"train.{i}.target"].flatten())
          print("loss", loss.item())
          step.zero_grad()
          loss.backward()
          step.step()
      """;

  /** A decoder as PyTorch exports it, with mask and places, has transformers' losses as well. */
  @Test
  void lossesOfAnExportedDecoder_areThoseOfTransformers() throws Exception {
    String python = Python.with("torch", "transformers", "safetensors", "onnx");
    Path base = base("gpt2");
    Path checkpoint = Shared.path("fixtures/hf/gpt2");
    Python.run(python, EXPORT, checkpoint, base.resolve("model.onnx"));
    String recipe =
        """
        model: t/text
        task: language_model
        base: base
        data: { format: text, train: text.txt, length: 16 }
        optimizer: { kind: sgd, learning_rate: 0.1 }
        batch: 4
        steps: 5
        """;
    recorded(recipe);
    Path batches = folder.resolve("recorded/batches.safetensors");
    requireLosses(recipe, losses(Python.run(python, NEXT_TOKENS, checkpoint, batches)));
  }

  @Test
  void batches_haveTheTokenizersTokens_filledUp() throws Exception {
    base("bert-classify");
    Map<String, Tensor> batches = recorded(TEXTS);
    long[] ids = batches.get("train.0.input_ids").toLongs();
    long[] mask = batches.get("train.0.attention_mask").toLongs();
    int length = Math.toIntExact(batches.get("train.0.input_ids").dim(1));
    assertThat(length % 4).isZero();
    for (int row = 0; row < 4; row++) {
      long[] some = Arrays.copyOfRange(ids, row * length, (row + 1) * length);
      int used = (int) Arrays.stream(mask, row * length, (row + 1) * length).sum();
      assertThat(some).startsWith(2, 7, 8, 11, 9);
      assertThat(some[used - 1]).isEqualTo(3);
      assertThat(some[used - 2]).isEqualTo(10);
      assertThat(Arrays.copyOfRange(some, used, length)).containsOnly(0).hasSize(length - used);
    }
    assertThat(batches.get("train.0.token_type_ids").toLongs()).containsOnly(0);
  }

  @Test
  void longTexts_loseTheirEndButNotTheLastToken() throws Exception {
    base("bert-classify");
    long[] ids =
        recorded(TEXTS.replace("length: 12", "length: 6")).get("train.0.input_ids").toLongs();
    assertThat(Arrays.copyOf(ids, 6)).startsWith(2, 7, 8, 11, 9).endsWith(3);
  }

  @Test
  void classesOfTexts_areLearned_andNamedInTheSettings() throws Exception {
    base("bert-classify");
    TrainingResult result =
        trained(
            TEXTS
                .replace(
                    "{ kind: sgd, learning_rate: 0.1 }", "{ kind: adam, learning_rate: 0.001 }")
                .replace("steps: 5", "epochs: 30"));
    assertThat(result.metrics().get("train_loss")).isLessThan(0.2);
    assertThat(result.labels()).containsExactly("bad", "fair", "good");
    assertThat(result.kept()).containsKeys("config.json", "tokenizer.json");
    assertThat(result.files().get("config.json"))
        .contains("\"1\" : \"fair\"", "\"hidden_size\" : 64")
        .doesNotContain("LABEL_");
    assertThat(result.model().graph().output("logits")).isPresent();
  }

  /** The base's own order of classes holds, so that a trained head is not mixed up. */
  @Test
  void classesThatTheBaseKnows_keepTheirNumbers() throws Exception {
    Path base = base("bert-classify");
    String config = Files.readString(base.resolve("config.json"));
    Files.writeString(
        base.resolve("config.json"),
        config
            .replace("\"0\": \"LABEL_0\"", "\"0\": \"good\"")
            .replace("\"1\": \"LABEL_1\"", "\"1\": \"bad\"")
            .replace("\"2\": \"LABEL_2\"", "\"2\": \"fair\""));
    TrainingResult result = trained(TEXTS);
    assertThat(result.labels()).containsExactly("good", "bad", "fair");
    assertThat(result.files()).doesNotContainKey("config.json");
  }

  @Test
  void otherNumbersOfClasses_needANewHead() throws Exception {
    base("bert-classify");
    String lines = Files.readString(folder.resolve("train.jsonl"));
    Files.writeString(folder.resolve("train.jsonl"), lines.replace("\"fair\"", "\"good\""));
    assertThatThrownBy(() -> trained(TEXTS))
        .hasMessageContaining("output \"logits\"")
        .hasMessageContaining("expected: 2 scores")
        .hasMessageContaining("head: new");
    TrainingResult result = trained(TEXTS + "head: new\n");
    assertThat(result.model().graph().output("logits").orElseThrow().tensorType().shape().dim(1))
        .isEqualTo(Dim.of(2));
    assertThat(result.model().graph().initializers())
        .containsKeys("class_head.weight", "class_head.bias")
        .doesNotContainKey("classifier.weight");
    Model adapted =
        trained(TEXTS + "head: new\nlora: { rank: 2, targets: [\"*query*\"] }\n").model();
    assertThat(adapted.graph().initializers().get("class_head.bias").toFloats())
        .as("a new head is trained beside adapters")
        .isNotEqualTo(new float[2]);
  }

  @Test
  void aModelOfFeatures_getsAHead() throws Exception {
    base("bert-embed");
    TrainingResult texts =
        trained(
            TEXTS
                .replace(
                    "{ kind: sgd, learning_rate: 0.1 }", "{ kind: adam, learning_rate: 0.005 }")
                .replace("steps: 5", "epochs: 15"));
    assertThat(texts.metrics().get("train_loss")).isLessThan(0.2);
    TrainingResult tags = trained(TAGS.replace("head: new\n", ""));
    assertThat(tags.metrics().get("train_loss")).isLessThan(0.3);
    assertThat(tags.model().graph().outputs()).extracting("name").containsExactly("logits");
  }

  /** A model for hidden tokens has a tied last layer, which a new one takes the place of. */
  @Test
  void aModelOfHiddenTokens_learnsClassesBehindItsFeatures() throws Exception {
    Path base = base("bert-embed");
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Safetensors.open(Shared.path("fixtures/hf/bert-embed/model.safetensors"))
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith("pooler.")) {
                weights.put("bert." + name, tensor);
              }
            });
    SplittableRandom random = new SplittableRandom(2);
    weights.put("cls.predictions.transform.dense.weight", floats(random, 64, 64));
    weights.put("cls.predictions.transform.dense.bias", Tensor.zeros(ElementType.FLOAT, 64));
    weights.put("cls.predictions.transform.LayerNorm.weight", ones(64));
    weights.put("cls.predictions.transform.LayerNorm.bias", Tensor.zeros(ElementType.FLOAT, 64));
    weights.put("cls.predictions.bias", Tensor.zeros(ElementType.FLOAT, 512));
    Path masked = Files.createDirectories(folder.resolve("masked"));
    Safetensors.write(masked.resolve("model.safetensors"), weights, Map.of());
    Files.writeString(
        masked.resolve("config.json"),
        Files.readString(base.resolve("config.json"))
            .replace("\"BertModel\"", "\"BertForMaskedLM\""));
    OnnxFile.write(HuggingFace.read(masked).model(), base.resolve("model.onnx"));
    TrainingResult texts =
        trained(
            TEXTS
                    .replace(
                        "{ kind: sgd, learning_rate: 0.1 }", "{ kind: adam, learning_rate: 0.001 }")
                    .replace("steps: 5", "epochs: 30")
                + "head: new\n");
    assertThat(texts.metrics().get("train_loss")).isLessThan(0.2);
    assertThat(trained(TAGS).metrics().get("train_loss")).isLessThan(0.3);
  }

  private static Tensor ones(int size) {
    float[] values = new float[size];
    Arrays.fill(values, 1);
    return Tensor.ofFloats(values, size);
  }

  /** A tag belongs to the first token of a word; its other tokens and special ones have none. */
  @Test
  void tags_areOfFirstTokens() throws Exception {
    base("distilbert-token");
    Map<String, Tensor> batches = recorded(TAGS);
    long[] ids = batches.get("train.0.input_ids").toLongs();
    long[] targets = batches.get("train.0.target").toLongs();
    Map<Long, Long> found = new LinkedHashMap<>();
    for (int i = 0; i < ids.length; i++) {
      found.put(ids[i], targets[i]);
    }
    // LOC, O, PER are 0, 1, 2.
    assertThat(found)
        .containsEntry(2L, -1L)
        .containsEntry(3L, -1L)
        .containsEntry(10L, -1L)
        .containsEntry(11L, -1L)
        .containsEntry(12L, 2L)
        .containsEntry(13L, 0L)
        .containsEntry(14L, 1L);
    TrainingResult result = trained(TAGS);
    assertThat(result.metrics().get("train_loss")).isLessThan(0.3);
    assertThat(result.labels()).containsExactly("LOC", "O", "PER");
  }

  @Test
  void longSentences_areSeenInPiecesOfWholeWords() throws Exception {
    base("distilbert-token");
    Files.writeString(
        folder.resolve("train.conll"), "adaly PER\nso O\nromes LOC\nadaly PER\nso O\n");
    Map<String, Tensor> batches = recorded(TAGS.replace("length: 12", "length: 6"));
    long[] ids = batches.get("train.0.input_ids").toLongs();
    long[] targets = batches.get("train.0.target").toLongs();
    List<String> rows =
        IntStream.range(0, 3)
            .mapToObj(row -> Arrays.toString(Arrays.copyOfRange(ids, row * 6, row * 6 + 6)))
            .toList();
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "[2, 12, 10, 17, 3, 0]", "[2, 13, 11, 12, 10, 3]", "[2, 17, 3, 0, 0, 0]");
    assertThat(Arrays.stream(targets).filter(tag -> tag >= 0).count()).isEqualTo(5);
  }

  @Test
  void text_isLearnedByTheBasesTokens() throws Exception {
    for (String fixture : List.of("llama", "gpt2")) {
      base(fixture);
      TrainingResult result =
          trained(
              """
              model: t/text
              task: language_model
              base: base
              data: { format: text, train: text.txt, length: 16 }
              optimizer: { kind: adam, learning_rate: 0.01 }
              batch: 4
              epochs: 6
              """
                  + "seed: "
                  + fixture.length()
                  + "\n");
      assertThat(result.metrics().get("train_perplexity")).as(fixture).isLessThan(1.5);
      assertThat(result.kept()).containsKeys("config.json", "tokenizer.json");
      Files.delete(folder.resolve("base/config.json"));
    }
  }

  /** A decoder as others export it: with a mask, and places that the caller counts. */
  @Test
  void masksAndPlaces_areGivenToADecoderThatTakesThem() throws Exception {
    base("llama");
    GraphBuilder builder = new GraphBuilder("placed");
    Shape rows = Shape.of(List.of(Dim.of("N"), Dim.of("T")));
    builder.input("attention_mask", ElementType.INT64, rows);
    builder.input("position_ids", ElementType.INT64, rows);
    builder.input("input_ids", ElementType.INT64, rows);
    SplittableRandom random = new SplittableRandom(1);
    builder.initializer("table", floats(random, 20, 20));
    builder.initializer("places", floats(random, 16, 20));
    String seen = builder.add("Cast", Map.of("to", Attribute.of(1L)), "attention_mask");
    String axis = builder.initializer("axis", Tensor.ofLongs(new long[] {2}, 1));
    String token = builder.add("Gather", "table", "input_ids");
    String place = builder.add("Gather", "places", "position_ids");
    String sum = builder.add("Add", token, place);
    builder.append(
        Node.of("Mul", List.of(sum, builder.add("Unsqueeze", seen, axis)), List.of("logits")));
    builder.output(
        "logits", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of("T"), Dim.of(20))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base/model.onnx"));
    String recipe =
        """
        model: t/text
        task: language_model
        base: base
        data: { format: text, train: text.txt, length: 16 }
        optimizer: { kind: adam, learning_rate: 0.1 }
        batch: 4
        epochs: 8
        """;
    Map<String, Tensor> batches = recorded(recipe);
    assertThat(Arrays.copyOf(batches.get("train.0.position_ids").toLongs(), 18))
        .startsWith(0, 1, 2)
        .endsWith(15, 0, 1);
    assertThat(batches.get("train.0.attention_mask").toLongs()).containsOnly(1);
    assertThat(trained(recipe).metrics().get("train_perplexity")).isLessThan(2);
    assertThatThrownBy(() -> trained(recipe.replace("length: 16", "length: 300")))
        .hasMessageContaining("data.length: 300 (expected: at most 256, as the base takes)");
  }

  private static Tensor floats(SplittableRandom random, int rows, int width) {
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return Tensor.ofFloats(values, rows, width);
  }

  @Test
  void whatDoesNotFit_isRefusedByName() throws Exception {
    Path base = base("bert-classify");
    String tokenizer = Files.readString(base.resolve("tokenizer.json"));
    Files.writeString(
        base.resolve("tokenizer.json"), tokenizer.replace("\"good\": 4", "\"good\": 900"));
    assertThatThrownBy(() -> trained(TEXTS))
        .hasMessageContaining("token 900 \"good\"")
        .hasMessageContaining("below 512, the rows of its embedding");
    Files.delete(base.resolve("tokenizer.json"));
    assertThatThrownBy(() -> trained(TEXTS))
        .hasMessageContaining("no tokenizer.json beside model.onnx")
        .hasMessageContaining("data.vocabulary");
    Files.writeString(base.resolve("tokenizer.json"), tokenizer);
    Model model = OnnxFile.read(base.resolve("model.onnx"));
    GraphBuilder more = GraphBuilder.from(model.graph());
    more.input(
        "past_key_values.0.key", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(4))));
    OnnxFile.write(model.withGraph(more.build()), base.resolve("model.onnx"));
    assertThatThrownBy(() -> trained(TEXTS))
        .hasMessageContaining("past_key_values.0.key")
        .hasMessageContaining("which are what texts give");
    assertThatThrownBy(
            () ->
                trained(
                    TEXTS
                        .replace("text_classification", "translation")
                        .replace(
                            "{ format: texts, train: train.jsonl, length: 12 }",
                            "{ format: parallel, train_source: a, train_target: b, length: 12,"
                                + " vocabulary: { kind: bpe, size: 300 } }")))
        .hasMessageContaining("base: with data.format parallel");
  }
}
