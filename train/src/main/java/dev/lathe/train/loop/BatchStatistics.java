package dev.lathe.train.loop;

import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueType;
import dev.lathe.train.TrainError;
import dev.lathe.transform.InferShapes;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.TypedModel;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a network in training takes from a batch as a whole: the means and variances by which batch
 * normalization normalizes.
 *
 * @param model the network
 * @param names the running statistics that training changes
 */
record BatchStatistics(Model model, Set<String> names) {
  static BatchStatistics of(Plan plan) {
    Set<String> names =
        plan.graphs().step().slots().stream()
            .filter(slot -> slot.kind() == StateSlot.Kind.STATISTIC)
            .map(StateSlot::input)
            .collect(Collectors.toUnmodifiableSet());
    return new BatchStatistics(plan.network().model(), names);
  }

  /**
   * Refuses batches in which a channel has one value: that has no variance.
   *
   * @param examples different examples in a batch
   * @throws LatheException BAD_RECIPE, naming the node
   */
  void require(int examples) {
    if (examples > 1 || names.isEmpty()) {
      return;
    }
    TypedModel typed = InferShapes.apply(model);
    for (Node node : model.graph().nodes()) {
      if (names.contains(node.input(3))
          && typed.type(node.input(0)) instanceof ValueType.TensorType(var _, Shape shape)
          && hasOneElement(shape)) {
        throw new LatheException(
            TrainError.BAD_RECIPE,
            "batch: 1 example gives "
                + node.describe()
                + " 1 value per channel of "
                + shape
                + " (expected: more than 1, which have a variance)");
      }
    }
  }

  /** Whether a channel of an example of [N, C, ...] is one element. */
  private static boolean hasOneElement(Shape shape) {
    return shape.ranked() && shape.dims().stream().skip(2).allMatch(Dim.of(1)::equals);
  }
}
