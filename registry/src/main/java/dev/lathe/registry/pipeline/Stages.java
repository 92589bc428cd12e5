package dev.lathe.registry.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts steps in an order in which each has what it takes. */
public final class Stages {
  private Stages() {}

  /**
   * Stages of steps that need nothing of each other.
   *
   * @param steps steps by name
   * @return their names, stage by stage
   * @throws LatheException BAD_PIPELINE naming the steps of a cycle
   */
  public static List<List<String>> of(Map<String, Step> steps) {
    List<List<String>> stages = new ArrayList<>();
    Map<String, Step> left = new LinkedHashMap<>(steps);
    while (!left.isEmpty()) {
      List<String> stage =
          left.entrySet().stream()
              .filter(entry -> needs(entry.getValue(), left).isEmpty())
              .map(Map.Entry::getKey)
              .toList();
      if (stage.isEmpty()) {
        throw new LatheException(
            RegistryError.BAD_PIPELINE,
            "pipeline.steps: " + cycle(left) + " wait for each other (expected: no cycle)");
      }
      stages.add(stage);
      stage.forEach(left::remove);
    }
    return stages;
  }

  private static List<String> needs(Step step, Map<String, Step> among) {
    return step.inputs().values().stream()
        .map(Step.Source::origin)
        .filter(among::containsKey)
        .toList();
  }

  private static String cycle(Map<String, Step> left) {
    List<String> path = new ArrayList<>();
    String next = left.keySet().iterator().next();
    while (!path.contains(next)) {
      path.add(next);
      next = needs(left.get(next), left).getFirst();
    }
    List<String> round = new ArrayList<>(path.subList(path.indexOf(next), path.size()));
    round.add(next);
    return String.join(" → ", round.reversed());
  }
}
