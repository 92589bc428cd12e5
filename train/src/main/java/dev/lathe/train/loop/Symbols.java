package dev.lathe.train.loop;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.train.TrainError;
import java.util.HashMap;
import java.util.Map;

/** What the named sizes of a graph are when its inputs are bound to buffers. */
final class Symbols {
  private Symbols() {}

  /**
   * The shape of an output.
   *
   * @param graph the graph
   * @param output one of its outputs
   * @param inputs buffers by input; not all are needed
   * @return the output's sizes
   * @throws LatheException UNSUPPORTED_MODEL if a size follows from no input's
   */
  static long[] dims(Graph graph, String output, Map<String, HostBuffer> inputs) {
    Map<Dim, Long> known = new HashMap<>();
    inputs.forEach(
        (name, buffer) -> {
          Shape shape = graph.input(name).orElseThrow().tensorType().shape();
          long[] sizes = buffer.tensor().dims();
          for (int axis = 0; shape.ranked() && axis < sizes.length; axis++) {
            known.putIfAbsent(shape.dim(axis), sizes[axis]);
          }
        });
    known.remove(Dim.UNKNOWN);
    Shape shape = graph.output(output).orElseThrow().tensorType().shape();
    return shape.dims().stream().mapToLong(dim -> size(dim, known, output, shape)).toArray();
  }

  private static long size(Dim dim, Map<Dim, Long> known, String output, Shape shape) {
    if (dim instanceof Dim.Fixed(long size)) {
      return size;
    }
    Long size = known.get(dim);
    if (size == null) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "output \"" + output + "\" " + shape + ": size " + dim + " follows from no input's");
    }
    return size;
  }
}
