package dev.lathe.generate.deploy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.Cpu;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Chooses the form of a decoder's weights by trying each on this machine: projections as large as
 * the decoder's, a few of them so that they do not stay in the processor's caches, for as many rows
 * as texts that grow and for as many as a part of a prompt.
 */
public final class FormChoice {
  private static final int PROMPT_ROWS = 128;
  private static final int TRIES = 5;

  /** Weights of all projections tried together: beyond the caches of most processors. */
  private static final long WEIGHTS = 24L << 20;

  /** A form with larger errors must be quicker by this to be worth it. */
  private static final double WORTH = 0.95;

  private FormChoice() {}

  /**
   * What a form takes for a token of some load.
   *
   * @param form the form
   * @param nanos time for one token of the projections tried
   */
  public record Tried(WeightForm form, double nanos) {}

  /**
   * The quickest form; of nearly equal ones that with the smaller error.
   *
   * @param model the decoder in cached form, its weights FLOAT
   * @param load what it is expected to do
   * @param threads threads that compute
   * @return the form
   */
  public static WeightForm choose(Model model, Load load, int threads) {
    Tried best = null;
    for (Tried tried : measure(model, load, threads)) {
      if (best == null || tried.nanos() < WORTH * best.nanos()) {
        best = tried;
      }
    }
    return best == null ? WeightForm.FLOAT32 : best.form();
  }

  /**
   * Tries every form that this machine computes rightly.
   *
   * @param model the decoder in cached form, its weights FLOAT
   * @param load what it is expected to do
   * @param threads threads that compute
   * @return what each takes, forms with smaller errors first
   */
  public static List<Tried> measure(Model model, Load load, int threads) {
    Sides sides = largest(model);
    List<WeightForm> forms =
        new ArrayList<>(
            List.of(WeightForm.INT8, WeightForm.INT4_BLOCK32, WeightForm.INT4_BLOCK128));
    if (Cpu.current().multipliesBytesExactly()) {
      forms.add(1, WeightForm.W8A8);
    }
    List<Tried> all = new ArrayList<>();
    for (WeightForm form : forms) {
      Model trial = QuantizeWeights.apply(trial(sides), form, WeightMemory.offHeap());
      try (Session session = Session.open(trial, SessionOptions.training(threads))) {
        double grown = nanos(session, load.streams(), sides) / load.streams();
        double read = nanos(session, PROMPT_ROWS, sides) / PROMPT_ROWS;
        double part = load.promptShare();
        all.add(new Tried(form, grown * (1 - part) + read * part));
      }
    }
    return all;
  }

  /** Inputs and outputs of a projection. */
  private record Sides(int inputs, int outputs) {
    long weights() {
      return (long) inputs * outputs;
    }

    /** Fewer outputs of as many inputs take less for each, in proportion. */
    Sides bounded() {
      return new Sides(inputs, Math.clamp(WEIGHTS / inputs, 1, outputs));
    }
  }

  /** The shape of projections that holds most of the weights, among those before the head. */
  private static Sides largest(Model model) {
    Map<Sides, Long> weights = new LinkedHashMap<>();
    for (Node node : model.graph().nodes()) {
      Tensor matrix = model.graph().initializers().get(node.input(1));
      boolean product = node.op().equals("Gemm") || node.op().equals("MatMul");
      if (product && matrix != null && matrix.rank() == 2) {
        boolean turned = node.intAttribute("transB", 0) == 1;
        int first = Math.toIntExact(matrix.dim(0));
        int second = Math.toIntExact(matrix.dim(1));
        Sides sides = turned ? new Sides(second, first) : new Sides(first, second);
        weights.merge(sides, sides.weights(), Long::sum);
      }
    }
    return weights.entrySet().stream()
        .max(Comparator.comparingLong(Map.Entry::getValue))
        .map(Map.Entry::getKey)
        .map(Sides::bounded)
        .orElse(new Sides(1024, 1024));
  }

  /** x [M, K] by several weights, summed so that none is left out. */
  private static Model trial(Sides sides) {
    GraphBuilder graph = new GraphBuilder("trial");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(sides.inputs()));
    long copies = Math.clamp(WEIGHTS / sides.weights(), 1, 32);
    String sum = "";
    for (int i = 0; i < copies; i++) {
      String weight = graph.initializer("w" + i, random(i, sides));
      String y = graph.add("Gemm", Map.of("transB", Attribute.of(1L)), x, weight);
      // The last operator keeps projections from being taken for a head.
      String relu = graph.add("Relu", y);
      sum = sum.isEmpty() ? relu : graph.add("Add", sum, relu);
    }
    graph.output(sum, ElementType.FLOAT, Shape.batchOf(sides.outputs()));
    return Model.of(graph.build());
  }

  private static Tensor random(long seed, Sides sides) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(sides.weights())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return Tensor.ofFloats(values, sides.outputs(), sides.inputs());
  }

  private static double nanos(Session session, int rows, Sides sides) {
    try (HostBuffer x = HostBuffer.allocate(ElementType.FLOAT, rows, sides.inputs());
        HostBuffer y = HostBuffer.allocate(ElementType.FLOAT, rows, sides.outputs());
        Binding binding =
            session.bind(
                Map.of(session.inputs().getFirst().name(), x),
                Map.of(session.outputs().getFirst().name(), y))) {
      binding.run();
      long best = Long.MAX_VALUE;
      for (int i = 0; i < TRIES; i++) {
        long start = System.nanoTime();
        binding.run();
        best = Math.min(best, System.nanoTime() - start);
      }
      return best;
    }
  }
}
