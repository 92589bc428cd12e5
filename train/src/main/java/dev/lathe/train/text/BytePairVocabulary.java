package dev.lathe.train.text;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Tokens that are frequent sequences of bytes, so that every text can be written with them. Numbers
 * begin with tokens that no text has, such as the end of a sentence; the letters of {@link
 * ByteLetters} follow, then what merging has made, in the order in which it was learned.
 *
 * <p>A vocabulary remembers words that it has encoded. Not safe for use by several threads.
 *
 * @see <a
 *     href="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf">Radford
 *     et al. 2019, section 2.2</a>
 */
public final class BytePairVocabulary implements Vocabulary {
  /** The most tokens there may be. */
  public static final int LIMIT = 1 << 20;

  /** The fewest tokens of a vocabulary without special ones: a letter for each byte. */
  public static final int LETTERS = 256;

  private static final int REMEMBERED = 1 << 16;
  private static final int LONGEST_REMEMBERED = 64;

  private final List<String> special;
  private final List<String> tokens;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> merges;
  private final PairMerges rules = new PairMerges();
  private final Map<String, int[]> remembered = new HashMap<>();

  private BytePairVocabulary(List<String> special, List<String> tokens, List<String> merges) {
    this.special = List.copyOf(special);
    this.tokens = List.copyOf(tokens);
    this.merges = List.copyOf(merges);
    for (int i = 0; i < tokens.size(); i++) {
      numbers.putIfAbsent(tokens.get(i), i);
    }
    for (String merge : merges) {
      int space = merge.indexOf(' ');
      String left = merge.substring(0, space);
      String right = merge.substring(space + 1);
      rules.add(numbers.get(left), numbers.get(right), numbers.get(left + right));
    }
  }

  /**
   * Learns a vocabulary.
   *
   * @param texts what to learn from; their order makes no difference
   * @param size V, at most: a text without enough neighbours that occur twice gives fewer
   * @param special names of tokens that no text has, such as {@code </s>}
   * @return the vocabulary
   * @throws LatheException BAD_DATA if the size has no room for the special tokens and the letters
   */
  public static BytePairVocabulary learn(Stream<String> texts, int size, List<String> special) {
    int least = special.size() + LETTERS;
    if (size < least || size > LIMIT) {
      throw new LatheException(
          TrainError.BAD_DATA,
          "byte-pair vocabulary of " + size + " (expected: " + least + " to " + LIMIT + ")");
    }
    List<String> tokens = new ArrayList<>(special);
    ByteLetters.all().chars().forEach(letter -> tokens.add(Character.toString(letter)));
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = special.size(); i < tokens.size(); i++) {
      numbers.put(tokens.get(i), i);
    }
    PairLearning learning = new PairLearning();
    words(texts)
        .forEach((word, count) -> learning.add(letters(ByteLetters.of(word), numbers), count));
    List<String> merges = new ArrayList<>();
    for (int[] pair = learning.best();
        pair.length > 0 && tokens.size() < size;
        pair = learning.best()) {
      String left = tokens.get(pair[0]);
      String right = tokens.get(pair[1]);
      merges.add(left + ' ' + right);
      int number = numbers.computeIfAbsent(left + right, _ -> tokens.size());
      if (number == tokens.size()) {
        tokens.add(left + right);
      }
      learning.merge(pair[0], pair[1], number);
    }
    return new BytePairVocabulary(special, tokens, merges);
  }

  private static Map<String, Long> words(Stream<String> texts) {
    Map<String, Long> words = new TreeMap<>();
    texts.forEach(text -> Pieces.each(text, word -> words.merge(word, 1L, Long::sum)));
    return words;
  }

  private static int[] letters(String word, Map<String, Integer> numbers) {
    return word.chars().map(letter -> numbers.get(Character.toString(letter))).toArray();
  }

  @Override
  public int size() {
    return tokens.size();
  }

  /**
   * {@inheritDoc} No text gives special tokens.
   *
   * @param text any text
   */
  @Override
  public int[] encode(String text) {
    List<int[]> parts = new ArrayList<>();
    Pieces.each(text, piece -> parts.add(encodePiece(piece)));
    return parts.stream().flatMapToInt(java.util.Arrays::stream).toArray();
  }

  private int[] encodePiece(String piece) {
    int[] known = remembered.get(piece);
    if (known != null) {
      return known;
    }
    int[] encoded = rules.apply(letters(ByteLetters.of(piece), numbers));
    if (remembered.size() < REMEMBERED && piece.length() <= LONGEST_REMEMBERED) {
      remembered.put(piece, encoded);
    }
    return encoded;
  }

  /** {@inheritDoc} Bytes that are no UTF-8 become U+FFFD. */
  @Override
  public String decode(int[] text) {
    StringBuilder letters = new StringBuilder();
    for (int token : text) {
      if (token >= special.size()) {
        letters.append(tokens.get(token));
      }
    }
    return ByteLetters.text(letters);
  }

  @Override
  public String tokenizerJson() {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      vocabulary.put(tokens.get(i), i);
    }
    return BytePairJson.write(special, vocabulary, merges);
  }

  /**
   * A vocabulary from a file.
   *
   * @param json the content of a {@code tokenizer.json} with byte-level pairs as GPT-2 has them,
   *     its special tokens first
   * @return the vocabulary
   * @throws LatheException BAD_DATA if it is anything else
   */
  public static BytePairVocabulary parse(String json) {
    BytePairJson.Content content = BytePairJson.read(json);
    return new BytePairVocabulary(content.special(), content.tokens(), content.merges());
  }
}
