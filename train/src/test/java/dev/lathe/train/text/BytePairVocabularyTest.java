package dev.lathe.train.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BytePairVocabularyTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> SPECIAL = List.of("<pad>", "</s>");
  private static final String TEXT =
      "the lower the slower, the newer the wider; Größe 2024: it's 12 o'clock\n\tnaïve 日本 🙂 the ";

  /** Prints merges that the peer learns, then tokens of each line by our file. */
  private static final String PEER =
      """
      import sys, json
      from tokenizers import Tokenizer, models, trainers, pre_tokenizers
      lines = json.load(open(sys.argv[1], encoding="utf-8"))
      ours = Tokenizer.from_file(sys.argv[2])
      size = ours.get_vocab_size()
      peer = Tokenizer(models.BPE())
      peer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
      peer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=size, min_frequency=2,
          special_tokens=["<pad>", "</s>"], show_progress=False,
          initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
      print(json.dumps(json.loads(peer.to_str())["model"]["merges"]))
      for line in lines:
          ids = ours.encode(line).ids
          assert ours.decode(ids) == line, line
          print(json.dumps(ids))
      """;

  @TempDir private Path folder;

  @Test
  void mostFrequentNeighbours_areLearnedFirst() {
    BytePairVocabulary vocabulary = learned(TEXT.repeat(3), 258 + 4);
    assertThat(vocabulary.size()).isEqualTo(262);
    List<String> merges = merges(vocabulary);
    assertThat(merges).hasSize(4).startsWith("h e");
    assertThat(merges).containsSubsequence("t he", "Ġ the");
  }

  @Test
  void everyText_comesBack() {
    BytePairVocabulary vocabulary = learned(TEXT, 300);
    for (String text : List.of("", " ", TEXT, "\u0000\u00ad\u007f  \r\n", "Ġ 𝔘 <pad></s>")) {
      assertThat(vocabulary.decode(vocabulary.encode(text))).isEqualTo(text);
    }
    assertThat(vocabulary.decode(new int[] {0, 1})).as("special tokens").isEmpty();
  }

  @Test
  void aFile_givesTheSameVocabulary() {
    BytePairVocabulary vocabulary = learned(TEXT, 320);
    BytePairVocabulary read = BytePairVocabulary.parse(vocabulary.tokenizerJson());
    assertThat(read.tokenizerJson()).isEqualTo(vocabulary.tokenizerJson());
    assertThat(read.encode(TEXT)).isEqualTo(vocabulary.encode(TEXT));
  }

  @Test
  void orderOfTexts_makesNoDifference() {
    List<String> lines = List.of("a slow walk", "a slower walk", "the lowest");
    assertThat(BytePairVocabulary.learn(lines.reversed().stream(), 290, SPECIAL).tokenizerJson())
        .isEqualTo(BytePairVocabulary.learn(lines.stream(), 290, SPECIAL).tokenizerJson());
  }

  @Test
  void whatOccursOnce_isNotLearned() {
    assertThat(learned("abcdefg", 1000).size()).isEqualTo(258);
  }

  @Test
  void aLongWord_isMergedInGoodTime() {
    BytePairVocabulary vocabulary = learned("aaaa bbbb", 262);
    int[] tokens = vocabulary.encode("a".repeat(1_000_000));
    assertThat(tokens).hasSizeLessThan(600_000);
    assertThat(vocabulary.decode(tokens)).hasSize(1_000_000);
  }

  @Test
  void otherFiles_areRefused() {
    String json = learned(TEXT, 300).tokenizerJson();
    refused(json.replace("\"BPE\"", "\"Unigram\""), "model.type Unigram (expected: BPE)");
    refused(json.replace("\"normalizer\" : null", "\"normalizer\" : {\"type\":\"NFC\"}"), "NFC");
    refused(json.replace("\"</s>\" : 1", "\"</s>\" : 7"), "expected: 0 to V - 1, once");
    refused("{", "not JSON");
    assertThatThrownBy(() -> learned(TEXT, 257)).hasMessageContaining("expected: 258 to");
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> BytePairVocabulary.parse(json)).hasMessageContaining(message);
  }

  @Test
  void fixture_isEncodedAsTheReferenceDoes() throws IOException {
    Path fixture = Shared.path("fixtures/text/tokenizers/bytelevel-gpt2");
    BytePairVocabulary vocabulary =
        BytePairVocabulary.parse(Files.readString(fixture.resolve("tokenizer.json")));
    int seen = 0;
    for (String line : Files.readAllLines(fixture.resolve("cases.jsonl"))) {
      JsonNode known = JSON.readTree(line);
      String text = known.path("text").asString();
      if (text.contains("<|") || known.has("pair")) {
        continue;
      }
      assertThat(vocabulary.encode(text)).as(text).isEqualTo(ints(known.path("ids")));
      assertThat(vocabulary.decode(ints(known.path("ids"))))
          .isEqualTo(known.path("decoded").asString());
      seen++;
    }
    assertThat(seen).isGreaterThan(10);
  }

  @Test
  void tokenizersLibrary_learnsAndEncodesTheSame() throws IOException {
    String python = Python.with("tokenizers");
    RandomGenerator random = new SplittableRandom(5);
    List<String> lines = random.ints(600).mapToObj(_ -> line(random)).toList();
    BytePairVocabulary vocabulary = BytePairVocabulary.learn(lines.stream(), 400, SPECIAL);
    assertThat(vocabulary.size()).isEqualTo(400);
    Path texts = folder.resolve("lines.json");
    Path file = folder.resolve("tokenizer.json");
    Files.write(texts, JSON.writeValueAsBytes(lines));
    Files.writeString(file, vocabulary.tokenizerJson());
    List<String> printed = Python.run(python, PEER, texts, file).lines().toList();
    assertThat(JSON.readTree(printed.getFirst()))
        .isEqualTo(JSON.readTree(vocabulary.tokenizerJson()).path("model").path("merges"));
    for (int i = 0; i < lines.size(); i++) {
      assertThat(vocabulary.encode(lines.get(i)))
          .as(lines.get(i))
          .isEqualTo(ints(JSON.readTree(printed.get(i + 1))));
    }
  }

  private static BytePairVocabulary learned(String text, int size) {
    return BytePairVocabulary.learn(text.lines(), size, SPECIAL);
  }

  private static List<String> merges(BytePairVocabulary vocabulary) {
    return JSON.readTree(vocabulary.tokenizerJson())
        .path("model")
        .path("merges")
        .valueStream()
        .map(pair -> pair.path(0).asString() + " " + pair.path(1).asString())
        .toList();
  }

  private static int[] ints(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  private static String line(RandomGenerator random) {
    List<String> words = Arrays.asList(TEXT.split(" "));
    return IntStream.range(0, 1 + random.nextInt(12))
        .mapToObj(
            _ -> {
              String word = words.get(random.nextInt(words.size()));
              return word.substring(word.offsetByCodePoints(0, random.nextInt(2)))
                  + " ".repeat(random.nextInt(3));
            })
        .collect(Collectors.joining());
  }
}
