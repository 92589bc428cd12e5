package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Encoded;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.Embedded;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.Texts;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.tasks.WordModels.Form;
import dev.lathe.server.tasks.WordModels.Sum;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verbs about texts over HTTP, with models whose answers follow from the words they read. */
class TextTasksTest {
  private static final String LONG = "{\"max_position_embeddings\": 64}";
  private static final String SHORT = "{\"max_position_embeddings\": 24}";

  @TempDir private static Path data;
  private static LatheServer server;
  private static Lathe lathe;
  private static Texts texts;

  @BeforeAll
  static void start() throws IOException {
    server = LatheServer.start(ServerConfig.of(data, 0));
    lathe = Lathe.connect(server.address());
    texts = lathe.texts();
    Path folders = data.resolve("folders");
    // "blue" begins an answer and "today" ends one, "[CLS]" stands for none.
    release("demo/spans", WordModels.spans(folders.resolve("a"), SHORT, TextTasksTest::spans));
    String classes = "{\"id2label\": {\"0\": \"POS\", \"1\": \"NEG\"}}";
    release(
        "demo/mood",
        WordModels.words(
            folders.resolve("b"),
            classes,
            new Form("logits", 2, Sum.TEXT),
            word ->
                switch (word) {
                  case "good" -> new float[] {2, 0};
                  case "bad" -> new float[] {0, 3};
                  default -> new float[2];
                }));
    String parts = "{\"id2label\": {\"0\": \"O\", \"1\": \"B-LOC\", \"2\": \"I-LOC\"}}";
    release(
        "demo/places",
        WordModels.words(
            folders.resolve("c"),
            parts,
            new Form("logits", 3, Sum.TOKENS),
            word ->
                switch (word) {
                  case "paris", "new" -> new float[] {0, 9, 0};
                  case "york", "##s" -> new float[] {0, 0, 9};
                  default -> new float[] {9, 0, 0};
                }));
    release(
        "demo/fit",
        WordModels.words(
            folders.resolve("d"),
            LONG,
            new Form("logits", 1, Sum.PAIR),
            word -> new float[] {word.equals("blue") ? 1 : word.equals("bad") ? -1 : 0}));
    Path features =
        WordModels.words(
            folders.resolve("e"),
            LONG,
            new Form("last_hidden_state", 2, Sum.TOKENS),
            word ->
                switch (word) {
                  case "[CLS]" -> new float[] {8, 0};
                  case "good" -> new float[] {0, 6};
                  case "bad" -> new float[] {0, -6};
                  default -> new float[2];
                });
    release("demo/features", features);
    Files.writeString(
        features.resolve("modules.json"),
        """
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """);
    Files.createDirectories(features.resolve("1_Pooling"));
    Files.writeString(
        features.resolve("1_Pooling/config.json"),
        "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}");
    release("demo/features", features);
    Files.writeString(
        features.resolve("modules.json"),
        "[{\"path\": \"2_Dense\", \"type\": \"sentence_transformers.models.Dense\"}]");
    release("demo/dense", features);
    String entailment = "{\"id2label\": {\"0\": \"contradiction\", \"1\": \"entailment\"}}";
    release(
        "demo/follows",
        WordModels.words(
            folders.resolve("f"),
            entailment,
            new Form("logits", 2, Sum.PAIR),
            word -> new float[] {0, word.equals("paris") ? 2 : 0}));
  }

  private static float[] spans(String word) {
    return switch (word) {
      case "blue" -> new float[] {6, 0};
      case "today" -> new float[] {0, 6};
      case "[CLS]" -> new float[] {2, 2};
      default -> new float[] {-6, -6};
    };
  }

  private static void release(String model, Path folder) {
    lathe.release(model, folder, "");
  }

  @AfterAll
  static void stop() {
    lathe.close();
    server.close();
  }

  @Test
  void answer_isFoundInALongText_withItsPlace() {
    String before = "the sky has the sky. ".repeat(40);
    String context = before + "The\u00e9 sky \uD83D\uDE00 is Blue today in paris. " + before;
    Answered answered = texts.answer("demo/spans", AnswerRequest.of("what colour", context));
    assertThat(answered.windows().orElseThrow()).isGreaterThan(20);
    Answered.Answer best = answered.spans().getFirst();
    assertThat(best.text()).isEqualTo("Blue today");
    int start = context.codePointCount(0, context.indexOf("Blue"));
    assertThat(best.start()).isEqualTo(start);
    assertThat(best.end()).isEqualTo(start + 10);
    assertThat(best.score()).isGreaterThan(0.9);
    assertThat(best.score() + answered.noAnswer().orElseThrow()).isLessThanOrEqualTo(1 + 1e-9);
    assertThat(answered.version()).isEqualTo("v1");
  }

