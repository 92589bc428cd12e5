package dev.lathe.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How columns of data meet a base of several inputs or outputs, and several losses.
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
   * @param name what it is called in metrics
   * @param output the base's output that answers; empty for the one that the recipe's own loss
   *     looks at
   * @param task what that output is asked: a class, a yes or no, labels, or numbers; or the
   *     recipe's own task
   * @param label columns of its targets, as numbers: classes from 0; empty for the recipe's own
   *     targets
   * @param loss what is made small
   * @param weight what the loss is multiplied by before all are added, above 0
   */
  public record Objective(
      String name, String output, Task task, List<String> label, LossRecipe loss, double weight) {
    /** Copies the columns. */
    public Objective {
      label = List.copyOf(label);
    }

    /**
     * Whether it looks at the same scores as the recipe's own loss.
     *
     * @return false if it has another output
     */
    public boolean isOfOwnOutput() {
      return output.isEmpty();
    }

    /**
     * Whether it has the same targets as the recipe's own loss.
     *
     * @return false if it has columns of its own
     */
    public boolean hasOwnTargets() {
      return label.isEmpty();
    }
  }

  /**
   * Whether there are targets to be read beside the recipe's own.
   *
   * @return true if an objective has columns
   */
  public boolean hasMoreTargets() {
    return objectives.stream().anyMatch(one -> !one.hasOwnTargets());
  }
}
