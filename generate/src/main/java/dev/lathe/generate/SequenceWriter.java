package dev.lathe.generate;

import dev.lathe.generate.beam.Logits;
import dev.lathe.generate.beam.Search;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes targets for sources, several at a time, step by step. Each is written as it would be
 * alone, up to rounding of the model.
 */
public final class SequenceWriter {
  private SequenceWriter() {}

  /**
   * Writes the targets of sources that are searched side by side.
   *
   * @param sources the tokens of each, as the model was told them
   * @param rules how to write
   * @param next the model, with the sources in their order
   * @return for each source what was found, the best first
   * @throws LatheException NOT_FINITE if the model gives no numbers, DEAD_END if no token is left,
   *     or {@code next}'s own
   */
  public static List<List<Hypothesis>> write(
      List<long[]> sources, WritingRules rules, NextScores next) {
    List<Search> searches = sources.stream().map(source -> Search.of(rules, source)).toList();
    int[] begins = new int[searches.size()];
    for (int i = 0; i < begins.length; i++) {
      begins[i] = i;
    }
    while (true) {
      List<NextScores.Line> lines = new ArrayList<>();
      int[] places = new int[begins.length];
      for (int i = 0; i < begins.length; i++) {
        places[i] = lines.size();
        for (Search.Open open : searches.get(i).open()) {
          lines.add(new NextScores.Line(i, begins[i] + open.parent(), open.tokens()));
        }
      }
      if (lines.isEmpty()) {
        return searches.stream().map(Search::found).toList();
      }
      Tensor logits = next.after(lines);
      for (int i = 0; i < begins.length; i++) {
        if (!searches.get(i).open().isEmpty()) {
          searches.get(i).take(new Logits(logits, places[i]));
        }
      }
      begins = places;
    }
  }
}
