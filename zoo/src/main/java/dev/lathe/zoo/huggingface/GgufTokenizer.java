package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tokenizer in a GGUF file, as the files that transformers would have beside the model.
 *
 * @param files text by file name; empty if there is no tokenizer in the file
 * @param ends the tokens that end an answer
 */
record GgufTokenizer(Map<String, String> files, List<Long> ends) {
  private static final String KEY = "tokenizer.ggml.";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What kinds of tokens there are, by their number in the file. */
  private static final long UNKNOWN = 2;

  private static final long CONTROL = 3;
  private static final long USER_DEFINED = 4;

  static GgufTokenizer read(GgufMetadata metadata) {
    String model = metadata.plainText(KEY + "model").orElse("none");
    return switch (model) {
      case "none", "no_vocab" -> new GgufTokenizer(Map.of(), List.of());
      case "gpt2" -> new Reading(metadata).of(GgufPieces::byteLevel);
      case "llama" -> new Reading(metadata).of(GgufPieces::sentencePiece);
      default ->
          throw new LatheException(
              ZooError.UNSUPPORTED,
              "gguf: " + KEY + "model: \"" + model + "\" (supported: gpt2, llama)");
    };
  }

  /** Makes the parts of a tokenizer that differ from kind to kind. */
  interface Kind {
    Map<String, Object> of(GgufPieces pieces);
  }

  private record Reading(GgufMetadata metadata) {
    GgufTokenizer of(Kind kind) {
      List<String> tokens = metadata.plainList(KEY + "tokens", String.class);
      List<Long> types = metadata.plainList(KEY + "token_type", Long.class);
      if (tokens.isEmpty() || (!types.isEmpty() && types.size() != tokens.size())) {
        throw GgufMetadata.bad(
            KEY + "token_type: " + types.size() + " for " + tokens.size() + " tokens");
      }
      GgufPieces pieces = GgufPieces.of(metadata, tokens, types);
      Map<String, Object> tokenizer = new LinkedHashMap<>();
      tokenizer.put("version", "1.0");
      tokenizer.put("truncation", null);
      tokenizer.put("padding", null);
      tokenizer.put("added_tokens", added(tokens, types));
      tokenizer.putAll(kind.of(pieces));
      Map<String, String> files = new LinkedHashMap<>();
      files.put("tokenizer.json", json(tokenizer));
      files.put("tokenizer_config.json", json(settings(tokens)));
      metadata
          .plainText("tokenizer.chat_template")
          .ifPresent(template -> files.put("chat_template.jinja", template));
      List<Long> ends = ends();
      files.put("generation_config.json", json(generation(ends)));
      return new GgufTokenizer(files, ends);
    }

    private static List<Map<String, Object>> added(List<String> tokens, List<Long> types) {
      List<Map<String, Object>> added = new ArrayList<>();
      for (int i = 0; i < types.size(); i++) {
        long type = types.get(i);
        if (Set.of(UNKNOWN, CONTROL, USER_DEFINED).contains(type)) {
          Map<String, Object> token = new LinkedHashMap<>();
          token.put("id", i);
          token.put("content", tokens.get(i));
          for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            token.put(no, false);
          }
          token.put("special", type != USER_DEFINED);
          added.add(token);
        }
      }
      return added;
    }

    private Map<String, Object> settings(List<String> tokens) {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("tokenizer_class", "PreTrainedTokenizerFast");
      settings.put("clean_up_tokenization_spaces", false);
      Map.of(
              "bos_token", "bos_token_id",
              "eos_token", "eos_token_id",
              "unk_token", "unknown_token_id",
              "pad_token", "padding_token_id")
          .forEach(
              (name, key) ->
                  id(key, tokens.size()).ifPresent(id -> settings.put(name, tokens.get((int) id))));
      return settings;
    }

    private OptionalLong id(String key, int tokens) {
      OptionalLong id = metadata.plainWhole(KEY + key);
      if (id.isPresent() && (id.getAsLong() < 0 || id.getAsLong() >= tokens)) {
        throw GgufMetadata.bad(KEY + key + ": " + id.getAsLong() + " of " + tokens + " tokens");
      }
      return id;
    }

    private List<Long> ends() {
      List<Long> ends = new ArrayList<>();
      for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
        metadata
            .plainWhole(KEY + key)
            .ifPresent(
                id -> {
                  if (!ends.contains(id)) {
                    ends.add(id);
                  }
                });
      }
      return ends;
    }

    private Map<String, Object> generation(List<Long> ends) {
      Map<String, Object> generation = new LinkedHashMap<>();
      metadata.plainWhole(KEY + "bos_token_id").ifPresent(id -> generation.put("bos_token_id", id));
      if (!ends.isEmpty()) {
        generation.put("eos_token_id", ends);
      }
      metadata
          .plainWhole(KEY + "padding_token_id")
          .ifPresent(id -> generation.put("pad_token_id", id));
      return generation;
    }

    private static String json(Object value) {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }
  }
}
