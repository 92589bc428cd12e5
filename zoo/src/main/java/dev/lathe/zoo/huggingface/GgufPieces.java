package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pieces of text that a GGUF file's tokenizer knows, and how texts are cut into them, in the
 * words of {@code tokenizer.json}.
 *
 * @param metadata the file's metadata
 * @param vocabulary numbers by piece, in the order of the numbers
 * @param texts pieces that texts are made of: neither special nor single bytes
 */
record GgufPieces(GgufMetadata metadata, Map<String, Integer> vocabulary, Set<String> texts) {
  private static final String KEY = "tokenizer.ggml.";
  private static final String SPACE = "▁";
  private static final Set<Long> NO_TEXT = Set.of(2L, 3L, 6L);

  /** How Llama 3 cuts texts, as tiktoken does. */
  private static final String LLAMA_3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String QWEN_2 = LLAMA_3.replace("\\p{N}{1,3}", "\\p{N}");

  private static final String TEKKEN =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|"
          + "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|"
          + "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** What the file calls each way of cutting. */
  private static final Map<String, Cut> CUTS =
      Map.ofEntries(
          Map.entry("gpt-2", new Cut("", false, false)),
          Map.entry("llama-bpe", new Cut(LLAMA_3, true, true)),
          Map.entry("llama3", new Cut(LLAMA_3, true, true)),
          Map.entry("llama-v3", new Cut(LLAMA_3, true, true)),
          Map.entry("dbrx", new Cut(LLAMA_3, false, false)),
          Map.entry("smaug-bpe", new Cut(LLAMA_3, false, false)),
          Map.entry("qwen2", new Cut(QWEN_2, false, false)),
          Map.entry("deepseek-r1-qwen", new Cut(QWEN_2, false, false)),
          Map.entry("tekken", new Cut(TEKKEN, true, true)),
          Map.entry("smollm", new Cut("digits", false, false)),
          Map.entry("refact", new Cut("digits", false, false)),
          Map.entry("starcoder", new Cut("digits", false, false)),
          Map.entry("command-r", new Cut("digits", false, false)));

  /**
   * How texts are cut before pieces are looked for.
   *
   * @param pattern a regular expression; empty for that of GPT-2; {@code digits} for that with
   *     every digit alone
   * @param whole whether what is a piece is taken whole, without merges
   * @param begins whether texts begin with a token, where the file does not say
   */
  private record Cut(String pattern, boolean whole, boolean begins) {}

