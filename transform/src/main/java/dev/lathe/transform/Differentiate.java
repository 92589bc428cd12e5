package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.gradient.Backward;
import dev.lathe.transform.gradient.Draft;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Adds to a model the gradient of one scalar by some of its values. */
public final class Differentiate {
  private Differentiate() {}

  /**
   * A model with gradients.
   *
   * @param model the model; the gradients are among its outputs
   * @param gradients names of the gradients, by the values they belong to
   */
  public record Result(Model model, Map<String, String> gradients) {
    /** Copies the map, keeping its order. */
    public Result {
      gradients = Collections.unmodifiableMap(new LinkedHashMap<>(gradients));
    }
  }

  /**
   * Differentiates. Functions of the model's own are inlined, and operators of an old version are
   * written as {@link Model#OPSET} has them.
   *
   * @param model the model
   * @param loss one of its values, of one element
   * @param by inputs or initializers of floating type
   * @return the model with outputs {@code grad/<name>} added, each of its value's type
   * @throws LatheException NO_GRADIENT naming node and operator, NO_PATH, UNKNOWN_VALUE
   */
  public static Result apply(Model model, String loss, Set<String> by) {
    Model plain = InlineFunctions.apply(UpgradeOpset.apply(model));
    Graph graph = plain.graph();
    requireValues(graph, loss, by);
    Draft draft = Draft.of(plain);
    Backward backward = Backward.forward(draft, graph.nodes(), Set.of(loss), by);
    Map<String, String> gradients = new LinkedHashMap<>();
    List<String> outputs = new ArrayList<>(names(graph.outputs()));
    backward
        .gradients(Map.of(loss, draft.number(1, loss)), new TreeSet<>(by))
        .forEach(
            (value, gradient) -> {
              draft.alias(gradient, "grad/" + value);
              gradients.put(value, "grad/" + value);
              outputs.add("grad/" + value);
            });
    return new Result(RemoveDeadNodes.apply(draft.build(outputs)), gradients);
  }

  private static List<String> names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).toList();
  }

  private static void requireValues(Graph graph, String loss, Set<String> by) {
    boolean made = graph.nodes().stream().anyMatch(node -> node.outputs().contains(loss));
    if (!made) {
      throw new LatheException(
          TransformError.UNKNOWN_VALUE, "loss \"" + loss + "\" (expected: an output of a node)");
    }
    for (String value : by) {
      if (graph.input(value).isEmpty() && !graph.initializers().containsKey(value)) {
        throw new LatheException(
            TransformError.UNKNOWN_VALUE,
            "\"" + value + "\" (expected: an input or initializer of the model)");
      }
    }
  }
}
