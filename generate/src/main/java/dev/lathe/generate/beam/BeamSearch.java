package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.WritingRules;
import dev.lathe.generate.WritingRules.Early;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Search over several targets at once, as transformers has it: of all continuations of all beams
 * the best are looked at, those that end are kept aside by their score over their length to the
 * power of the length penalty, and the best of the others go on. It stops where no open beam can
 * become better than the worst of those kept, as {@link Early} estimates it.
 *
 * <p>Sums are in single precision, so that equal scores stay equal as there.
 */
final class BeamSearch implements Search {
  private final WritingRules rules;
  private final ScoreRules scoreRules;
  private final int count;
  private List<Beam> beams;
  private final List<Ended> kept = new ArrayList<>();
  private boolean over;

  /** A target in the making: the sum of its tokens' log probabilities, and its line before. */
  private record Beam(int parent, int[] tokens, float sum) {}

  /** A target that is done, with what it is compared by. */
  private record Ended(int[] tokens, float score) {}

  /** A token that might follow a beam. */
  private record Next(int beam, int token, float sum) {}

  private static final Comparator<Next> WORST_FIRST =
      Comparator.comparingDouble(Next::sum)
          .thenComparing(Comparator.comparingInt(Next::beam).reversed())
          .thenComparing(Comparator.comparingInt(Next::token).reversed());

  BeamSearch(WritingRules rules, ScoreRules scoreRules) {
    this.rules = rules;
    this.scoreRules = scoreRules;
    this.count = rules.beams().count();
    this.beams = List.of(new Beam(0, new int[] {rules.marks().start()}, 0));
  }

  @Override
  public List<Open> open() {
    return over ? List.of() : beams.stream().map(b -> new Open(b.parent(), b.tokens())).toList();
  }

  @Override
  public void take(Logits logits) {
    List<Next> best = best(logits);
    if (best.isEmpty()) {
      throw new LatheException(
          GenerateError.DEAD_END, "no token may follow " + length() + " tokens");
    }
    int length = length() + 1;
    boolean last = length >= rules.lengths().most();
    List<Beam> open = new ArrayList<>();
    for (int place = 0; place < best.size(); place++) {
      Next next = best.get(place);
      int[] tokens = GreedySearch.with(beams.get(next.beam()).tokens(), next.token());
      if (last || rules.marks().isEnd(next.token())) {
        if (place < count) {
          kept.add(new Ended(tokens, penalized(next.sum(), length - 1)));
        }
      } else if (open.size() < count) {
        open.add(new Beam(next.beam(), tokens, next.sum()));
      }
    }
    kept.sort(Comparator.comparingDouble(Ended::score).reversed());
    while (kept.size() > count) {
      kept.removeLast();
    }
    beams = open;
    over = open.isEmpty() || cannotImprove();
  }

  private int length() {
    return beams.getFirst().tokens().length;
  }

  /** The best continuations, best first: enough of them that not all can end. */
  private List<Next> best(Logits logits) {
    int most = Math.max(2, 1 + rules.marks().ends().length) * count;
    PriorityQueue<Next> best = new PriorityQueue<>(WORST_FIRST);
    for (int beam = 0; beam < beams.size(); beam++) {
      float[] scores = logits.line(beam);
      ScoreRules.normalize(scores);
      scoreRules.apply(scores, beams.get(beam).tokens());
      for (int token = 0; token < scores.length; token++) {
        float sum = scores[token] + beams.get(beam).sum();
        if (sum == Float.NEGATIVE_INFINITY) {
          continue;
        }
        if (best.size() < most) {
          best.add(new Next(beam, token, sum));
        } else if (sum > best.element().sum()) {
          best.remove();
          best.add(new Next(beam, token, sum));
        }
      }
    }
    List<Next> sorted = new ArrayList<>(best);
    sorted.sort(WORST_FIRST.reversed());
    return sorted;
  }

  private float penalized(float sum, int written) {
    return sum / (float) Math.pow(written, rules.beams().lengthPenalty());
  }

  /** Whether enough are kept, and no open beam can beat the worst of them by the estimate. */
  private boolean cannotImprove() {
    if (kept.size() < count) {
      return false;
    }
    WritingRules.Beams how = rules.beams();
    if (how.early() == Early.YES) {
      return true;
    }
    boolean longest = how.early() == Early.NEVER && how.lengthPenalty() > 0;
    int written = (longest ? rules.lengths().most() : length()) - 1;
    return penalized(beams.getFirst().sum(), written) <= kept.getLast().score();
  }

  @Override
  public List<Hypothesis> found() {
    return kept.stream().map(ended -> new Hypothesis(ended.tokens(), ended.score())).toList();
  }
}
