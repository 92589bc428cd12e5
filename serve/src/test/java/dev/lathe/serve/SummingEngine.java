package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.StopSignal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model with state: y = x + before, after = y, all [N, 1]; "seen" is [N, 3] with the controls
 * start and end and the sequence's number.
 */
final class SummingEngine implements Engine {
  final List<Long> batches = Collections.synchronizedList(new ArrayList<>());

  final AtomicInteger closed = new AtomicInteger();

  private static ValueInfo column(String name, ElementType type) {
    return ValueInfo.tensor(name, type, Shape.of(List.of(Dim.of("N"), Dim.of(1))));
  }

  @Override
  public List<ValueInfo> inputs() {
    return List.of(
        column("x", ElementType.FLOAT),
        column("before", ElementType.FLOAT),
        column("start", ElementType.INT32),
        column("end", ElementType.BOOL),
        column("id", ElementType.INT64));
  }

  @Override
  public List<ValueInfo> outputs() {
    return List.of(
        column("y", ElementType.FLOAT),
        column("after", ElementType.FLOAT),
        ValueInfo.tensor("seen", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(3)))));
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop) {
    Tensor x = inputs.get("x");
    int rows = (int) x.dim(0);
    batches.add((long) rows);
    float[] sums = new float[rows];
    float[] seen = new float[3 * rows];
    for (int i = 0; i < rows; i++) {
      sums[i] = (float) (x.doubleAt(i) + inputs.get("before").doubleAt(i));
      seen[3 * i] = (float) inputs.get("start").doubleAt(i);
      seen[3 * i + 1] = (float) inputs.get("end").doubleAt(i);
      seen[3 * i + 2] = (float) inputs.get("id").doubleAt(i);
    }
    Tensor y = Tensor.ofFloats(sums, rows, 1);
    Map<String, Tensor> all =
        new HashMap<>(Map.of("y", y, "after", y, "seen", Tensor.ofFloats(seen, rows, 3)));
    if (!outputs.isEmpty()) {
      all.keySet().retainAll(outputs);
    }
    return all;
  }

  @Override
  public long weightBytes() {
    return 0;
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }
}
