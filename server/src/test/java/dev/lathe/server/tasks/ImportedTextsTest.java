package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.Sitting;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.AccessConfig;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.Quota;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import dev.lathe.server.access.KeyStore;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.HuggingFace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of Hugging Face, imported with a tokenizer, are asked with texts. */
class ImportedTextsTest {
  @TempDir private Path data;
  private Lathe lathe;

  @BeforeEach
  void open() {
    lathe = Lathe.open(data.resolve("lathe"));
  }

  @AfterEach
  void close() {
    lathe.close();
  }

  /** The reference model with a tokenizer of numbers: "7 8" are the tokens 7 and 8. */
  private Path folder(String fixture) throws IOException {
    Path from = Shared.path("fixtures/hf/" + fixture);
    Path to = Files.createDirectories(data.resolve(fixture));
    for (String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
      if (Files.exists(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    }
    StringBuilder words = new StringBuilder();
    IntStream.range(0, 512)
        .forEach(i -> words.append(i == 0 ? "" : ",").append("\"" + i + "\":").append(i));
    Files.writeString(
        to.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
         "decoder": null, "model": {"type": "WordLevel", "unk_token": "3", "vocab": {%s}}}
        """
            .formatted(words));
    return to;
  }

  private static String text(Tensor ids, int row) {
    int length = Math.toIntExact(ids.dim(1));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(ids.longAt((long) row * length + i)).append(' ');
    }
    return text.toString().strip();
  }

  private static Tensor expected(String fixture, String name) {
    return Safetensors.open(Shared.path("fixtures/hf/" + fixture + "/expected.safetensors"))
        .tensors()
        .get(name);
  }

  @Test
  void translator_writesWhatItsModelWrites() throws IOException {
    lathe.importModel("demo/t5", folder("t5").toString(), "");
    String source = text(expected("t5", "input_ids"), 0) + " 1";
    TranslateRequest request =
        new TranslateRequest(
            Optional.empty(),
            List.of(" ", source, "9 8 7", ""),
            Optional.empty(),
            Optional.empty(),
            Optional.of(4),
            Optional.of(16),
            Optional.of(3));
    Translated translated = lathe.texts().translate("demo/t5", request);
    assertThat(translated.translations()).hasSize(4);
    assertThat(translated.translations().get(1).alternatives()).hasSize(3);
    assertThat(translated.translations().get(1).text()).isEqualTo(byHand(source));
    assertThat(List.of(translated.translations().getFirst(), translated.translations().getLast()))
        .as("of blank texts")
        .containsOnly(new Translated.Translation("", 0, List.of()));
    assertThat(translated.inputTokens()).isEqualTo(source.split(" ").length + 4);
    assertThatThrownBy(() -> lathe.texts().answer("demo/t5", AnswerRequest.of("1", "2")))
        .hasMessageContaining("demo/t5@v1 is for text2text-generation");
  }

  /** Notes what is written, for somebody who has gone or not. */
  private record Noted(SequenceModel writer, boolean gone, List<String> done) implements Runs {
    @Override
    public Map<String, Tensor> run(ModelName model, String version, Map<String, Tensor> inputs) {
      throw new AssertionError("a translator runs by itself");
    }

    @Override
    public <T> T write(ModelName model, String version, Writing<T> work) {
      done.add("begun");
      Runnable between =
          () -> {
            if (gone) {
              throw new IllegalStateException("the caller does not wait any more");
            }
          };
      T result = work.with(writer, Sitting.USUAL.also(between));
      done.add("ended");
      return result;
    }
  }

  @Test
  void translating_isWorkThatEndsWhenNobodyWaits() throws IOException {
    lathe.importModel("demo/t5", folder("t5").toString(), "");
    TranslateRequest request = TranslateRequest.of(List.of("9 8 7"));
    Registry registry = Registry.open(data.resolve("lathe/registry"));
    try (registry;
        SequenceModel writer = writer()) {
      Noted here = new Noted(writer, false, new ArrayList<>());
      Noted gone = new Noted(writer, true, new ArrayList<>());
      try (TextTasks kept = new TextTasks(registry, here);
          TextTasks left = new TextTasks(registry, gone)) {
        assertThat(kept.translate("demo/t5", request).translations()).hasSize(1);
        assertThat(here.done()).containsExactly("begun", "ended");
        assertThatThrownBy(() -> left.translate("demo/t5", request))
            .hasMessageContaining("the caller does not wait any more");
        assertThat(gone.done()).containsExactly("begun");
      }
    }
  }

  @Test
  void translatingOverHttp_usesUpTheQuotaOfTheKey() throws Exception {
    lathe.importModel("demo/t5", folder("t5").toString(), "");
    Path home = data.resolve("lathe");
    KeyWish wish =
        new KeyWish("day", List.of("infer"), Optional.empty(), Optional.of(new Quota(0, 0, 1)));
    String key = new KeyStore(home, Clock.systemUTC()).create(wish).key();
    ServerConfig config =
        ServerConfig.of(home, 0).with(new AccessConfig(true, List.of(), List.of(), "off"));
    try (LatheServer server = LatheServer.start(config);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.address().resolve("/api/v1/translate"))
              .header("Authorization", "Bearer " + key)
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"model\": \"demo/t5\", \"texts\": [\"9 8 7\"], \"beams\": 4}"))
              .build();
      List<Integer> statuses = new ArrayList<>();
      while (statuses.size() < 20 && !statuses.contains(429)) {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        statuses.add(answer.statusCode());
      }
      assertThat(statuses).startsWith(200).endsWith(429);
    }
  }

  private static SequenceModel writer() throws IOException {
    Path folder = Shared.path("fixtures/hf/t5");
    WritingRules rules =
        WritingRules.parse(
            Map.of(WritingRules.FILE, Files.readString(folder.resolve(WritingRules.FILE))));
    return SequenceModel.open(HuggingFace.read(folder).model(), rules, SessionOptions.defaults());
  }

  /** The same tokens without a server around the model. */
  private static String byHand(String source) throws IOException {
    long[] tokens = Arrays.stream(source.split(" ")).mapToLong(Long::parseLong).toArray();
    try (SequenceModel model = writer()) {
      WritingRules rules = model.rules().withBeams(4).withLongest(17);
      Hypothesis best = model.write(List.of(tokens), rules).getFirst().getFirst();
      return Arrays.stream(model.inner(best))
          .mapToObj(Integer::toString)
          .collect(Collectors.joining(" "));
    }
  }

  private static byte[] pieces(String... pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String piece : pieces) {
      byte[] text = piece.getBytes(StandardCharsets.UTF_8);
      all.writeBytes(new byte[] {0x0a, (byte) (text.length + 7), 0x0a, (byte) text.length});
      all.writeBytes(text);
      all.writeBytes(new byte[] {0x15, 0, 0, (byte) 0x80, (byte) 0xbf});
    }
    return all.toByteArray();
  }

  @Test
  void pieces_makeATokenizer_andLanguagesAreAskedForByTheirMarks() throws IOException {
    Path folder = folder("marian");
    Files.delete(folder.resolve("tokenizer.json"));
    Files.write(folder.resolve("source.spm"), pieces("\u2581a", "\u2581b"));
    StringBuilder words =
        new StringBuilder(
            "{\"<pad>\":0,\"</s>\":1,\"<unk>\":2,\"\u2581a\":3,\"\u2581b\":4,\">>deu<<\":5");
    IntStream.range(6, 512).forEach(i -> words.append(",\"\u2581" + i + "\":" + i));
    Files.writeString(folder.resolve("vocab.json"), words.append("}"));
    lathe.importModel("demo/marian", folder.toString(), "");
    Translated plain = lathe.texts().translate("demo/marian", TranslateRequest.of(List.of("a b")));
    assertThat(plain.inputTokens()).isEqualTo(3);
    TranslateRequest german =
        new TranslateRequest(
            Optional.empty(),
            List.of("a b"),
            Optional.empty(),
            Optional.of("deu"),
            Optional.empty(),
            Optional.of(5),
            Optional.empty());
    assertThat(lathe.texts().translate("demo/marian", german).inputTokens()).isEqualTo(4);
    TranslateRequest unknown =
        new TranslateRequest(
            Optional.empty(),
            List.of("a b"),
            Optional.empty(),
            Optional.of("xyz"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> lathe.texts().translate("demo/marian", unknown))
        .hasMessageContaining("target: \"xyz\" (expected: a language that demo/marian@v1");
  }

  @Test
  void answerer_readsWindowsOfALongText() throws IOException {
    lathe.importModel("demo/qa", folder("bert-qa").toString(), "");
    String context = text(expected("bert-qa", "input_ids"), 0);
    Answered answered =
        lathe.texts().answer("demo/qa", AnswerRequest.of("5 6 7", (context + " ").repeat(20)));
    assertThat(answered.windows().orElseThrow()).isGreaterThan(4);
    Answered.Answer best = answered.spans().getFirst();
    assertThat((context + " ").repeat(20).substring(best.start(), best.end()))
        .isEqualTo(best.text());
  }

  /** The last row of the fixture has no padding and types of 0 only. */
  @Test
  void classifier_givesTheProbabilitiesOfTransformers() throws IOException {
    lathe.importModel("demo/classes", folder("bert-classify").toString(), "");
    Tensor ids = expected("bert-classify", "input_ids");
    Tensor mask = expected("bert-classify", "attention_mask");
    int row = 2;
    long length = 0;
    for (int i = 0; i < ids.dim(1); i++) {
      length += mask.longAt(row * ids.dim(1) + i);
    }
    String text =
        String.join(" ", List.of(text(ids, row).split(" ")).subList(0, Math.toIntExact(length)));
    var classes =
        lathe
            .texts()
            .classify("demo/classes", ClassifyRequest.of(List.of(text)))
            .rows()
            .getFirst()
            .classes();
    float[] logits = expected("bert-classify", "logits").toFloats();
    double[] probabilities = Numbers.softmax(logits, row * 3, 3);
    for (var each : classes) {
      int label = Integer.parseInt(each.label().substring("LABEL_".length()));
      assertThat(each.score()).isCloseTo(probabilities[label], within(1e-4));
    }
    assertThat(classes).hasSize(3);
  }

  @Test
  void embedder_poolsAsItsFilesSay_andRerankerScores() throws IOException {
    Path folder = folder("bert-embed");
    Files.writeString(
        folder.resolve("modules.json"),
        """
        [{"path": "", "type": "sentence_transformers.models.Transformer"},
         {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """);
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.writeString(
        folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_cls_token\": true}");
    lathe.importModel("demo/embed", folder.toString(), "");
    Tensor ids = expected("bert-embed", "input_ids");
    Tensor mask = expected("bert-embed", "attention_mask");
    Tensor states = expected("bert-embed", "last_hidden_state");
    int row = 2;
    long length = 0;
    for (int i = 0; i < ids.dim(1); i++) {
      length += mask.longAt(row * ids.dim(1) + i);
    }
    String text =
        String.join(" ", List.of(text(ids, row).split(" ")).subList(0, Math.toIntExact(length)));
    float[] vector =
        lathe.texts().embed("demo/embed", EmbedRequest.of(List.of(text, "5"))).vectors().toFloats();
    for (int d = 0; d < 64; d++) {
      double state = states.doubleAt(row * ids.dim(1) * 64 + d);
      assertThat((double) vector[d]).isCloseTo(state, within(1e-4));
    }
    assertThatThrownBy(() -> lathe.texts().embed("demo/embed", EmbedRequest.of(List.of("5", ""))))
        .hasMessageContaining("text 1: no tokens (expected: at least one)");
    lathe.importModel("demo/rerank", folder("roberta-rerank").toString(), "");
    assertThat(
            lathe
                .texts()
                .rerank(
                    "demo/rerank",
                    new RerankRequest(
                        Optional.empty(), "5 6", List.of("7", "8 9", "10"), Optional.of(2)))
                .results())
        .hasSize(2)
        .isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
  }
}
