package dev.lathe.zoo.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A tokenizer that was put into a GGUF file comes out as one that does the same. */
class GgufTokenizerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PEER =
      """
      import json
      import sys
      import unicodedata
      from tokenizers import Tokenizer

      ours = Tokenizer.from_file(sys.argv[1])
      count = 0
      for line in open(sys.argv[2], encoding="utf-8"):
          case = json.loads(line)
          if "pair" in case or unicodedata.normalize("NFC", case["text"]) != case["text"]:
              continue
          ids = ours.encode(case["text"]).ids
          assert ids == case["ids"], (case["text"], ids, case["ids"])
          for special, key in ((True, "decoded"), (False, "decoded_keep_special")):
              text = ours.decode(case["ids"], skip_special_tokens=special)
              assert text == case[key], (text, case[key])
          count += 1
      print(count)
      """;

  /** What llama.cpp's converter writes of a {@code tokenizer.json}. */
  private static Map<String, Object> metadata(JsonNode tokenizer, String model, String pre) {
    Map<Integer, String> byNumber = new HashMap<>();
    tokenizer
        .path("model")
        .path("vocab")
        .properties()
        .forEach(piece -> byNumber.put(piece.getValue().intValue(), piece.getKey()));
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < byNumber.size(); i++) {
      tokens.add(byNumber.get(i));
    }
    List<Long> types = new ArrayList<>(Collections.nCopies(tokens.size(), 1L));
    tokenizer.path("added_tokens").forEach(token -> types.set(token.path("id").intValue(), 3L));
    List<Double> scores = new ArrayList<>(Collections.nCopies(tokens.size(), -1e6));
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : tokenizer.path("model").path("merges")) {
      String left = merge.get(0).stringValue();
      String right = merge.get(1).stringValue();
      int number = tokens.indexOf(left + right);
      scores.set(number, Math.max(scores.get(number), -merges.size()));
      merges.add(left + " " + right);
    }
    for (int i = 0; i < tokens.size(); i++) {
      if (types.get(i) == 1 && tokens.get(i).matches("<0x[0-9A-F]{2}>")) {
        types.set(i, 6L);
      }
    }
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("general.architecture", "llama");
    metadata.put("tokenizer.ggml.model", model);
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.token_type", types);
    if (model.equals("llama")) {
      metadata.put("tokenizer.ggml.scores", scores);
      metadata.put("tokenizer.ggml.bos_token_id", 1L);
      metadata.put("tokenizer.ggml.eos_token_id", 2L);
      metadata.put("tokenizer.ggml.unknown_token_id", 0L);
    } else {
      metadata.put("tokenizer.ggml.pre", pre);
      metadata.put("tokenizer.ggml.merges", merges);
      metadata.put("tokenizer.ggml.eos_token_id", 0L);
      metadata.put("tokenizer.ggml.eot_token_id", 2L);
    }
    metadata.put("tokenizer.chat_template", "{{ messages }}");
    return metadata;
  }

  private static Map<String, Object> metadata(String name, String model, String pre)
      throws IOException {
    Path file = Shared.path("fixtures/text/tokenizers/" + name + "/tokenizer.json");
    return metadata(JSON.readTree(Files.readString(file)), model, pre);
  }

  @ParameterizedTest
  @CsvSource({
    "bytelevel-gpt2, gpt2, gpt-2",
    "bytelevel-qwen, gpt2, qwen2",
    "sentencepiece-bpe, llama, none"
  })
  void tokenizer_cutsTextsAsTheOneThatWasPutIn(
      String name, String model, String pre, @TempDir Path folder) throws IOException {
    GgufTokenizer read = GgufTokenizer.read(new GgufMetadata(metadata(name, model, pre)));
    Path ours = Files.writeString(folder.resolve("t.json"), read.files().get("tokenizer.json"));
    String python = Python.with("tokenizers");
    Path cases = Shared.path("fixtures/text/tokenizers/" + name + "/cases.jsonl");
    int compared = Integer.parseInt(Python.run(python, PEER, ours, cases).strip());
    assertThat(compared).isGreaterThan(20);
  }

  @Test
  void settings_nameSpecialTokensAndTheTemplate() throws IOException {
    GgufTokenizer read =
        GgufTokenizer.read(new GgufMetadata(metadata("sentencepiece-bpe", "llama", "")));
    JsonNode settings = JSON.readTree(read.files().get("tokenizer_config.json"));
    assertThat(settings.path("bos_token").stringValue()).isEqualTo("<s>");
    assertThat(settings.path("eos_token").stringValue()).isEqualTo("</s>");
    assertThat(read.files().get("chat_template.jinja")).isEqualTo("{{ messages }}");
    assertThat(read.ends()).containsExactly(2L);
  }

  @Test
  void everyTokenThatEndsAnAnswer_isTold() throws IOException {
    GgufTokenizer read =
        GgufTokenizer.read(new GgufMetadata(metadata("bytelevel-gpt2", "gpt2", "gpt-2")));
    JsonNode generation = JSON.readTree(read.files().get("generation_config.json"));
    assertThat(generation.path("eos_token_id").toString()).isEqualTo("[0,2]");
  }

  @Test
  void fileWithoutTokenizer_isReadWithoutOne() {
    Map<String, Object> bare = Map.of("general.architecture", "llama");
    assertThat(GgufTokenizer.read(new GgufMetadata(bare)).files()).isEmpty();
  }

  @Test
  void whatIsNotKnownOrDoesNotFit_isRefused() throws IOException {
    refused(
        "gpt2",
        "tokenizer.ggml.model",
        "rwkv",
        "tokenizer.ggml.model: \"rwkv\" (supported: gpt2, llama)");
    refused("gpt2", "tokenizer.ggml.pre", "viking", "pre: \"viking\" (supported: [command-r");
    refused("gpt2", "tokenizer.ggml.token_type", List.of(1L), "token_type: 1 for 1024 tokens");
    refused(
        "gpt2", "tokenizer.ggml.merges", List.of("ab"), "merges: \"ab\" (expected: two pieces)");
    refused("gpt2", "tokenizer.ggml.eos_token_id", 5000L, "eos_token_id: 5000 of 1024 tokens");
    refused(
        "gpt2", "tokenizer.ggml.tokens", Collections.nCopies(1024, "a"), "tokens: two are \"a\"");
    refused("gpt2", "tokenizer.ggml.tokens", "a", "tokens: a (expected: a list)");
    refused("llama", "tokenizer.ggml.scores", List.of(1.0), "scores: 1 for 1024 tokens");
  }

  private static void refused(String model, String key, Object value, String message)
      throws IOException {
    String name = model.equals("llama") ? "sentencepiece-bpe" : "bytelevel-gpt2";
    Map<String, Object> metadata = metadata(name, model, "gpt-2");
    metadata.put(key, value);
    assertThatThrownBy(() -> GgufTokenizer.read(new GgufMetadata(metadata)))
        .hasMessageContaining(message);
  }
}
