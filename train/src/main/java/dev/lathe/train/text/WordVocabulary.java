package dev.lathe.train.text;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe.Casing;
import dev.lathe.train.VocabularyRecipe.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * One token for each frequent word. Numbers begin with {@link ClassifierTokens}; the words follow,
 * the most frequent first. All other words are {@link ClassifierTokens#UNKNOWN}.
 */
public final class WordVocabulary implements Vocabulary {
  /** The most tokens there may be. */
  public static final int LIMIT = 1 << 20;

  /** As Hugging Face's pre-tokenizer Whitespace splits: words, and what stands between them. */
  private static final Pattern PIECE =
      Pattern.compile("\\w+|[^\\w\\s]+", Pattern.UNICODE_CHARACTER_CLASS);

  private final Map<String, Integer> numbers;
  private final Words rules;

  private WordVocabulary(Map<String, Integer> numbers, Words rules) {
    this.numbers = numbers;
    this.rules = rules;
  }

  /**
   * Counts words.
   *
   * @param words what to learn from; their order makes no difference
   * @param rules which words get a number, and how they are written
   * @return the vocabulary
   * @throws LatheException BAD_DATA if the size has no room for a word
   */
  public static WordVocabulary of(Stream<String> words, Words rules) {
    List<String> special = ClassifierTokens.names();
    if (rules.size() <= special.size() || rules.size() > LIMIT) {
      throw new LatheException(
          TrainError.BAD_DATA,
          "vocabulary of "
              + rules.size()
              + " words (expected: "
              + (special.size() + 1)
              + " to "
              + LIMIT
              + ")");
    }
    Map<String, Long> counts = new TreeMap<>();
    words.map(word -> cased(word, rules)).forEach(word -> counts.merge(word, 1L, Long::sum));
    special.forEach(counts::remove);
    Map<String, Integer> numbers = new LinkedHashMap<>();
    special.forEach(name -> numbers.put(name, numbers.size()));
    counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= rules.least())
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(rules.size() - special.size())
        .forEach(entry -> numbers.put(entry.getKey(), numbers.size()));
    return new WordVocabulary(numbers, rules);
  }

  /**
   * The words of a text, and what stands between them.
   *
   * @param text any text
   * @return its pieces in order, without space
   */
  public static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = PIECE.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  private static String cased(String word, Words rules) {
    return switch (rules.casing()) {
      case KEPT -> word;
      case LOWER -> word.toLowerCase(Locale.ROOT);
    };
  }

  @Override
  public int size() {
    return numbers.size();
  }

  /**
   * {@inheritDoc} One for each piece.
   *
   * @param text any text
   */
  @Override
  public int[] encode(String text) {
    return words(text).stream().mapToInt(this::number).toArray();
  }

  /**
   * The token of a word.
   *
   * @param word a word, which may have any characters
   * @return its number, or {@link ClassifierTokens#UNKNOWN}
   */
  public int number(String word) {
    int number = numbers.getOrDefault(cased(word, rules), ClassifierTokens.UNKNOWN);
    return number < ClassifierTokens.names().size() ? ClassifierTokens.UNKNOWN : number;
  }

  /** {@inheritDoc} Words have a space between them, also those that had none. */
  @Override
  public String decode(int[] tokens) {
    List<String> names = List.copyOf(numbers.keySet());
    return IntStream.of(tokens)
        .filter(token -> token != ClassifierTokens.PADDING && token != ClassifierTokens.CLASS)
        .mapToObj(names::get)
        .collect(Collectors.joining(" "));
  }

  @Override
  public String tokenizerJson() {
    return json("Whitespace");
  }

  /**
   * The vocabulary for texts whose words have a space between them.
   *
   * @return the content of {@code tokenizer.json}
   */
  public String tokenizerJsonBySpaces() {
    return json("WhitespaceSplit");
  }

  private String json(String splitter) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "WordLevel");
    model.put("vocab", numbers);
    model.put("unk_token", ClassifierTokens.names().get(ClassifierTokens.UNKNOWN));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", "1.0");
    all.put("truncation", null);
    all.put("padding", null);
    all.put("added_tokens", ClassifierTokens.added());
    all.put("normalizer", rules.casing() == Casing.LOWER ? Map.of("type", "Lowercase") : null);
    all.put("pre_tokenizer", Map.of("type", splitter));
    all.put("post_processor", null);
    all.put("decoder", null);
    all.put("model", model);
    return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }
}
