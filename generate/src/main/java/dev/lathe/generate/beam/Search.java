package dev.lathe.generate.beam;

import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.WritingRules;
import java.util.List;

/** The search for one source's target, step by step. Not safe for use by several threads. */
public sealed interface Search permits GreedySearch, BeamSearch {
  /**
   * Begins a search.
   *
   * @param rules how to write
   * @param source the source's tokens
   * @return a beam search, or a greedy one where the rules ask for one beam
   */
  static Search of(WritingRules rules, long[] source) {
    ScoreRules scores = new ScoreRules(rules, source);
    return rules.beams().count() == 1
        ? new GreedySearch(rules, scores)
        : new BeamSearch(rules, scores);
  }

  /**
   * A target in the making.
   *
   * @param parent the line of the last step that it has one token more than; 0 at first
   * @param tokens its tokens, from the start token on
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Open(int parent, int[] tokens) {}

  /**
   * The lines whose next token is wanted.
   *
   * @return none once the search is over
   */
  List<Open> open();

  /**
   * Goes one step on.
   *
   * @param logits the scores of the open lines' next tokens
   */
  void take(Logits logits);

  /**
   * What was found.
   *
   * @return the best first; at least one once the search is over
   */
  List<Hypothesis> found();
}
