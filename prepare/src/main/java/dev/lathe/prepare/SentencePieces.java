package dev.lathe.prepare;

import dev.lathe.ir.LatheException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@code tokenizer.json} for models that come with a SentencePiece file and a list of their
 * tokens' numbers, as Marian's do: pieces and their scores from the one, numbers from the other.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto">
 *     sentencepiece_model.proto</a>
 */
public final class SentencePieces {
  private static final int MOST_TOKENS = 4 << 20;

  /** The score of a token that only the other language has: worse than any way around it. */
  private static final double ELSEWHERE = -1e5;

  private static final String UNKNOWN = "<unk>";
  private static final String END = "</s>";
  private static final Pattern LANGUAGE = Pattern.compile(">>[A-Za-z0-9_-]{1,32}<<");
  private static final String SPACE = "\u2581";

  private final Map<String, Double> scores = new HashMap<>();
  private byte[] characters = new byte[0];

  private SentencePieces() {}

  /**
   * Makes the file.
   *
   * @param model a SentencePiece file of kind unigram, such as {@code source.spm}
   * @param vocabulary {@code vocab.json}: every token's number, those of the other language too
   * @return the content of a {@code tokenizer.json} that puts an end behind a text
   * @throws LatheException BAD_TOKENIZER if one of them is none
   */
  public static String tokenizerJson(byte[] model, String vocabulary) {
    SentencePieces pieces = new SentencePieces();
    pieces.read(new Wire(ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN)));
    return pieces.json(tokens(vocabulary));
  }

  private static List<String> tokens(String vocabulary) {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(vocabulary);
    } catch (JacksonException e) {
      throw new LatheException(PrepareError.BAD_TOKENIZER, "vocab.json: no JSON", e);
    }
    int size = json.size();
    if (!json.isObject() || size == 0 || size > MOST_TOKENS) {
      throw bad(
          "vocab.json: " + size + " tokens (expected: an object of 1 to " + MOST_TOKENS + ")");
    }
    String[] tokens = new String[size];
    json.forEachEntry(
        (token, id) -> {
          int place = id.asInt(-1);
          if (place < 0 || place >= size || tokens[place] != null) {
            throw bad("vocab.json: \"" + token + "\": " + id + " (expected: each from 0 once)");
          }
          tokens[place] = token;
        });
    return List.of(tokens);
  }

  private void read(Wire file) {
    while (file.next()) {
      switch (file.field()) {
        case 1 -> piece(file.message());
        case 2 -> trainer(file.message());
        case 3 -> normalizer(file.message());
        default -> file.skip();
      }
    }
    if (scores.isEmpty()) {
      throw bad("no pieces (expected: a SentencePiece file)");
    }
  }

  private void piece(Wire message) {
    String piece = "";
    double score = 0;
    long type = 1;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> piece = new String(message.bytes(), StandardCharsets.UTF_8);
        case 2 -> score = message.real();
        case 3 -> type = message.number();
        default -> message.skip();
      }
    }
    boolean written = type == 1 || type == 4;
    if (written) {
      scores.put(piece, type == 4 ? 0 : score);
    }
  }

  private static void trainer(Wire message) {
    while (message.next()) {
      if (message.field() == 3) {
        long kind = message.number();
        if (kind != 1) {
          throw bad("model_type " + kind + " (expected: 1, unigram)");
        }
      } else {
        message.skip();
      }
    }
  }

  private void normalizer(Wire message) {
    while (message.next()) {
      if (message.field() == 2) {
        characters = message.bytes();
      } else {
        message.skip();
      }
    }
  }

  private String json(List<String> tokens) {
    int unknown = tokens.indexOf(UNKNOWN);
    int end = tokens.indexOf(END);
    if (unknown < 0 || end < 0) {
      throw bad("vocab.json: no " + UNKNOWN + " or no " + END + " (expected: both)");
    }
    List<Object> vocabulary = new ArrayList<>();
    List<Object> added = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      vocabulary.add(List.of(token, scores.getOrDefault(token, ELSEWHERE)));
      boolean special =
          List.of(UNKNOWN, END, "<pad>").contains(token) || LANGUAGE.matcher(token).matches();
      if (special) {
        added.add(added(id, token));
      }
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", "1.0");
    all.put("added_tokens", added);
    all.put("normalizer", Map.of("type", "Sequence", "normalizers", normalizers()));
    Map<String, Object> spaces =
        Map.of(
            "type", "Metaspace", "replacement", SPACE, "prepend_scheme", "always", "split", true);
    all.put("pre_tokenizer", spaces);
    all.put("post_processor", template(end));
    all.put("decoder", spaces);
    all.put("model", Map.of("type", "Unigram", "unk_id", unknown, "vocab", vocabulary));
    return JsonMapper.shared().writeValueAsString(all);
  }

  private static Map<String, Object> added(int id, String token) {
    Map<String, Object> added = new LinkedHashMap<>();
    added.put("id", id);
    added.put("content", token);
    for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      added.put(no, false);
    }
    added.put("special", true);
    return added;
  }

  private List<Object> normalizers() {
    List<Object> normalizers = new ArrayList<>();
    if (characters.length > 0) {
      String map = Base64.getEncoder().encodeToString(characters);
      normalizers.add(Map.of("type", "Precompiled", "precompiled_charsmap", map));
    }
    normalizers.add(Map.of("type", "Strip", "strip_left", true, "strip_right", true));
    normalizers.add(Map.of("type", "Replace", "pattern", Map.of("Regex", " {2,}"), "content", " "));
    return normalizers;
  }

  private static Map<String, Object> template(int end) {
    Object first = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
    Object second = Map.of("Sequence", Map.of("id", "B", "type_id", 0));
    Object last = Map.of("SpecialToken", Map.of("id", END, "type_id", 0));
    return Map.of(
        "type", "TemplateProcessing",
        "single", List.of(first, last),
        "pair", List.of(first, second, last),
        "special_tokens",
            Map.of(END, Map.of("id", END, "ids", List.of(end), "tokens", List.of(END))));
  }

  private static LatheException bad(String message) {
    return new LatheException(PrepareError.BAD_TOKENIZER, message);
  }

  /** A message as Protocol Buffers write it. */
  private static final class Wire {
    private final ByteBuffer bytes;
    private int field;
    private int kind;

    Wire(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    boolean next() {
      if (!bytes.hasRemaining()) {
        return false;
      }
      long tag = number();
      field = (int) (tag >>> 3);
      kind = (int) (tag & 7);
      return true;
    }

    int field() {
      return field;
    }

    long number() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        require(1);
        byte part = bytes.get();
        value |= (long) (part & 0x7f) << shift;
        if (part >= 0) {
          return value;
        }
      }
      throw bad("a number of more than 64 bits (expected: a SentencePiece file)");
    }

    float real() {
      require(4);
      return bytes.getFloat();
    }

    byte[] bytes() {
      byte[] part = new byte[length()];
      bytes.get(part);
      return part;
    }

    Wire message() {
      int length = length();
      Wire inner = new Wire(bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN));
      bytes.position(bytes.position() + length);
      return inner;
    }

    private int length() {
      long length = number();
      require(length);
      return (int) length;
    }

    void skip() {
      switch (kind) {
        case 0 -> number();
        case 1 -> jump(8);
        case 2 -> jump(length());
        case 5 -> jump(4);
        default -> throw bad("wire type " + kind + " (expected: a SentencePiece file)");
      }
    }

    private void jump(int count) {
      require(count);
      bytes.position(bytes.position() + count);
    }

    private void require(long count) {
      if (count < 0 || count > bytes.remaining()) {
        throw bad("broken off (expected: a SentencePiece file)");
      }
    }
  }
}
