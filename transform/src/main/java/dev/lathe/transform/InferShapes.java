package dev.lathe.transform;

import dev.lathe.ir.Model;
import dev.lathe.transform.shape.Inference;

/**
 * Works out the type of every value of a model, with symbolic sizes: a batch axis N stays N, and
 * the arithmetic that exporters do on shapes is followed. An operator that is not known leaves its
 * outputs as the model declares them.
 */
public final class InferShapes {
  private InferShapes() {}

  /**
   * Infers.
   *
   * @param model a model with typed inputs
   * @return the model with its types
   * @throws dev.lathe.ir.LatheException SHAPE_MISMATCH naming node, found and expected if the graph
   *     contradicts itself
   */
  public static TypedModel apply(Model model) {
    Inference inference = Inference.start(model);
    model.graph().nodes().forEach(inference::add);
    return new TypedModel(model, inference.types());
  }
}
