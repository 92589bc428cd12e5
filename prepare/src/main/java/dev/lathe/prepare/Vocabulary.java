package dev.lathe.prepare;

import dev.lathe.ir.LatheException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The tokens of a tokenizer by their numbers. Immutable; may be used by many threads. */
public final class Vocabulary {
  private static final int LARGEST = 4 << 20;

  private final @Nullable String[] tokens;
  private final Map<String, Integer> ids;
  private final BitSet added;
  private final BitSet special;
  private final DecodeStages stages;

  private Vocabulary(
      @Nullable String[] tokens, Map<String, Integer> ids, BitSet[] marks, DecodeStages stages) {
    this.tokens = tokens;
    this.ids = ids;
    this.added = marks[0];
    this.special = marks[1];
    this.stages = stages;
  }

  /** The vocabulary of a {@code tokenizer.json}; BAD_TOKENIZER if it has none. */
  static Vocabulary of(JsonNode json) {
    Map<String, Integer> ids = new HashMap<>();
    JsonNode model = json.path("model").path("vocab");
    if (model.isArray()) {
      for (int i = 0; i < model.size(); i++) {
        ids.putIfAbsent(model.get(i).path(0).asString(""), i);
      }
    } else {
      model.forEachEntry((token, id) -> ids.put(token, id.asInt(-1)));
    }
    BitSet added = new BitSet();
    BitSet special = new BitSet();
    for (JsonNode token : json.path("added_tokens")) {
      int id = bounded(token.path("content").asString(""), token.path("id").asInt(-1));
      ids.put(token.path("content").asString(""), id);
      added.set(id);
      special.set(id, token.path("special").asBoolean(false));
    }
    int size = 0;
    for (Map.Entry<String, Integer> token : ids.entrySet()) {
      size = Math.max(size, bounded(token.getKey(), token.getValue()) + 1);
    }
    if (size == 0) {
      throw new LatheException(
          PrepareError.BAD_TOKENIZER, "model.vocab: no token (expected: at least one)");
    }
    @Nullable String[] tokens = new String[size];
    ids.forEach((token, id) -> tokens[id] = token);
    return new Vocabulary(
        tokens, ids, new BitSet[] {added, special}, DecodeStages.of(json.path("decoder")));
  }

  private static int bounded(String token, int id) {
    if (id < 0 || id >= LARGEST) {
      throw new LatheException(
          PrepareError.BAD_TOKENIZER,
          "token \"" + token + "\": id " + id + " (expected: 0 to " + (LARGEST - 1) + ")");
    }
    return id;
  }

  /**
   * One more than the largest number of a token.
   *
   * @return V
   */
  public int size() {
    return tokens.length;
  }

  /**
   * A token's number.
   *
   * @param token as the file writes it, such as {@code <|im_end|>}
   * @return its number, if there is such a token
   */
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * A token as the file writes it, such as {@code Ġworld}.
   *
   * @param id its number
   * @return the token; empty if there is none of that number
   */
  public String token(int id) {
    String token = id < 0 || id >= tokens.length ? null : tokens[id];
    return token == null ? "" : token;
  }

  /**
   * Whether there is a token of a number.
   *
   * @param id the number
   * @return whether there is
   */
  public boolean has(int id) {
    return id >= 0 && id < tokens.length && tokens[id] != null;
  }

  /**
   * Whether a token is special: none of the text, left out where text is shown.
   *
   * @param id its number
   * @return whether it is
   */
  public boolean special(int id) {
    return id >= 0 && special.get(id);
  }

  /**
   * What a token adds within a text, as UTF-8; it may begin or end within a character.
   *
   * @param id its number
   * @return its bytes; none if there is no such token
   */
  public byte[] bytes(int id) {
    if (!has(id)) {
      return new byte[0];
    }
    return added.get(id) && !stages.byteToken(token(id))
        ? token(id).getBytes(StandardCharsets.UTF_8)
        : stages.bytes(token(id));
  }

  /** How these tokens become text. */
  DecodeStages stages() {
    return stages;
  }
}
