package dev.lathe.train.loop;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.ChannelBlocks;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.data.Column;
import dev.lathe.transform.BlockChannels;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.StepGraph;
import dev.lathe.transform.TrainingGraphs;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Runs the step graph over two sets of state buffers. A step reads the front set and writes the
 * back set, then they swap: no value is copied, and none is read after it was overwritten.
 *
 * <p>Sums over batches and running statistics change with every batch, the rest of the state with
 * every step only, so that the two parts of the state swap apart.
 */
public final class Stepper implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final Set<StateSlot.Kind> BY_BATCH =
      EnumSet.of(StateSlot.Kind.ACCUMULATOR, StateSlot.Kind.STATISTIC);
  private static final Set<StateSlot.Kind> PASSING =
      EnumSet.of(StateSlot.Kind.ACCUMULATOR, StateSlot.Kind.OPTIMIZER);

  private final StepGraph graph;
  private final Program step;
  private final List<Program> programs = new ArrayList<>();
  private final Map<String, StateSlot> slots = new LinkedHashMap<>();
  private final List<Map<String, HostBuffer>> sets = new ArrayList<>();
  private final Map<String, HostBuffer> scalars = new LinkedHashMap<>();
  private final Map<String, HostBuffer> readings = new LinkedHashMap<>();
  private final Map<Batch, Predictions> predictions = new IdentityHashMap<>();
  private Fronts fronts = new Fronts(0, 0);

  /** Which set holds what changes with every batch, and what with every step. */
  private record Fronts(int byBatch, int byStep) {}

  /** What a graph is bound to: a batch, which is itself only, as filled, and the state's sets. */
  private record Use(Batch batch, List<Column> shape, Fronts fronts) {}

  /** A loaded graph, and its bindings to what was asked for so far. */
  private final class Program {
    private final StepGraph graph;
    private final Session session;
    private final Map<Use, Binding> bound = new HashMap<>();

    Program(StepGraph graph, int threads) {
      this.graph = graph;
      Model blocked = BlockChannels.apply(graph.model(), ChannelBlocks.size());
      this.session = Session.open(blocked, SessionOptions.training(threads));
      programs.add(this);
    }

    void run(Batch batch) {
      bound
          .computeIfAbsent(
              new Use(batch, batch.shape(), fronts),
              _ -> session.bind(inputs(batch), outputs(batch)))
          .run();
    }

    private Map<String, HostBuffer> inputs(Batch batch) {
      Map<String, HostBuffer> inputs = new LinkedHashMap<>();
      for (ValueInfo input : graph.model().graph().inputs()) {
        if (slots.containsKey(input.name())) {
          inputs.put(input.name(), live(input.name()));
        } else if (scalars.containsKey(input.name())) {
          inputs.put(input.name(), scalars.get(input.name()));
        }
      }
      inputs.putAll(batch.inputs(graph.data()));
      return inputs;
    }

    private Map<String, HostBuffer> outputs(Batch batch) {
      Map<String, HostBuffer> outputs = new LinkedHashMap<>();
      for (StateSlot slot : graph.slots()) {
        outputs.put(slot.output(), sets.get(1 - front(slot)).get(slot.input()));
      }
      outputs.put(TrainingGraphs.LOSS, readings.get(TrainingGraphs.LOSS));
      graph.readings().forEach(reading -> outputs.put(reading, readings.get(reading)));
      outputs.put(graph.prediction(), predictions(batch).of(batch));
      return outputs;
    }

    void close() {
      bound.values().forEach(Binding::close);
      session.close();
    }
  }

  /**
   * Loads a step graph; the state is as its slots begin.
   *
   * @param graph the step graph
   * @param threads threads inside an operator
   */
  Stepper(StepGraph graph, int threads) {
    this.graph = graph;
    this.step = new Program(graph, threads);
    for (String scalar : graph.scalars()) {
      scalars.put(scalar, HostBuffer.allocate(ElementType.FLOAT));
    }
    for (String counter : graph.counters()) {
      scalars.put(counter, HostBuffer.allocate(ElementType.INT64));
    }
    readings.put(TrainingGraphs.LOSS, HostBuffer.allocate(ElementType.FLOAT));
    for (String reading : graph.readings()) {
      readings.put(reading, HostBuffer.allocate(ElementType.FLOAT));
    }
    graph.slots().forEach(slot -> slots.put(slot.input(), slot));
    for (int set = 0; set < 2; set++) {
      Map<String, HostBuffer> buffers = new LinkedHashMap<>();
      graph.slots().forEach(slot -> buffers.put(slot.input(), HostBuffer.of(slot.initial())));
      sets.add(buffers);
    }
  }

  /**
   * Loads the graphs of a training.
   *
   * @param graphs the graphs
   * @param threads threads inside an operator
   */
  Stepper(TrainingGraphs graphs, int threads) {
    this(graphs.step(), threads);
    graphs.accumulation().ifPresent(accumulation -> new Program(accumulation, threads));
  }

  private int front(StateSlot slot) {
    return BY_BATCH.contains(slot.kind()) ? fronts.byBatch() : fronts.byStep();
  }

  private HostBuffer live(String slot) {
    return sets.get(front(slots.get(slot))).get(slot);
  }

  /** Says what the next step's random numbers depend on, if it draws any. */
  void count(long seed, long step) {
    if (!graph.counters().isEmpty()) {
      scalars.get(TrainingGraphs.SEED).segment().set(LONG, 0, seed);
      scalars.get(TrainingGraphs.STEP).segment().set(LONG, 0, step);
    }
  }

  /** Adds a batch to the sums that the next step takes; returns its loss. */
  float accumulate(Batch batch) {
    programs.getLast().run(batch);
    fronts = new Fronts(1 - fronts.byBatch(), fronts.byStep());
    return reading(TrainingGraphs.LOSS);
  }

  /** Makes one step over a batch; returns the loss before the update. */
  float step(Batch batch, Map<String, Float> values) {
    values.forEach((name, value) -> scalars.get(name).segment().set(FLOAT, 0, value));
    step.run(batch);
    fronts = new Fronts(1 - fronts.byBatch(), 1 - fronts.byStep());
    return reading(TrainingGraphs.LOSS);
  }

  /**
   * Takes the last step back, before another run: parameters, their averages and the optimizer's
   * state are as they were. Sums over batches still begin anew, and running statistics have seen
   * the batch.
   */
  void takeBack() {
    fronts = new Fronts(fronts.byBatch(), 1 - fronts.byStep());
  }

  /** What the last run of a graph says of itself. */
  float reading(String name) {
    return readings.get(name).segment().get(FLOAT, 0);
  }

  /** The norm of the last step's gradients, where it is known. */
  OptionalDouble norm() {
    return graph.readings().contains(TrainingGraphs.GRADIENT_NORM)
        ? OptionalDouble.of(reading(TrainingGraphs.GRADIENT_NORM))
        : OptionalDouble.empty();
  }

  /** The raw scores of a batch's last run. */
  Tensor scores(Batch batch) {
    return predictions(batch).of(batch).tensor();
  }

  private Predictions predictions(Batch batch) {
    return predictions.computeIfAbsent(
        batch,
        _ -> new Predictions(graph.model().graph(), graph.prediction(), graph.data(), batch));
  }

  /** What stands for a parameter or statistic when the network is measured: an average, if any. */
  HostBuffer measured(String name) {
    return graph.slots().stream()
        .filter(slot -> slot.kind() == StateSlot.Kind.AVERAGE && slot.parameter().equals(name))
        .map(slot -> live(slot.input()))
        .findFirst()
        .orElseGet(() -> live(name));
  }

  /** Views of the state by slot input; the step after the next overwrites them. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    slots.keySet().forEach(name -> state.put(name, live(name).tensor()));
    return state;
  }

  /** Copies of what the network itself needs: parameters, statistics, averages, by slot input. */
  Map<String, Tensor> weights() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (StateSlot slot : graph.slots()) {
      if (!PASSING.contains(slot.kind())) {
        Tensor live = live(slot.input()).tensor();
        Tensor copy = Tensor.zeros(live.type(), live.dims());
        copy.data().copyFrom(live.data());
        weights.put(slot.input(), copy);
      }
    }
    return weights;
  }

  /** Replaces some of the state. */
  void restore(Map<String, Tensor> state) {
    state.forEach((name, value) -> live(name).segment().copyFrom(value.data()));
  }

  /** Whether all of the state are finite numbers. */
  boolean isFinite() {
    for (String name : slots.keySet()) {
      Tensor value = live(name).tensor();
      for (long i = 0; value.type() == ElementType.FLOAT && i < value.size(); i++) {
        if (!Float.isFinite(value.data().get(FLOAT, i * 4))) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
    sets.forEach(set -> set.values().forEach(HostBuffer::close));
    scalars.values().forEach(HostBuffer::close);
    readings.values().forEach(HostBuffer::close);
    predictions.values().forEach(Predictions::close);
  }
}