  @Test
  void severalAnswers_areGivenBestFirst() {
    AnswerRequest request =
        new AnswerRequest(
            Optional.of("v1"),
            "what",
            Optional.of("blue today, then blue in today"),
            Optional.of(3),
            Optional.of(2),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Answered answered = texts.answer("demo/spans", request);
    assertThat(answered.spans()).hasSize(3);
    assertThat(answered.spans().getFirst().text()).isEqualTo("blue today");
    assertThat(answered.spans().getFirst().score()).isGreaterThan(answered.spans().get(1).score());
    assertThat(answered.spans()).noneMatch(one -> one.text().contains(" in "));
  }

  @Test
  void answer_isTheBestOfAllDocuments_withItsId() {
    String filler = "the sky is fine ".repeat(20);
    List<AnswerRequest.Document> documents =
        List.of(
            AnswerRequest.Document.of(filler),
            new AnswerRequest.Document(Optional.of("b"), filler + "blue in paris today " + filler),
            AnswerRequest.Document.of("what is in the sky"));
    Answered answered = texts.answer("demo/spans", AnswerRequest.of("what colour", documents));
    Answered.Answer best = answered.spans().getFirst();
    assertThat(best.text()).isEqualTo("blue in paris today");
    assertThat(best.document()).contains("b");
    assertThat(best.start()).isEqualTo(filler.length());
    Answered alone =
        texts.answer("demo/spans", AnswerRequest.of("what colour", documents.get(1).text()));
    assertThat(alone.spans().getFirst().document()).isEmpty();
    // The other texts' spans are rivals, too.
    assertThat(alone.spans().getFirst().score()).isGreaterThan(best.score());
    assertThat(answered.windows().orElseThrow()).isGreaterThan(alone.windows().orElseThrow());
  }

  @Test
  void scoresOverDocuments_areProbabilitiesTogether() throws Exception {
    JsonNode answered =
        post(
            "/api/v1/answer",
            "{\"model\": \"demo/spans\", \"question\": \"what\", \"context\": \"in the\","
                + " \"documents\": [\"the sky\", {\"id\": \"z\", \"text\": \"sky\"}], \"top\":"
                + " 100}",
            200);
    double sum = answered.path("no_answer").doubleValue();
    for (JsonNode answer : answered.path("answers")) {
      sum += answer.path("score").doubleValue();
    }
    assertThat(answered.path("answers")).hasSize(3 + 3 + 1);
    assertThat(sum).isCloseTo(1, within(1e-9));
    assertThat(answered.path("answers").findValuesAsString("document"))
        .contains("context", "0", "z")
        .doesNotContain("1");
    for (String field : List.of("max_tokens", "temperature")) {
      String body =
          "{\"model\": \"demo/spans\", \"question\": \"what\", \"context\": \"sky\", \"%s\": 1}";
      assertThat(post("/api/v1/answer", body.formatted(field), 400).toString())
          .contains(field + ": demo/spans@v1 marks spans");
    }
  }

  @Test
  void noAnswer_isGivenIfThatIsMoreLikely_andAllowed() {
    AnswerRequest usual = AnswerRequest.of("what", "the sky is fine");
    assertThat(texts.answer("demo/spans", usual).spans()).hasSize(1);
    AnswerRequest allowed =
        new AnswerRequest(
            Optional.empty(),
            "what",
            Optional.of("the sky is fine"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(true),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Answered answered = texts.answer("demo/spans", allowed);
    assertThat(answered.spans()).isEmpty();
    assertThat(answered.noAnswer().orElseThrow()).isGreaterThan(0.99);
  }

  @Test
  void probabilitiesOfAllSpans_areOneTogether() {
    AnswerRequest request =
        new AnswerRequest(
            Optional.empty(),
            "what",
            Optional.of("in the sky"),
            Optional.of(100),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Answered answered = texts.answer("demo/spans", request);
    double sum = answered.spans().stream().mapToDouble(Answered.Answer::score).sum();
    assertThat(answered.spans()).hasSize(6);
    assertThat(sum + answered.noAnswer().orElseThrow()).isCloseTo(1, within(1e-9));
  }

  @Test
  void questionsThatCannotBe_areRefused() {
    refused(AnswerRequest.of("what ".repeat(30), "sky"), "question: 33 tokens");
    refused(AnswerRequest.of("what", "  "), "expected: both have text");
    refused(AnswerRequest.of("", "sky"), "expected: both have text");
    assertThatThrownBy(() -> texts.answer("demo/mood", AnswerRequest.of("what", "sky")))
        .hasMessageContaining("outputs [logits] (expected: start_logits and end_logits")
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED));
    assertThatThrownBy(() -> texts.answer("demo/none", AnswerRequest.of("what", "sky")))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
  }

  private static void refused(AnswerRequest request, String message) {
    assertThatThrownBy(() -> texts.answer("demo/spans", request)).hasMessageContaining(message);
  }

  @Test
  void texts_areClassified_eachByItself() {
    List<String> given = List.of("good", "the sky has bad bad bad bad bad bad sky", "good bad", "");
    Classified classified = texts.classify("demo/mood", ClassifyRequest.of(given));
    assertThat(classified.rows())
        .extracting(row -> row.classes().getFirst().label())
        .containsExactly("POS", "NEG", "NEG", "POS");
    assertThat(classified.rows().getFirst().classes().getFirst().score())
        .isCloseTo(Math.exp(2) / (Math.exp(2) + 1), within(1e-6));
    assertThat(classified.rows().get(3).classes())
        .extracting(Classified.Score::score)
        .containsExactly(0.5, 0.5);
    ClassifyRequest one =
        new ClassifyRequest(
            Optional.of("latest"),
            List.of("bad"),
            Optional.empty(),
            Optional.of(1),
            Optional.of("sigmoid"),
            Optional.empty(),
            Optional.empty());
    assertThat(texts.classify("demo/mood", one).rows().getFirst().classes())
        .singleElement()
        .satisfies(
            score -> assertThat(score.score()).isCloseTo(1 / (1 + Math.exp(-3)), within(1e-6)));
  }

  @Test
  void tokens_areClassified_asPartsOfTheText() {
    Classified classified =
        texts.classify(
            "demo/places", ClassifyRequest.of(List.of("In New Yorks, in Paris", "the sky")));
    assertThat(classified.rows().getFirst().spans())
        .extracting(Classified.Span::text)
        .containsExactly("New Yorks", "Paris");
    assertThat(classified.rows().getFirst().spans().getFirst())
        .satisfies(
            span -> {
              assertThat(span.label()).isEqualTo("LOC");
              assertThat(span.start()).isEqualTo(3);
              assertThat(span.end()).isEqualTo(12);
              assertThat(span.score()).isGreaterThan(0.99);
            });
    assertThat(classified.rows().get(1).spans()).isEmpty();
  }

  @Test
  void classesThatAModelDoesNotKnow_areTriedAsSentences() {
    ClassifyRequest request =
        new ClassifyRequest(
            Optional.empty(),
            List.of("today"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of("york", "paris")),
            Optional.of("the sky in {}"));
    assertThat(texts.classify("demo/follows", request).rows().getFirst().classes())
        .extracting(Classified.Score::label)
        .containsExactly("paris", "york");
    assertThatThrownBy(() -> texts.classify("demo/mood", request))
        .hasMessageContaining("expected: a class entailment");
  }

  private static ClassifyRequest unseen(
      List<String> given, List<String> labels, String hypothesis) {
    return new ClassifyRequest(
        Optional.empty(),
        given,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(labels),
        Optional.of(hypothesis));
  }

  private static void refusedClasses(ClassifyRequest request, String message) {
    assertThatThrownBy(() -> texts.classify("demo/follows", request))
        .hasMessageContaining(message)
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
  }

  @Test
  void sentencesThatWouldBeTooManyOrTooLong_areRefused() {
    List<String> one = List.of("today");
    List<String> paris = List.of("paris");
    refusedClasses(
        unseen(one, List.of("a", "b".repeat(2049)), "in {}"),
        "label 1: 2049 characters (expected: at most 2048)");
    refusedClasses(
        unseen(one, paris, "{}" + " ".repeat(2048)),
        "hypothesis: 2050 characters (expected: at most 2048)");
    refusedClasses(unseen(one, paris, "{} {}"), "(expected: one with {} in it, once)");
    refusedClasses(unseen(one, paris, "in"), "(expected: one with {} in it, once)");
    refusedClasses(
        unseen(Collections.nCopies(1025, "sky"), List.of("a", "b"), "in {}"),
        "labels: 2 for each of 1025 texts (expected: at most 2048 pairs of both)");
    refusedClasses(
        unseen(List.of("a".repeat(1 << 20)), Collections.nCopies(65, "a"), "in {}"),
        "texts: 1048576 characters, 65 times (expected: at most 67108864 together)");
  }

  @Test
  void queryThatLeavesNoRoomForDocuments_isRefused() {
    RerankRequest fits =
        new RerankRequest(
            Optional.empty(), "sky ".repeat(53), List.of("bad", "blue"), Optional.empty());
    assertThat(texts.rerank("demo/fit", fits).results())
        .extracting(Reranked.Result::index)
        .containsExactly(1, 0);
    refusedQuery("sky ".repeat(54), 2, "query: 57 tokens with what stands around it");
    refusedQuery("sky ".repeat(90), 2, "(expected: at most 56, which leaves room");
    refusedQuery("a".repeat(1 << 20), 65, "query: 1048576 characters, 65 times");
  }

  private static void refusedQuery(String query, int documents, String message) {
    RerankRequest request =
        new RerankRequest(
            Optional.empty(), query, Collections.nCopies(documents, "sky"), Optional.empty());
    assertThatThrownBy(() -> texts.rerank("demo/fit", request))
        .hasMessageContaining(message)
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
  }

  @Test
  void modelsThatWriteNothing_areRefusedBeforeTheyAreLoaded() {
    Registry registry = Registry.open(data.resolve("registry"));
    Runs none = (model, version, inputs) -> Map.of();
    TranslateRequest request = TranslateRequest.of(List.of("sky"));
    try (registry;
        TextTasks idle = new TextTasks(registry, none)) {
      assertThatThrownBy(() -> idle.translate("demo/mood", request))
          .hasMessageContaining("expected: a model of an encoder and a decoder");
    }
  }

  @Test
  void documents_areOrderedByAModelOfPairs() {
    List<String> documents = List.of("bad sky", "blue blue " + "sky ".repeat(300), "sky", "blue");
    RerankRequest request =
        new RerankRequest(Optional.empty(), "blue blue blue", documents, Optional.of(3));
    Reranked reranked = texts.rerank("demo/fit", request);
    assertThat(reranked.results()).extracting(Reranked.Result::index).containsExactly(1, 3, 2);
    assertThat(reranked.results().get(1).score()).isCloseTo(1 / (1 + Math.exp(-1)), within(1e-6));
    assertThat(reranked.tokens()).isGreaterThan(64);
  }

  @Test
  void documents_areOrderedByFeatures() {
    RerankRequest request =
        new RerankRequest(
            Optional.of("v1"), "good", List.of("bad", "good", "sky"), Optional.empty());
    Reranked reranked = texts.rerank("demo/features", request);
    assertThat(reranked.results()).extracting(Reranked.Result::index).containsExactly(1, 2, 0);
    assertThat(reranked.results().getFirst().score()).isCloseTo(1, within(1e-9));
    assertThatThrownBy(() -> texts.rerank("demo/mood", request))
        .hasMessageContaining("logits of one label, not 2");
  }

  private static JsonNode post(String path, String body, int status) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.address().resolve(path))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
      return JsonMapper.shared().readTree(answer.body());
    }
  }

  @Test
  void rerankAndScore_speakAsOthersDo() throws Exception {
    JsonNode reranked =
        post(
            "/v1/rerank",
            """
            {"model": "demo/fit", "query": "what", "top_n": 2,
             "documents": ["sky", {"text": "blue"}, "bad"]}
            """,
            200);
    assertThat(reranked.path("results")).hasSize(2);
    assertThat(reranked.path("results").get(0).path("index").asInt()).isEqualTo(1);
    assertThat(reranked.path("results").get(0).path("document").path("text").asString())
        .isEqualTo("blue");
    assertThat(reranked.path("results").get(0).path("relevance_score").asDouble())
        .isCloseTo(1 / (1 + Math.exp(-1)), within(1e-6));
    assertThat(reranked.path("usage").path("total_tokens").asInt()).isEqualTo(15);
    JsonNode scores =
        post(
            "/v1/score",
            "{\"model\": \"demo/fit@v1\", \"text_1\": \"what\", \"text_2\": [\"bad\", \"sky\"]}",
            200);
    assertThat(scores.path("data").get(0).path("score").asDouble())
        .isCloseTo(1 / (1 + Math.exp(1)), within(1e-6));
    assertThat(scores.path("data").get(1).path("score").asDouble()).isEqualTo(0.5);
    String pairs = "{\"model\": \"demo/fit\", \"text_1\": [\"a\", \"b\"], \"text_2\": [\"sky\"]}";
    assertThat(post("/v1/score", pairs, 400).toString())
        .contains("invalid_request_error", "(expected: 1, or 1, one for each of text_2)");
    assertThat(post("/v1/rerank", "{\"model\": \"demo/fit\", \"rank\": 1}", 400).toString())
        .contains("rank");
  }

  @Test
  void modelMayBeNamedInTheBody() throws Exception {
    JsonNode answered =
        post(
            "/api/v1/answer",
            """
            {"model": "demo/spans@v1", "question": "what", "context": "the sky is blue today"}
            """,
            200);
    assertThat(answered.path("answers").get(0).path("text").asString()).isEqualTo("blue today");
    JsonNode unknown =
        post(
            "/api/v1/classify",
            "{\"model\": \"demo/mood\", \"text\": \"good\", \"texts\": []}",
            400);
    assertThat(unknown.path("error").asString()).contains("\"text\"");
    assertThat(post("/api/v1/embed", "{\"texts\": []}", 400).path("error").asString())
        .contains("\"model\": missing");
  }

  @Test
  void vectors_arePooledAsTheFilesSay_orAsAsked() {
    Embedded mean =
        texts.embed(
            "demo/features",
            new EmbedRequest(
                Optional.of("v1"),
                List.of("good", "good good"),
                Optional.empty(),
                Optional.of(false),
                Optional.empty()));
    assertThat(mean.vectors().toFloats())
        .containsExactly(new float[] {8 / 3f, 2, 2, 3}, within(1e-6f));
    Embedded first = texts.embed("demo/features", EmbedRequest.of(List.of("good")));
    assertThat(first.version()).isEqualTo("v2");
    assertThat(first.vectors().toFloats()).containsExactly(8, 0);
    Embedded unit =
        texts.embed(
            "demo/features",
            new EmbedRequest(
                Optional.of("v1"),
                List.of("good", "good good"),
                Optional.of("max"),
                Optional.empty(),
                Optional.of(1)));
    assertThat(unit.vectors().dims()).containsExactly(2, 1);
    assertThat(unit.vectors().toFloats()).containsExactly(1, 1);
    assertThat(unit.tokens()).isEqualTo(7);
    assertThatThrownBy(() -> texts.embed("demo/dense", EmbedRequest.of(List.of("good"))))
        .hasMessageContaining("not sentence_transformers.models.Dense");
    assertThatThrownBy(
            () -> texts.embed("demo/features", EmbedRequest.of(List.of("good ".repeat(63)))))
        .hasMessageContaining("text 0: 65 tokens (expected: at most 64");
    assertThatThrownBy(() -> texts.embed("demo/features", EmbedRequest.of(List.of())))
        .hasMessageContaining("texts: 0 (expected: 1 to 2048)");
  }

  /** What runs a model by hand: features that are the token and its place, and a broken output. */
  private static Map<String, Tensor> byHand(Map<String, Tensor> inputs) {
    Tensor ids = inputs.get("input_ids");
    float[] features = new float[Math.toIntExact(2 * ids.size())];
    for (int i = 0; i < ids.size(); i++) {
      features[2 * i] = ids.longAt(i);
      features[2 * i + 1] = i % ids.dim(1);
    }
    return Map.of(
        "last_hidden_state",
        Tensor.ofFloats(features, ids.dim(0), ids.dim(1), 2),
        "broken",
        Tensor.ofFloats(new float[] {Float.NaN}, 1));
  }

  @Test
  void features_areReadRunByRun_andOnlyThoseAskedFor() {
    Registry registry = Registry.open(data.resolve("registry"));
    ModelName name = ModelName.parse("demo/features");
    List<Integer> runs = new ArrayList<>();
    Runs counted =
        (model, version, inputs) -> {
          runs.add(Math.toIntExact(inputs.get("input_ids").dim(0)));
          return byHand(inputs);
        };
    List<Integer> runsBefore = new ArrayList<>();
    try (registry;
        TaskModel model =
            TaskModel.open(registry.show(name, "v1"), registry.materialize(name, "v1"))) {
      List<Encoded> given =
          Stream.of("sky ".repeat(40), "good", "blue ".repeat(20), "bad")
              .map(model::encode)
              .toList();
      List<Integer> lengths =
          new EncoderRows(model, counted)
              .run(
                  given,
                  List.of("last_hidden_state"),
                  (_, one) -> {
                    runsBefore.add(runs.size());
                    return one.get("last_hidden_state").length / 2;
                  });
      assertThat(lengths).containsExactly(42, 3, 22, 3);
      assertThat(runs).containsExactly(2, 1, 1);
      // The first two are read before the second run, and so on.
      assertThat(runsBefore).containsExactly(1, 1, 2, 3);
      Embedding mean = new Embedding(Embedding.Pooling.MEAN, false);
      assertThat(mean.vectors(model, counted, given).get(1)).containsExactly((2 + 15 + 3) / 3.0, 1);
    }
  }

  @Test
  void tokens_areReadByTheVersionThatIsAsked() throws Exception {
    Path folder =
        WordModels.words(
            data.resolve("folders/g"),
            LONG,
            new Form("last_hidden_state", 2, Sum.TOKENS),
            word -> new float[] {word.equals("good") ? 4 : 0, word.equals("bad") ? 4 : 1});
    release("demo/two", folder);
    Path tokenizer = folder.resolve("tokenizer.json");
    String swapped =
        Files.readString(tokenizer)
            .replace("\"good\": 15, \"bad\": 16", "\"bad\": 15, \"good\": 16");
    assertThat(swapped).isNotEqualTo(Files.readString(tokenizer));
    Files.writeString(tokenizer, swapped);
    release("demo/two", folder);
    lathe.deploy("demo/two", "v1", "prod");
    String path = "/data/0/embedding";
    JsonNode good = vector("demo/two", "\"good\"").at(path);
    assertThat(vector("demo/two", "\"bad\"").at(path)).isNotEqualTo(good);
    assertThat(vector("demo/two", "[15]").at(path)).isEqualTo(good);
    assertThat(vector("demo/two@v1", "[[15]]").at(path)).isEqualTo(good);
    assertThat(vector("demo/two@v2", "[16]")).isEqualTo(vector("demo/two@v2", "\"good\""));
    assertThat(post("/v1/embeddings", embeddings("demo/two", "[20]"), 400).toString())
        .contains("text 0: token 20 (expected: 0 to 19)");
    String many = Collections.nCopies(65, 15).toString();
    assertThat(post("/v1/embeddings", embeddings("demo/two", many), 400).toString())
        .contains("text 0: 65 tokens (expected: at most 64)");
  }

  private static String embeddings(String model, String input) {
    return "{\"model\": \"" + model + "\", \"input\": " + input + "}";
  }

  private static JsonNode vector(String model, String input) throws Exception {
    return post("/v1/embeddings", embeddings(model, input), 200);
  }

  @Test
  void environmentOfTheServer_answersWhereNoVersionIsNamed() {
    Registry registry = Registry.open(data.resolve("registry"));
    ModelName name = ModelName.parse("demo/features");
    registry.deploy(name, "v1", "staging");
    Runs staged =
        new Runs() {
          @Override
          public Map<String, Tensor> run(
              ModelName model, String version, Map<String, Tensor> inputs) {
            return byHand(inputs);
          }

          @Override
          public String environment() {
            return "staging";
          }
        };
    EmbedRequest request = EmbedRequest.of(List.of("good"));
    try (registry;
        TextTasks tasks = new TextTasks(registry, staged)) {
      assertThat(tasks.embed("demo/features", request).version()).isEqualTo("v1");
      Embedded spoken = tasks.embed("demo/features", List.of(new int[] {15}), request);
      assertThat(spoken.version()).isEqualTo("v1");
      assertThat(spoken.vectors().toFloats())
          .containsExactly(tasks.embed("demo/features", request).vectors().toFloats());
    }
    assertThat(texts.embed("demo/features", request).version()).isEqualTo("v2");
  }
}
