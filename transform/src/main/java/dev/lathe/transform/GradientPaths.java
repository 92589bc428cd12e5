package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.ValueType;
import dev.lathe.transform.gradient.GradientRules;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Where gradients arrive when they go back from a model's outputs. */
public final class GradientPaths {
  private GradientPaths() {}

  /**
   * The values by which outputs have a gradient that need not be zero.
   *
   * @param model the model
   * @param outputs the values to go back from
   * @return names of values of the main graph, the outputs among them; integers, truth values, and
   *     floats that only choose what is done (the scales of a Resize, say) are not among them
   * @throws dev.lathe.ir.LatheException SHAPE_MISMATCH if the graph contradicts itself
   */
  public static Set<String> arriving(Model model, Collection<String> outputs) {
    TypedModel typed = InferShapes.apply(InlineFunctions.apply(UpgradeOpset.apply(model)));
    Set<String> reached = new HashSet<>(outputs);
    for (Node node : typed.model().graph().nodes().reversed()) {
      if (node.outputs().stream().anyMatch(reached::contains)) {
        for (int i = 0; i < node.inputs().size(); i++) {
          if (GradientRules.passes(node, i) && mayFloat(typed.type(node.input(i)))) {
            reached.add(node.input(i));
          }
        }
      }
    }
    reached.remove("");
    return reached;
  }

  private static boolean mayFloat(ValueType type) {
    return !(type instanceof ValueType.TensorType tensor)
        || tensor.element() == ElementType.UNDEFINED
        || tensor.element().isFloating();
  }
}
