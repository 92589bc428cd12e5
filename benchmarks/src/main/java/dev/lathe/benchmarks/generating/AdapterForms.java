package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.Report;
import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.AdapterSlots;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Two ways to add adapters to a projection, each row with its own: its matrices gathered and
 * multiplied alone, or all adapters side by side in two products with zeros where a row has none.
 */
public final class AdapterForms {
  private static final int TRIES = 30;
  private static final int PLACES = 9;
  private static final int[][] SIDES = {{64, 64}, {576, 1536}, {2048, 2048}};

  private AdapterForms() {}

  /** How large: inputs, outputs, rank; rows, of how many texts. */
  private record Case(int inputs, int outputs, int rank, int rows, int texts) {}

  /**
   * Measures.
   *
   * @return the report
   */
  public static Report run() {
    Report report =
        new Report(
            "Adapters beside a projection",
            "A projection of FLOAT weights without adapters, and with 8 in memory: each row's"
                + " matrices gathered (AdapterSlots), or all adapters side by side, masked by row."
                + " Best of "
                + TRIES
                + " runs with one thread, microseconds. 8 rows are a step of 8 texts with"
                + " different adapters, 256 a part of one prompt. Reproduce: `benchmarks/run"
                + " adapters`.");
    report.header("inputs", "outputs", "rank", "rows", "without", "gathered", "side by side");
    for (int[] sides : SIDES) {
      for (int rank : new int[] {16, 64}) {
        for (int rows : new int[] {1, 8, 256}) {
          report.row(row(new Case(sides[0], sides[1], rank, rows, rows == 256 ? 1 : rows)));
        }
      }
    }
    return report;
  }

  private static String[] row(Case one) {
    return new String[] {
      "" + one.inputs(),
      "" + one.outputs(),
      "" + one.rank(),
      "" + one.rows(),
      shown(micros(plain(one), one)),
      shown(micros(gathered(one), one)),
      shown(micros(sideBySide(one), one))
    };
  }

  private static String shown(double micros) {
    return "%.1f".formatted(micros);
  }

  private static Shape rows(long width) {
    return Shape.of(List.of(Dim.of("M"), Dim.of(width)));
  }

  private static Model plain(Case one) {
    GraphBuilder graph = new GraphBuilder("projection");
    graph.output(product(graph, one), ElementType.FLOAT, rows(one.outputs()));
    return Model.of(graph.build()).withOpset("", 21).withIrVersion(10);
  }

  private static String product(GraphBuilder graph, Case one) {
    String x = graph.input("x", ElementType.FLOAT, rows(one.inputs()));
    String weight = graph.initializer("w", random(one.outputs(), one.inputs()));
    return graph.add("Gemm", Map.of("transB", Attribute.of(1L)), x, weight);
  }

  private static Model gathered(Case one) {
    Model plain = plain(one);
    String y = plain.graph().outputs().getFirst().name();
    AdapterSlots.Site site = new AdapterSlots.Site("w", "x", y, one.inputs(), one.outputs(), false);
    return AdapterSlots.insert(plain, List.of(site));
  }

  private static Model sideBySide(Case one) {
    GraphBuilder graph = new GraphBuilder("projection");
    String y = product(graph, one);
    long all = (long) PLACES * one.rank();
    String mask = graph.input("mask", ElementType.FLOAT, rows(all));
    String down = graph.input("down", ElementType.FLOAT, Shape.of(one.inputs(), all));
    String up = graph.input("up", ElementType.FLOAT, Shape.of(all, one.outputs()));
    String own = graph.add("Mul", graph.add("MatMul", "x", down), mask);
    String sum = graph.add("Add", y, graph.add("MatMul", own, up));
    graph.output(sum, ElementType.FLOAT, rows(one.outputs()));
    return Model.of(graph.build()).withOpset("", 21).withIrVersion(10);
  }

  private static double micros(Model model, Case one) {
    Map<String, HostBuffer> inputs = new HashMap<>();
    try (Session session = Session.open(model, SessionOptions.training(1));
        HostBuffer y = HostBuffer.allocate(ElementType.FLOAT, one.rows(), one.outputs())) {
      session.inputs().forEach(input -> inputs.put(input.name(), given(input.name(), one)));
      try (Binding binding = session.bind(inputs, Map.of(session.outputs().getFirst().name(), y))) {
        binding.run();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
          long start = System.nanoTime();
          binding.run();
          best = Math.min(best, System.nanoTime() - start);
        }
        return best / 1e3;
      }
    } finally {
      inputs.values().forEach(HostBuffer::close);
    }
  }

  private static HostBuffer given(String input, Case one) {
    int all = PLACES * one.rank();
    return HostBuffer.of(
        switch (input) {
          case "x" -> random(one.rows(), one.inputs());
          case "mask" -> mask(one.rows(), one);
          case "down" -> random(one.inputs(), all);
          case "up" -> random(all, one.outputs());
          case AdapterSlots.IDS -> ids(one.texts());
          default ->
              input.equals(AdapterSlots.down(0))
                  ? random(PLACES, one.inputs(), one.rank())
                  : random(PLACES, one.rank(), one.outputs());
        });
  }

  private static int place(int row) {
    return 1 + row % (PLACES - 1);
  }

  private static Tensor ids(int texts) {
    long[] ids = new long[texts];
    for (int i = 0; i < texts; i++) {
      ids[i] = place(i);
    }
    return Tensor.ofLongs(ids, texts);
  }

  private static Tensor mask(int rows, Case one) {
    int all = PLACES * one.rank();
    float[] mask = new float[rows * all];
    for (int row = 0; row < rows; row++) {
      int first = row * all + place(one.texts() == 1 ? 0 : row) * one.rank();
      Arrays.fill(mask, first, first + one.rank(), 1);
    }
    return Tensor.ofFloats(mask, rows, all);
  }

  private static Tensor random(long... dims) {
    SplittableRandom random = new SplittableRandom(dims[0]);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return Tensor.ofFloats(values, dims);
  }
}
