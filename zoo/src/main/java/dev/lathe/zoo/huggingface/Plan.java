package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Model;

/** What a config says, understood: a model that lacks only its weights. */
interface Plan {
  /**
   * Draws the graph; asks for every weight that it needs.
   *
   * @param weights the tensors of the checkpoint
   * @return the model in plain form
   */
  Model build(Weights weights);
}
