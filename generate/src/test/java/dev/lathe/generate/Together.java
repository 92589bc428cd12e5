package dev.lathe.generate;

import dev.lathe.generate.beam.JointScores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Targets of some sources, begun at the same time. */
public final class Together {
  private Together() {}

  /** What is found for each source; numbers of sources are their places. */
  public static List<List<Hypothesis>> write(
      List<long[]> sources, WritingRules rules, NextScores next) {
    SequenceWriter writer = new SequenceWriter(next);
    List<List<Hypothesis>> found = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      writer.begin(i, sources.get(i), rules);
      found.add(List.of());
    }
    while (!writer.isIdle()) {
      for (SequenceWriter.Ended ended : writer.step()) {
        if (ended.failure() != null) {
          throw ended.failure();
        }
        found.set(ended.source(), ended.found());
      }
    }
    return found;
  }

  /** The same where the model reads the sources first. */
  public static List<List<Hypothesis>> write(
      List<long[]> sources, WritingRules rules, JointScores scores) {
    Map<Integer, long[]> numbered = new HashMap<>();
    sources.forEach(source -> numbered.put(numbered.size(), source));
    scores.begin(numbered);
    return write(sources, rules, (NextScores) scores);
  }
}
