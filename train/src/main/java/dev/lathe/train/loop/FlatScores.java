package dev.lathe.train.loop;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.transform.InferShapes;
import dev.lathe.transform.InlineFunctions;
import dev.lathe.transform.TypedModel;
import dev.lathe.transform.UpgradeOpset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Scores of somebody's model as a loss takes them: one row for each place of each example. Models
 * that were exported together with their loss often give the rows of all examples at once, [N·T, K]
 * for targets [N, T].
 */
final class FlatScores {
  private final Path file;
  private final Model model;
  private final TypedModel typed;

  /**
   * Looks at a model.
   *
   * @param file where it is from
   * @param model the model; its scores are among its outputs
   */
  FlatScores(Path file, Model model) {
    this.file = file;
    this.model = model;
    this.typed = InferShapes.apply(InlineFunctions.apply(UpgradeOpset.apply(model)));
  }

  /**
   * Lays scores out by example and place.
   *
   * @param builder a builder of the model's graph; scores that lie flat get nodes and an output
   * @param prediction the scores
   * @param target the targets that they are compared with
   * @return the name of scores of rank 2 + the number of places' axes
   * @throws LatheException UNSUPPORTED_MODEL if classes have other places than scores
   */
  String unfold(GraphBuilder builder, String prediction, Column target) {
    Shape scores = shape(prediction);
    int rank = target.dims().size() + 2;
    if (target.type() != ElementType.INT64 || !scores.ranked() || scores.rank() == rank) {
      return prediction;
    }
    ValueInfo input = model.graph().requiredInputs().getFirst();
    Shape places = input.tensorType().shape();
    boolean flat =
        scores.rank() == 2
            && rank == 3
            && scores.dim(1) instanceof Dim.Fixed
            && places.ranked()
            && places.rank() == 2
            && (target.dims().equals(List.of(1L)) || !scores.dim(0).equals(places.dim(0)));
    if (!flat) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "base "
              + file
              + ": scores \""
              + prediction
              + "\" "
              + scores
              + " for input \""
              + input.name()
              + "\" "
              + places
              + " (expected: rank "
              + rank
              + ", as targets are [N"
              + String.join("", target.dims().stream().map(size -> ", " + size).toList())
              + "])");
    }
    String sizes = builder.add("Shape", input.name());
    Tensor classes = Tensor.ofLongs(new long[] {scores.dim(1).sizeOrMinusOne()}, 1);
    String all =
        builder.add(
            "Concat",
            Map.of("axis", Attribute.of(0L)),
            sizes,
            builder.initializer("classes", classes));
    String unfolded = builder.add("Reshape", prediction, all);
    Shape shape = Shape.of(List.of(places.dim(0), places.dim(1), scores.dim(1)));
    return builder.output(unfolded, ElementType.FLOAT, shape);
  }

  private Shape shape(String value) {
    return ValueInfo.of(value, typed.type(value)).tensorType().shape();
  }
}
