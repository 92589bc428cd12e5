package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.StopSignal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/** Whatever runs a loaded model. Runs may overlap. */
interface Engine extends AutoCloseable {
  List<ValueInfo> inputs();

  List<ValueInfo> outputs();

  /** Computes the named outputs; all of them if none is named. Ends early once it is stopped. */
  Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop);

  /** Whether it is in memory; one that is not is opened by its first run. */
  default boolean isOpen() {
    return true;
  }

  /** Who hears, once, how many bytes it takes that it did not take before it was opened. */
  default void onGrown(LongConsumer listener) {}

  /** Bytes of the model's constants, as far as they are in memory. */
  long weightBytes();

  @Override
  void close();
}
