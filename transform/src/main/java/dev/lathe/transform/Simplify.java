package dev.lathe.transform;

import dev.lathe.ir.Model;
import dev.lathe.transform.rewrite.MergeReshapes;
import dev.lathe.transform.rewrite.MergeTransposes;
import dev.lathe.transform.rewrite.RemoveIdentity;
import dev.lathe.transform.rewrite.RemoveIdleLayout;
import dev.lathe.transform.rewrite.Rewriter;
import java.util.List;

/** Takes out of a model what does nothing, by small rules that keep its results bit for bit. */
public final class Simplify {
  private static final Rewriter REWRITER =
      new Rewriter(
          List.of(
              new RemoveIdentity(),
              new RemoveIdleLayout(),
              new MergeTransposes(),
              new MergeReshapes()));

  private Simplify() {}

  /**
   * Simplifies.
   *
   * @param model the model
   * @return a model with the same inputs and outputs, or the same object if nothing changes
   * @throws dev.lathe.ir.LatheException SHAPE_MISMATCH if the graph contradicts itself
   */
  public static Model apply(Model model) {
    return REWRITER.apply(model);
  }
}
