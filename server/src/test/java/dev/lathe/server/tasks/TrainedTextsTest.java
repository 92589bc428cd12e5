package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was trained here is asked with texts. */
@Timeout(120)
class TrainedTextsTest {
  private static final List<String> WORDS = List.of("ba", "do", "ki", "lu", "me", "ro");

  /** A language of which each word is the same word in capitals. */
  private static final String TRANSLATION =
      """
      model: demo/capitals
      task: translation
      data:
        format: parallel
        train_source: train.a
        train_target: train.b
        validation_source: validation.a
        validation_target: validation.b
        length: 12
        vocabulary: { kind: bpe, size: 290 }
      architecture: { kind: encoder_decoder, width: 32, layers: 1, heads: 4, feed_forward: 64 }
      loss: { kind: cross_entropy }
      optimizer: { kind: adam, learning_rate: 0.01 }
      schedule: { kind: cosine, warmup: 20 }
      steps: 300
      batch: 16
      """;

  private static final String MOODS =
      """
      model: demo/moods
      task: text_classification
      data: { format: texts, train: moods.jsonl, length: 12 }
      architecture: { kind: encoder, width: 16, layers: 1, heads: 2 }
      optimizer: { kind: adam, learning_rate: 0.01 }
      epochs: 6
      batch: 32
      """;

  private static final String NAMES =
      """
      model: demo/names
      task: token_classification
      data: { format: conll, train: names.conll, length: 12 }
      architecture: { kind: lstm, width: 16, hidden: 16, dropout: 0 }
      optimizer: { kind: adam, learning_rate: 0.02 }
      epochs: 8
      batch: 16
      """;

  private static final String COLOURS =
      """
      model: demo/colours
      task: question_answering
      data:
        format: questions
        train: colours.jsonl
        length: 40
        stride: 8
        vocabulary: { kind: bpe, size: 300 }
      architecture: { kind: encoder, width: 32, layers: 2, heads: 4 }
      optimizer: { kind: adam, learning_rate: 0.003 }
      steps: 100
      batch: 32
      """;

  @TempDir private static Path data;
  private static LatheServer server;
  private static Lathe lathe;

