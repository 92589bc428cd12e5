package dev.lathe.train.bleu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * BLEU of a corpus against one reference each, as sacreBLEU computes it by default: tokens by 13a,
 * case counts, n-grams up to four, exponential smoothing of orders without a match. Not safe for
 * use by several threads.
 *
 * @see <a href="https://aclanthology.org/P02-1040">Papineni et al. 2002</a>
 * @see <a href="https://aclanthology.org/W18-6319">Post 2018</a>
 */
public final class Bleu {
  private static final int ORDERS = 4;

  private final long[] matches = new long[ORDERS];
  private final long[] ngrams = new long[ORDERS];
  private long length;
  private long referenceLength;

  /** Of nothing yet. */
  public Bleu() {
    // Counts begin at zero.
  }

  /**
   * Adds a segment.
   *
   * @param translation what is judged, plain text
   * @param reference what a person wrote, plain text
   */
  public void add(String translation, String reference) {
    List<String> found = WesternTokens.of(translation);
    List<String> expected = WesternTokens.of(reference);
    length += found.size();
    referenceLength += expected.size();
    for (int order = 1; order <= ORDERS; order++) {
      Map<List<String>, Integer> allowed = counts(expected, order);
      Map<List<String>, Integer> used = counts(found, order);
      used.forEach(
          (ngram, count) ->
              addMatches(ngram.size(), Math.min(count, allowed.getOrDefault(ngram, 0))));
      ngrams[order - 1] += Math.max(0, found.size() - order + 1);
    }
  }

  private void addMatches(int order, int count) {
    matches[order - 1] += count;
  }

  private static Map<List<String>, Integer> counts(List<String> tokens, int order) {
    Map<List<String>, Integer> counts = new HashMap<>();
    for (int i = 0; i + order <= tokens.size(); i++) {
      counts.merge(tokens.subList(i, i + order), 1, Integer::sum);
    }
    return counts;
  }

  /**
   * The score of all that was added.
   *
   * @return 0 to 100; 0 where no word matches or no translation has four words
   */
  public double score() {
    if (matches[0] == 0 || ngrams[ORDERS - 1] == 0) {
      return 0;
    }
    double logs = 0;
    double smoothing = 1;
    for (int i = 0; i < ORDERS; i++) {
      if (matches[i] == 0) {
        smoothing *= 2;
      }
      double counted = matches[i] == 0 ? 1 / smoothing : matches[i];
      logs += Math.log(100 * counted / ngrams[i]);
    }
    double brevity = length < referenceLength ? Math.exp(1 - (double) referenceLength / length) : 1;
    return brevity * Math.exp(logs / ORDERS);
  }
}
