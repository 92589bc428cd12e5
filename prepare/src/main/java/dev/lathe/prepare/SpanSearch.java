package dev.lathe.prepare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Finds the spans of a text that answer a question best. A span's score is the sum of the model's
 * scores of its first and its last token; its probability is against all spans of all windows and
 * against no answer, whose score is that of the first token of the window where it is lowest.
 * Answers are whole words. Not safe for use by several threads.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, section 4.3</a>
 */
public final class SpanSearch {
  private final QuestionTokens laid;
  private final Limits limits;
  private final PriorityQueue<Span> best =
      new PriorityQueue<>(Comparator.comparingDouble(Span::score));
  private final Sums sums;

  /**
   * What is looked for.
   *
   * @param top answers wanted, from 1
   * @param longest the most tokens of an answer, from 1
   */
  public record Limits(int top, int longest) {
    /** The most tokens of an answer where nobody says. */
    public static final int USUAL_LONGEST = 30;
  }

  /** What the scores of everything looked at sum up to, in one text or in several. */
  public static final class Sums {
    private double none = Double.POSITIVE_INFINITY;
    private double all = Double.NEGATIVE_INFINITY;

    /** Nothing looked at. */
    public Sums() {}

    /**
     * How probable it is that there is no answer.
     *
     * @return 0 to 1
     */
    public double noAnswer() {
      return Math.exp(none - logSum(all, none));
    }
  }

  /**
   * An answer.
   *
   * @param text its words
   * @param score its probability
   * @param start the place of its first character in the text, in code points
   * @param end the place after its last
   */
  public record Found(String text, double score, int start, int end) {}

  /** A span of the text's tokens and its score. */
  private record Span(int first, int last, double score) {}

  /**
   * A search that has seen nothing.
   *
   * @param laid the question and the text
   * @param limits what is looked for
   */
  public SpanSearch(QuestionTokens laid, Limits limits) {
    this(laid, limits, new Sums());
  }

  /**
   * A search of one text of several, whose answers are probable against those of all. All windows
   * of all texts are added before answers are asked for.
   *
   * @param laid the question and the text
   * @param limits what is looked for
   * @param sums shared by the searches of all the texts
   */
  public SpanSearch(QuestionTokens laid, Limits limits, Sums sums) {
    this.laid = laid;
    this.limits = limits;
    this.sums = sums;
  }

  /**
   * Looks at a window.
   *
   * @param window one of the text's
   * @param starts the model's scores of its tokens as an answer's first, [L] at least
   * @param ends the scores as an answer's last
   */
  public void add(QuestionTokens.Window window, float[] starts, float[] ends) {
    sums.none = Math.min(sums.none, (double) starts[0] + ends[0]);
    int kept = 4 * limits.top() + 16;
    int first = laid.first();
    for (int i = 0; i < window.count(); i++) {
      for (int j = i; j < Math.min(window.count(), i + limits.longest()); j++) {
        double score = (double) starts[first + i] + ends[first + j];
        sums.all = logSum(sums.all, score);
        if (best.size() < kept || score > best.element().score()) {
          best.add(new Span(window.from() + i, window.from() + j, score));
          if (best.size() > kept) {
            best.remove();
          }
        }
      }
    }
  }

  /**
   * How probable it is that the text has no answer.
   *
   * @return 0 to 1
   */
  public double noAnswer() {
    return sums.noAnswer();
  }

  /**
   * Whether no answer is more probable than the best one.
   *
   * @param answers what {@link #answers} gave
   * @return true if so, or if there is no answer
   */
  public boolean isNoneLikelier(List<Found> answers) {
    return answers.isEmpty() || noAnswer() > answers.getFirst().score();
  }

  /**
   * The best answers of the windows seen so far.
   *
   * @param context the text
   * @return the best first, all different, as many as asked for at most
   */
  public List<Found> answers(String context) {
    double sum = logSum(sums.all, sums.none);
    List<Span> sorted = new ArrayList<>(best);
    sorted.sort(Comparator.comparingDouble(Span::score).reversed());
    int[] text = context.codePoints().toArray();
    Map<Long, Found> places = new LinkedHashMap<>();
    for (Span span : sorted) {
      int start = laid.all().starts()[laid.first() + span.first()];
      int end = laid.all().ends()[laid.first() + span.last()];
      while (start > 0 && inWord(text, start - 1) && inWord(text, start)) {
        start--;
      }
      while (end < text.length && end > 0 && inWord(text, end - 1) && inWord(text, end)) {
        end++;
      }
      while (start < end && Character.isWhitespace(text[start])) {
        start++;
      }
      if (start < end && places.size() < limits.top()) {
        String words = new String(text, start, end - start);
        places.putIfAbsent(
            (long) start << 32 | end, new Found(words, Math.exp(span.score() - sum), start, end));
      }
    }
    return List.copyOf(places.values());
  }

  private static boolean inWord(int[] text, int place) {
    return place < text.length && Character.isLetterOrDigit(text[place]);
  }

  /** The natural logarithm of eᵃ + eᵇ. */
  private static double logSum(double a, double b) {
    double highest = Math.max(a, b);
    return highest == Double.NEGATIVE_INFINITY
        ? highest
        : highest + Math.log(Math.exp(a - highest) + Math.exp(b - highest));
  }
}
