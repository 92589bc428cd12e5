package dev.lathe.train.loop;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.transform.TrainingGraphs;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Names of values that the graphs of a training have beside those of somebody's model. */
final class ReservedNames {
  private static final Set<String> ALWAYS =
      Set.of(
          TrainingGraphs.TARGET,
          TrainingGraphs.WEIGHTS,
          TrainingGraphs.LOSS,
          TrainingGraphs.TOTAL_WEIGHT,
          TrainingGraphs.GRADIENT_NORM,
          "learning_rate");
  private static final Set<String> WHERE_DROPPING =
      Set.of(TrainingGraphs.SEED, TrainingGraphs.STEP);
  private static final String NEXT = "next/";

  private ReservedNames() {}

  /**
   * Refuses a model with a value of such a name.
   *
   * @param file where the model is from
   * @param trainable the model and its weights
   * @param targets the columns of targets
   * @throws LatheException UNSUPPORTED_MODEL naming the value and what is reserved
   */
  static void requireFree(Path file, Trainable trainable, List<Column> targets) {
    Graph graph = trainable.model().graph();
    Set<String> reserved = new TreeSet<>(ALWAYS);
    targets.forEach(target -> reserved.add(target.name()));
    if (graph.nodes().stream().anyMatch(node -> node.qualifiedOp().equals("Dropout"))) {
      reserved.addAll(WHERE_DROPPING);
    }
    Set<String> changing = new HashSet<>(trainable.parameters());
    changing.addAll(Trainable.statistics(graph));
    for (String name : new TreeSet<>(names(graph))) {
      boolean next = name.startsWith(NEXT) && changing.contains(name.substring(NEXT.length()));
      if (next || reserved.contains(name)) {
        throw new LatheException(
            TrainError.UNSUPPORTED_MODEL,
            "base "
                + file
                + ": value \""
                + name
                + "\" (expected: another name; training takes "
                + String.join(", ", reserved)
                + ", and next/ before a weight's name)");
      }
    }
  }

  private static Set<String> names(Graph graph) {
    Set<String> names = new HashSet<>(graph.initializers().keySet());
    graph.inputs().stream().map(ValueInfo::name).forEach(names::add);
    graph.nodes().forEach(node -> names.addAll(node.outputs()));
    return names;
  }
}
