package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.runtime.StopSignal;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One run on zeros before a version answers its first request, so that the request does not pay for
 * it, and so that a version that cannot run at all never goes live.
 *
 * <p>Sizes that the signature leaves open are taken as 1. If other axes than the first are open, 1
 * may be a size that the model does not allow; then a failure is only noted.
 */
final class WarmUp {
  private static final System.Logger LOG = System.getLogger(WarmUp.class.getName());
  private static final long MOST_ELEMENTS = 1L << 28;

  private WarmUp() {}

  static void run(ModelVersion version, Engine engine) {
    Map<String, Tensor> inputs = new HashMap<>();
    boolean certain = true;
    for (ValueInfo input : engine.inputs()) {
      if (!(input.type() instanceof ValueType.TensorType type) || !type.shape().ranked()) {
        return;
      }
      List<Dim> dims = type.shape().dims();
      certain &= dims.stream().skip(1).allMatch(Dim::isFixed);
      long[] sizes = dims.stream().mapToLong(d -> Math.abs(d.sizeOrMinusOne())).toArray();
      if (Tensor.sizeOf(sizes) > MOST_ELEMENTS) {
        return;
      }
      inputs.put(input.name(), zeros(type.element(), sizes));
    }
    try {
      engine.run(inputs, Set.of(), new StopSignal());
    } catch (LatheException e) {
      if (certain) {
        throw e;
      }
      LOG.log(Level.WARNING, version + ": a run on zeros of the smallest size failed", e);
    }
  }

  private static Tensor zeros(ElementType type, long[] sizes) {
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(Collections.nCopies((int) Tensor.sizeOf(sizes), ""), sizes);
    }
    return Tensor.zeros(type, sizes);
  }
}
