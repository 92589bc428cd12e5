package dev.lathe.train.spans;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;

/**
 * Exact match and F1 of answers, as the evaluation of SQuAD 2.0 counts them: the mean over
 * questions of the best over what people answered, in lower case and without punctuation and
 * English articles. Where there is no answer, only none is right. Not safe for use by several
 * threads.
 *
 * @see <a href="https://arxiv.org/abs/1606.05250">Rajpurkar et al. 2016, section 6.1</a>
 */
public final class SquadScore {
  private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
  private static final Pattern ARTICLES =
      Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private int questions;
  private double exact;
  private double f1;

  /**
   * Judges an answer.
   *
   * @param answer the words; empty for no answer
   * @param right what people answered; empty if the text has no answer
   */
  public void add(String answer, List<String> right) {
    questions++;
    exact += best(answer, right, (a, b) -> a.equals(b) ? 1 : 0);
    f1 += best(answer, right, SquadScore::overlap);
  }

  private static double best(
      String answer, List<String> right, ToDoubleBiFunction<String, String> score) {
    List<String> all = right.isEmpty() ? List.of("") : right;
    return all.stream()
        .mapToDouble(one -> score.applyAsDouble(normal(answer), normal(one)))
        .max()
        .orElseThrow();
  }

  /** Harmonic mean of precision and recall of words, each as often as it stands there. */
  private static double overlap(String answer, String right) {
    if (answer.isEmpty() || right.isEmpty()) {
      return answer.equals(right) ? 1 : 0;
    }
    List<String> words = Arrays.asList(answer.split(" "));
    List<String> wanted = Arrays.asList(right.split(" "));
    Map<String, Integer> left = new HashMap<>();
    wanted.forEach(word -> left.merge(word, 1, Integer::sum));
    long common = words.stream().filter(word -> left.merge(word, -1, Integer::sum) >= 0).count();
    return 2.0 * common / (words.size() + wanted.size());
  }

  static String normal(String text) {
    String bare = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    return SPACE.matcher(ARTICLES.matcher(bare).replaceAll(" ")).replaceAll(" ").strip();
  }

  /**
   * How many answers were judged.
   *
   * @return their number
   */
  public int questions() {
    return questions;
  }

  /**
   * Part of the answers that are right to the word.
   *
   * @return 0 to 1; 0 before the first answer
   */
  public double exactMatch() {
    return questions == 0 ? 0 : exact / questions;
  }

  /**
   * Mean over questions of the harmonic mean of precision and recall of words.
   *
   * @return 0 to 1; 0 before the first answer
   */
  public double f1() {
    return questions == 0 ? 0 : f1 / questions;
  }
}
