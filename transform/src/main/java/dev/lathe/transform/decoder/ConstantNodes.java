package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Optional;

/** The values of Constant nodes. */
final class ConstantNodes {
  private ConstantNodes() {}

  static Optional<Tensor> value(Node node) {
    if (!node.qualifiedOp().equals("Constant")) {
      return Optional.empty();
    }
    for (Attribute attribute : node.attributes().values()) {
      switch (attribute) {
        case Attribute.OfTensor(Tensor value) -> {
          return Optional.of(value);
        }
        case Attribute.OfInt(long value) -> {
          return Optional.of(Tensor.scalar(value));
        }
        case Attribute.OfFloat(float value) -> {
          return Optional.of(Tensor.scalar(value));
        }
        case Attribute.OfInts(List<Long> values) -> {
          long[] all = values.stream().mapToLong(Long::longValue).toArray();
          return Optional.of(Tensor.ofLongs(all, all.length));
        }
        case Attribute _ -> {
          continue;
        }
      }
    }
    return Optional.empty();
  }
}