  static GgufPieces of(GgufMetadata metadata, List<String> tokens, List<Long> types) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    Set<String> texts = new java.util.HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (vocabulary.put(tokens.get(i), i) != null) {
        throw GgufMetadata.bad(KEY + "tokens: two are \"" + tokens.get(i) + "\"");
      }
      if (types.isEmpty() || !NO_TEXT.contains(types.get(i))) {
        texts.add(tokens.get(i));
      }
    }
    return new GgufPieces(metadata, vocabulary, texts);
  }

  /** Bytes as characters, joined by the merges of the file. */
  Map<String, Object> byteLevel() {
    String name = metadata.plainText(KEY + "pre").orElse("(none)");
    Cut cut = CUTS.get(name);
    if (cut == null) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "gguf: "
              + KEY
              + "pre: \""
              + name
              + "\" (supported: "
              + CUTS.keySet().stream().sorted().toList()
              + ")");
    }
    List<List<String>> merges = new ArrayList<>();
    for (String merge : metadata.plainList(KEY + "merges", String.class)) {
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw GgufMetadata.bad(KEY + "merges: \"" + merge + "\" (expected: two pieces)");
      }
      merges.add(List.of(merge.substring(0, space), merge.substring(space + 1)));
    }
    Map<String, Object> model = model(merges);
    model.put("ignore_merges", cut.whole());
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("normalizer", cut.pattern().equals(QWEN_2) ? Map.of("type", "NFC") : null);
    parts.put("pre_tokenizer", preTokenizer(cut));
    parts.put("post_processor", beginning(cut.begins(), bytes(false)));
    parts.put("decoder", bytes(true));
    parts.put("model", model);
    return parts;
  }

  private static Map<String, Object> preTokenizer(Cut cut) {
    return switch (cut.pattern()) {
      case "" -> bytes(true);
      case "digits" ->
          sequence(
              "pretokenizers", Map.of("type", "Digits", "individual_digits", true), bytes(true));
      default ->
          sequence(
              "pretokenizers",
              Map.of(
                  "type",
                  "Split",
                  "pattern",
                  Map.of("Regex", cut.pattern()),
                  "behavior",
                  "Isolated",
                  "invert",
                  false),
              bytes(false));
    };
  }

  /** Characters, joined in the order of the pieces' scores; what is no piece becomes bytes. */
  Map<String, Object> sentencePiece() {
    boolean prefix = metadata.plainFlag(KEY + "add_space_prefix", true);
    Map<String, Object> model = model(mergesByScore());
    model.put("fuse_unk", true);
    model.put("byte_fallback", true);
    metadata
        .plainWhole(KEY + "unknown_token_id")
        .ifPresent(id -> model.put("unk_token", List.copyOf(vocabulary.keySet()).get((int) id)));
    Map<String, Object> spaces =
        Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", SPACE);
    Map<String, Object> back =
        Map.of("type", "Replace", "pattern", Map.of("String", SPACE), "content", " ");
    List<Map<String, Object>> decoders =
        new ArrayList<>(List.of(back, Map.of("type", "ByteFallback"), Map.of("type", "Fuse")));
    if (prefix) {
      decoders.add(Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
    }
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put(
        "normalizer",
        prefix
            ? sequence("normalizers", Map.of("type", "Prepend", "prepend", SPACE), spaces)
            : spaces);
    parts.put("pre_tokenizer", null);
    parts.put("post_processor", beginning(true, null));
    parts.put("decoder", Map.of("type", "Sequence", "decoders", decoders));
    parts.put("model", model);
    return parts;
  }

  /** Every way to make a piece of two others, the piece with the highest score first. */
  private List<List<String>> mergesByScore() {
    List<Double> scores = metadata.plainList(KEY + "scores", Double.class);
    if (scores.size() != vocabulary.size()) {
      throw GgufMetadata.bad(
          KEY + "scores: " + scores.size() + " for " + vocabulary.size() + " tokens");
    }
    record Merge(List<String> halves, double score, int left, int right) {}
    List<Merge> merges = new ArrayList<>();
    for (String piece : texts) {
      double score = scores.get(vocabulary.get(piece));
      for (int i = 1; i < piece.length(); i++) {
        String left = piece.substring(0, i);
        String right = piece.substring(i);
        if (texts.contains(left) && texts.contains(right)) {
          merges.add(
              new Merge(List.of(left, right), score, vocabulary.get(left), vocabulary.get(right)));
        }
      }
    }
    merges.sort(
        Comparator.comparingDouble((Merge merge) -> -merge.score())
            .thenComparing(merge -> vocabulary.get(String.join("", merge.halves())))
            .thenComparing(Merge::left)
            .thenComparing(Merge::right));
    return merges.stream().map(Merge::halves).toList();
  }

  private Map<String, Object> model(List<List<String>> merges) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", false);
    model.put("vocab", vocabulary);
    model.put("merges", merges);
    return model;
  }

  /** Puts the first token before a text, if the file, or else the kind, says so. */
  private Object beginning(boolean usual, Object otherwise) {
    long first = metadata.plainWhole(KEY + "bos_token_id").orElse(-1);
    if (!metadata.plainFlag(KEY + "add_bos_token", usual && first >= 0)) {
      return otherwise;
    }
    if (first < 0 || first >= vocabulary.size()) {
      throw GgufMetadata.bad(KEY + "bos_token_id: " + first + " (expected: a token's number)");
    }
    String token = List.copyOf(vocabulary.keySet()).get((int) first);
    Map<String, Object> special = Map.of("SpecialToken", Map.of("id", token, "type_id", 0));
    Map<String, Object> template = new LinkedHashMap<>();
    template.put("type", "TemplateProcessing");
    template.put("single", List.of(special, sequence("A", 0)));
    template.put("pair", List.of(special, sequence("A", 0), special, sequence("B", 1)));
    template.put(
        "special_tokens",
        Map.of(token, Map.of("id", token, "ids", List.of(first), "tokens", List.of(token))));
    return template;
  }

  private static Map<String, Object> sequence(String id, int type) {
    return Map.of("Sequence", Map.of("id", id, "type_id", type));
  }

  /** One thing and then another. */
  private static Map<String, Object> sequence(
      String key, Map<String, Object> first, Map<String, Object> second) {
    return Map.of("type", "Sequence", key, List.of(first, second));
  }

  private static Map<String, Object> bytes(boolean cutting) {
    Map<String, Object> bytes = new LinkedHashMap<>();
    bytes.put("type", "ByteLevel");
    bytes.put("add_prefix_space", false);
    bytes.put("trim_offsets", true);
    bytes.put("use_regex", cutting);
    return bytes;
  }
}
