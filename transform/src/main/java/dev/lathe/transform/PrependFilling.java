package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;

/** Puts {@code Where(IsNaN(x), fill, x)} before a model, so that numbers may be missing. */
public final class PrependFilling {
  private PrependFilling() {}

  /**
   * Prepends.
   *
   * @param model the model
   * @param input its FLOAT input that takes data, NaN where a number is missing
   * @param fill FLOAT, broadcastable to the input
   * @return a model with the same inputs and outputs
   * @throws LatheException UNKNOWN_VALUE if there is no such input, SHAPE_MISMATCH if what stands
   *     for missing numbers does not broadcast to it
   */
  public static Model apply(Model model, String input, Tensor fill) {
    Graph graph = model.graph();
    PrependNormalization.requireBroadcast(PrependNormalization.data(graph, input), "fill", fill);
    GraphBuilder builder = PrependNormalization.emptied(graph);
    String constant = builder.initializer(input + "/fill", fill);
    String missing = builder.fresh(input + "/missing");
    String filled = builder.fresh(input + "/filled");
    builder.append(Node.of("IsNaN", List.of(input), List.of(missing)).withName(missing));
    builder.append(
        Node.of("Where", List.of(missing, constant, input), List.of(filled)).withName(filled));
    return PrependNormalization.reading(model, builder, input, filled);
  }
}
