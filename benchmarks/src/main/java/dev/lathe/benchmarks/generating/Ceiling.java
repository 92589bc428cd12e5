package dev.lathe.benchmarks.generating;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * What one core of the machine can do: bytes read from memory, and products of bytes summed in the
 * engine's largest kernel, which uses AMX where there is some.
 *
 * @param bytesPerSecond read from memory
 * @param operationsPerSecond multiplications and additions of bytes
 */
record Ceiling(double bytesPerSecond, double operationsPerSecond) {
  private static final int TRIES = 5;

  static Ceiling measure(int edge, long bytes) {
    return new Ceiling(read(bytes), multiply(edge));
  }

  /** Comparing equal memory reads all of both parts. */
  private static double read(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(bytes, 64).fill((byte) 1);
      MemorySegment other = arena.allocate(bytes, 64).fill((byte) 1);
      double best = 0;
      for (int i = 0; i < TRIES; i++) {
        long start = System.nanoTime();
        if (one.mismatch(other) != -1) {
          throw new IllegalStateException("equal memory differs");
        }
        best = Math.max(best, 2e9 * bytes / (System.nanoTime() - start));
      }
      return best;
    }
  }

  private static double multiply(int edge) {
    GraphBuilder graph = new GraphBuilder("ceiling");
    String a = graph.input("a", ElementType.UINT8, Shape.of(edge, edge));
    String b = graph.initializer("b", Tensor.zeros(ElementType.INT8, edge, edge));
    String c =
        graph.output(graph.add("MatMulInteger", a, b), ElementType.INT32, Shape.of(edge, edge));
    try (Session session = Session.open(Model.of(graph.build()), SessionOptions.training(1));
        HostBuffer left = HostBuffer.allocate(ElementType.UINT8, edge, edge);
        HostBuffer product = HostBuffer.allocate(ElementType.INT32, edge, edge);
        Binding binding = session.bind(Map.of(a, left), Map.of(c, product))) {
      double best = 0;
      for (int i = 0; i < TRIES; i++) {
        long start = System.nanoTime();
        binding.run();
        best = Math.max(best, 2e9 * edge * edge * edge / (System.nanoTime() - start));
      }
      return best;
    }
  }
}
