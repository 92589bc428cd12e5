package dev.lathe.train.loop;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.train.data.Column;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where a graph writes the raw scores of a batch, whatever shape the batch has. */
final class Predictions implements AutoCloseable {
  private final Graph graph;
  private final String output;
  private final List<String> data;
  private final HostBuffer memory;
  private final Map<List<Column>, HostBuffer> shapes = new HashMap<>();

  /**
   * Memory for the largest shape.
   *
   * @param graph the graph
   * @param output the output of raw scores, FLOAT
   * @param data the graph's data inputs
   * @param batch what it is predicted for
   */
  Predictions(Graph graph, String output, List<String> data, Batch batch) {
    this.graph = graph;
    this.output = output;
    this.data = data;
    this.memory =
        HostBuffer.allocate(
            ElementType.FLOAT, Symbols.dims(graph, output, batch.largestInputs(data)));
  }

  /** The buffer for a batch as it was filled last. */
  HostBuffer of(Batch batch) {
    return shapes.computeIfAbsent(
        batch.shape(), _ -> memory.beginning(Symbols.dims(graph, output, batch.inputs(data))));
  }

  @Override
  public void close() {
    shapes.values().forEach(HostBuffer::close);
    memory.close();
  }
}
