package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.StopSignal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whatever runs a loaded model. Runs may overlap. */
interface Engine extends AutoCloseable {
  List<ValueInfo> inputs();

  List<ValueInfo> outputs();

  /** Computes the named outputs; all of them if none is named. Ends early once it is stopped. */
  Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop);

  /** Bytes of the model's constants. */
  long weightBytes();

  @Override
  void close();
}
