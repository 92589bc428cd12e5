package dev.lathe.transform;

import dev.lathe.ir.Model;

/** Works out the type of every value of a model. */
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
    throw new UnsupportedOperationException("not yet");
  }
}
