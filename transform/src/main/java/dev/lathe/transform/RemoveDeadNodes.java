package dev.lathe.transform;

import dev.lathe.ir.Model;

/** Removes nodes and initializers that no output depends on. */
public final class RemoveDeadNodes {
  private RemoveDeadNodes() {}

  /**
   * Removes.
   *
   * @param model the model
   * @return a model with the same inputs and outputs, or the same object if nothing is dead
   */
  public static Model apply(Model model) {
    throw new UnsupportedOperationException("not yet");
  }
}