  @BeforeAll
  static void start() throws IOException {
    Path folder = Files.createDirectories(data.resolve("data"));
    pairs(folder, "train", 500);
    pairs(folder, "validation", 40);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String mood = i % 2 == 0 ? "good" : "bad";
      String word = WORDS.get(i % 6);
      lines.add("{\"text\": \"%s day %s\", \"label\": \"%s\"}".formatted(mood, word, mood));
    }
    Files.write(folder.resolve("moods.jsonl"), lines);
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      String place = List.of("Paris", "Rome", "Oslo").get(i % 3);
      names.append("in\tO\nold\tB-LOC\n" + place + "\tI-LOC\n" + WORDS.get(i % 6) + "\tO\n\n");
    }
    Files.writeString(folder.resolve("names.conll"), names);
    Files.write(folder.resolve("colours.jsonl"), colours());
    server = LatheServer.start(ServerConfig.of(data, 0));
    lathe = Lathe.connect(server.address());
  }

  private static List<String> colours() {
    SplittableRandom random = new SplittableRandom(4);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      String colour = List.of("red", "blue", "green", "white").get(random.nextInt(4));
      String before = "They say " + WORDS.get(random.nextInt(6)) + " – so the ";
      String thing = List.of("door", "house").get(random.nextInt(2));
      String context = before + thing + " is " + colour + " there.";
      lines.add(
          "{\"question\": \"What is the %s?\", \"context\": \"%s\", \"answers\": {\"text\": [\"%s\"], \"answer_start\": [%d]}}"
              .formatted(thing, context, colour, context.indexOf(" is ") + 4));
    }
    return lines;
  }

  private static void pairs(Path folder, String part, int count) throws IOException {
    SplittableRandom random = new SplittableRandom(count);
    List<String> sources = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sources.add(
          String.join(
              " ",
              IntStream.range(0, 3 + random.nextInt(6))
                  .mapToObj(_ -> WORDS.get(random.nextInt(WORDS.size())))
                  .toList()));
    }
    Files.write(folder.resolve(part + ".a"), sources);
    Files.write(
        folder.resolve(part + ".b"),
        sources.stream().map(line -> line.toUpperCase(Locale.ROOT)).toList());
  }

  @AfterAll
  static void stop() {
    lathe.close();
    server.close();
  }

  private static void trained(String recipe) {
    Path folder = data.resolve("data");
    JobInfo job =
        lathe.train(new RecipeSource(recipe, folder, "recipe.yaml", false), JobListener.SILENT);
    assertThat(job.state()).as(job.toString()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void translation_writesWithWhatWasTrained() {
    trained(TRANSLATION);
    List<String> sources = List.of("ba do ki", "lu me ro ba", "me me do lu ki");
    Translated translated = lathe.texts().translate("demo/capitals", TranslateRequest.of(sources));
    assertThat(translated.translations())
        .extracting(Translated.Translation::text)
        .containsExactly("BA DO KI", "LU ME RO BA", "ME ME DO LU KI");
    assertThat(translated.version()).isEqualTo("v1");
    assertThat(translated.outputTokens()).isGreaterThan(12);
    TranslateRequest beams =
        new TranslateRequest(
            Optional.of("v1"),
            sources.subList(0, 1),
            Optional.empty(),
            Optional.empty(),
            Optional.of(4),
            Optional.of(8),
            Optional.of(2));
    Translated.Translation best =
        lathe.texts().translate("demo/capitals", beams).translations().getFirst();
    assertThat(best.text()).isEqualTo("BA DO KI");
    assertThat(best.alternatives()).hasSize(2).allMatch(other -> other.score() <= best.score());
    assertThatThrownBy(
            () ->
                lathe
                    .texts()
                    .translate("demo/capitals", TranslateRequest.of(List.of("ba ".repeat(40)))))
        .hasMessageContaining("(expected: at most 12, which is what demo/capitals@v1 takes)");
  }

  @Test
  void classifier_namesClassesOfTexts() {
    trained(MOODS);
    Classified classified =
        lathe
            .texts()
            .classify("demo/moods", ClassifyRequest.of(List.of("bad day ki", "good day me")));
    assertThat(classified.rows())
        .extracting(row -> row.classes().getFirst().label())
        .containsExactly("bad", "good");
    assertThat(classified.rows().getFirst().classes()).hasSize(2);
  }

  /** Somebody's encoder of features with its own tokenizer, for the words of this test. */
  private static void imported(String fixture) throws IOException {
    Path from = Shared.path("fixtures/hf/" + fixture);
    Path to = Files.createDirectories(data.resolve("data/" + fixture));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(from.resolve(name), to.resolve(name));
    }
    List<String> words = new ArrayList<>(List.of("[PAD]", "[UNK]", "good", "bad", "day", "in"));
    words.addAll(List.of("old", "Paris", "Rome", "Oslo"));
    words.addAll(WORDS);
    String vocabulary =
        IntStream.range(0, words.size())
            .mapToObj(i -> "\"" + words.get(i) + "\": " + i)
            .collect(Collectors.joining(", "));
    Files.writeString(
        to.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
         "decoder": null, "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {%s}}}
        """
            .formatted(vocabulary));
    lathe.importModel("base/" + fixture, to.toString(), "");
  }

  private static String based(String recipe, String base) {
    return recipe
        .replaceAll("architecture: .*", "base: base/" + base + "@v1")
        .replaceAll("learning_rate: [0-9.]*", "learning_rate: 0.002")
        .replace("model: demo/", "model: tuned/");
  }

  @Test
  void importedEncoders_areTunedAndAskedAtOnce() throws IOException {
    imported("bert-embed");
    trained(based(MOODS, "bert-embed"));
    Classified moods =
        lathe
            .texts()
            .classify("tuned/moods", ClassifyRequest.of(List.of("bad day ki", "good day me")));
    assertThat(moods.rows())
        .extracting(row -> row.classes().getFirst().label())
        .containsExactly("bad", "good");
    imported("distilbert-token");
    trained(based(NAMES, "distilbert-token") + "head: new\n");
    Classified names =
        lathe.texts().classify("tuned/names", ClassifyRequest.of(List.of("in old Rome ba")));
    assertThat(names.rows().getFirst().spans())
        .singleElement()
        .satisfies(
            span -> {
              assertThat(span.label()).isEqualTo("LOC");
              assertThat(span.text()).isEqualTo("old Rome");
            });
  }

  private static final String PROSE =
      """
      model: tuned/prose
      task: language_model
      base: base/llama@v1
      data: { format: text, train: prose.txt, length: 16 }
      optimizer: { kind: adam, learning_rate: 0.005 }
      epochs: 8
      batch: 4
      """;

  @Test
  void importedDecoder_learnsTextAndGoesOnWithIt() throws Exception {
    imported("llama");
    Files.writeString(data.resolve("data/prose.txt"), "good day in old Paris ".repeat(120));
    trained(PROSE);
    HttpRequest request =
        HttpRequest.newBuilder(server.address().resolve("/v1/completions"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\": \"tuned/prose@v1\", \"prompt\": \"good day\", \"max_tokens\": 3,"
                        + " \"temperature\": 0}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).contains("in old Paris");
    }
  }

  @Test
  void reader_findsAnswersInTextsOfAnyLength() {
    trained(COLOURS);
    String context = "They say ki. ".repeat(20) + "They say ro – so the door is blue there. ";
    Answered answered =
        lathe.texts().answer("demo/colours", AnswerRequest.of("What is the door?", context));
    assertThat(answered.version()).isEqualTo("v1");
    assertThat(answered.windows().orElseThrow()).isGreaterThan(1);
    Answered.Answer best = answered.spans().getFirst();
    assertThat(best.text()).isEqualTo("blue");
    assertThat(best.score()).isBetween(0.0, 1.0);
    assertThat(best.start()).isEqualTo(context.indexOf("blue"));
    assertThatThrownBy(
            () ->
                lathe
                    .texts()
                    .answer("demo/colours", AnswerRequest.of("What? ".repeat(40), context)))
        .hasMessageContaining("in a window of 40");
  }

  @Test
  void tagger_findsNamesInTexts() {
    trained(NAMES);
    Classified classified =
        lathe.texts().classify("demo/names", ClassifyRequest.of(List.of("in old Rome ba", "in")));
    assertThat(classified.rows().getFirst().spans())
        .singleElement()
        .satisfies(
            span -> {
              assertThat(span.label()).isEqualTo("LOC");
              assertThat(span.text()).isEqualTo("old Rome");
              assertThat(span.start()).isEqualTo(3);
              assertThat(span.score()).isBetween(0.5, 1.0);
            });
    assertThat(classified.rows().get(1).spans()).isEmpty();
  }
}
