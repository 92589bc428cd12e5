package dev.lathe.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How columns of data meet a base of several inputs or outputs.
 *
 * @param inputs columns by the input that takes them, in the order of its numbers; empty if one
 *     input takes all features
 * @param objectives what is made small beside the recipe's own loss
 */
public record WiringRecipe(Map<String, List<String>> inputs, List<Objective> objectives) {
  /** One input, one loss. */
  public static final WiringRecipe PLAIN = new WiringRecipe(Map.of(), List.of());

  /** Copies the collections, keeping their order. */
  public WiringRecipe {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    inputs.forEach((name, columns) -> copy.put(name, List.copyOf(columns)));
    inputs = Collections.unmodifiableMap(copy);
    objectives = List.copyOf(objectives);
  }

  /**
   * All columns that inputs take.
   *
   * @return in the order of the inputs
   */
  public List<String> columns() {
    List<String> columns = new ArrayList<>();
    inputs.values().forEach(columns::addAll);
    return columns;
  }

  /**
   * Something else that is made small.
   *
   * @param output the base's output that answers
   * @param task what that output is asked: a class, a yes or no, labels, or numbers
   * @param label columns of its targets, as numbers: classes from 0
   * @param loss what is made small
   * @param weight what the loss is multiplied by before all are added, above 0
   */
  public record Objective(
      String output, Task task, List<String> label, LossRecipe loss, double weight) {
    /** Copies the columns. */
    public Objective {
      label = List.copyOf(label);
    }
  }
}
