package dev.lathe.train.text;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One token for each character (Unicode code point) of a text, in the order of Unicode. */
public final class CharacterVocabulary implements Vocabulary {
  /** The most tokens there may be, so that one fits in two bytes. */
  static final int LIMIT = 65_536;

  private final int[] characters;

  private CharacterVocabulary(int[] characters) {
    this.characters = characters;
  }

  /**
   * The characters of a text.
   *
   * @param text the text
   * @return the vocabulary
   * @throws LatheException BAD_DATA if there are no characters, or too many different ones
   */
  public static CharacterVocabulary of(String text) {
    return of(Stream.of(text));
  }

  /**
   * The characters of a text in parts.
   *
   * @param parts the text
   * @return the vocabulary
   * @throws LatheException as {@link #of(String)}
   */
  public static CharacterVocabulary of(Stream<String> parts) {
    BitSet seen = new BitSet();
    parts.forEach(part -> part.codePoints().forEach(seen::set));
    int[] characters = seen.stream().toArray();
    if (characters.length == 0 || characters.length > LIMIT) {
      throw new LatheException(
          TrainError.BAD_DATA,
          characters.length + " different characters (expected: 1 to " + LIMIT + ")");
    }
    return new CharacterVocabulary(characters);
  }

  @Override
  public int size() {
    return characters.length;
  }

  /**
   * {@inheritDoc} One for each character.
   *
   * @param text the text
   * @throws LatheException BAD_DATA naming the first character that has no token
   */
  @Override
  public int[] encode(String text) {
    return encode(text, 0);
  }

  /**
   * The tokens of a part of a text.
   *
   * @param text the part
   * @param before how many characters come before it
   * @return tokens, one for each character
   * @throws LatheException as {@link #encode(String)}
   */
  public int[] encode(String text, long before) {
    int[] tokens = text.codePoints().toArray();
    for (int i = 0; i < tokens.length; i++) {
      int token = Arrays.binarySearch(characters, tokens[i]);
      if (token < 0) {
        throw new LatheException(
            TrainError.BAD_DATA,
            "character "
                + (before + i)
                + ": "
                + Character.getName(tokens[i])
                + " (expected: one of the "
                + characters.length
                + " characters of the training text)");
      }
      tokens[i] = token;
    }
    return tokens;
  }

  @Override
  public String decode(int[] tokens) {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.appendCodePoint(characters[token]);
    }
    return text.toString();
  }

  /**
   * The characters that a file names.
   *
   * @param json the content of a {@code tokenizer.json}
   * @return the vocabulary; empty if the file is not one of characters in their order
   */
  static Optional<CharacterVocabulary> parse(String json) {
    try {
      JsonNode model = JsonMapper.shared().readTree(json).path("model");
      int[] characters =
          model.path("vocab").propertyNames().stream()
              .filter(token -> token.codePointCount(0, token.length()) == 1)
              .mapToInt(token -> token.codePointAt(0))
              .sorted()
              .toArray();
      CharacterVocabulary vocabulary = new CharacterVocabulary(characters);
      boolean same =
          model.path("type").asString("").equals("WordLevel")
              && characters.length > 0
              && JsonMapper.shared()
                  .readTree(vocabulary.tokenizerJson())
                  .path("model")
                  .equals(model);
      return same ? Optional.of(vocabulary) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  @Override
  public String tokenizerJson() {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int i = 0; i < characters.length; i++) {
      vocabulary.put(Character.toString(characters[i]), i);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "WordLevel");
    model.put("vocab", vocabulary);
    model.put("unk_token", Character.toString(characters[0]));
    Map<String, Object> splitter = new LinkedHashMap<>();
    splitter.put("type", "Split");
    splitter.put("pattern", Map.of("Regex", "[\\s\\S]"));
    splitter.put("behavior", "Isolated");
    splitter.put("invert", false);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", "1.0");
    all.put("truncation", null);
    all.put("padding", null);
    all.put("added_tokens", List.of());
    all.put("normalizer", null);
    all.put("pre_tokenizer", splitter);
    all.put("post_processor", null);
    all.put("decoder", Map.of("type", "Fuse"));
    all.put("model", model);
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }
}
