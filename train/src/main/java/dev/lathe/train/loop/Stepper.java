package dev.lathe.train.loop;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.StepGraph;
import dev.lathe.transform.TrainingGraphs;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the step graph over two sets of state buffers. A step reads the front set and writes the
 * back set, then they swap: no value is copied, and none is read after it was overwritten.
 */
public final class Stepper implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final StepGraph graph;
  private final Session session;
  private final List<Map<String, HostBuffer>> sets = new ArrayList<>();
  private final Map<Batch, Bound> bound = new IdentityHashMap<>();
  private final Map<String, HostBuffer> scalars = new LinkedHashMap<>();
  private final HostBuffer loss = HostBuffer.allocate(ElementType.FLOAT);
  private int front;

  /** A batch's buffers bound to both sets of state, and what its prediction is written to. */
  private record Bound(List<Binding> bySet, HostBuffer scores) {
    void close() {
      bySet.forEach(Binding::close);
      scores.close();
    }
  }

  /**
   * Loads the graph; the state is as its slots begin.
   *
   * @param graph the step graph
   * @param threads threads inside an operator
   */
  Stepper(StepGraph graph, int threads) {
    this.graph = graph;
    this.session = Session.open(graph.model(), SessionOptions.training(threads));
    for (String scalar : graph.scalars()) {
      scalars.put(scalar, HostBuffer.allocate(ElementType.FLOAT));
    }
    for (String counter : graph.counters()) {
      scalars.put(counter, HostBuffer.allocate(ElementType.INT64));
    }
    for (int set = 0; set < 2; set++) {
      Map<String, HostBuffer> buffers = new LinkedHashMap<>();
      graph.slots().forEach(slot -> buffers.put(slot.input(), HostBuffer.of(slot.initial())));
      sets.add(buffers);
    }
  }

  private Bound bind(Batch batch) {
    long[] dims =
        Symbols.dims(graph.model().graph(), graph.prediction(), batch.inputs(graph.data()));
    HostBuffer scores = HostBuffer.allocate(ElementType.FLOAT, dims);
    return new Bound(
        List.of(
            session.bind(inputs(0, batch), outputs(1, scores)),
            session.bind(inputs(1, batch), outputs(0, scores))),
        scores);
  }

  private Map<String, HostBuffer> inputs(int set, Batch batch) {
    Map<String, HostBuffer> inputs = new LinkedHashMap<>(sets.get(set));
    inputs.putAll(scalars);
    inputs.putAll(batch.inputs(graph.data()));
    return inputs;
  }

  private Map<String, HostBuffer> outputs(int set, HostBuffer scores) {
    Map<String, HostBuffer> outputs = new LinkedHashMap<>();
    for (StateSlot slot : graph.slots()) {
      outputs.put(slot.output(), sets.get(set).get(slot.input()));
    }
    outputs.put(TrainingGraphs.LOSS, loss);
    outputs.put(graph.prediction(), scores);
    return outputs;
  }

  /** Says what the next step's random numbers depend on, if it draws any. */
  void count(long seed, long step) {
    if (!graph.counters().isEmpty()) {
      scalars.get(TrainingGraphs.SEED).segment().set(LONG, 0, seed);
      scalars.get(TrainingGraphs.STEP).segment().set(LONG, 0, step);
    }
  }

  /** Makes one step over a batch; returns the loss before the update. */
  float step(Batch batch, Map<String, Float> values) {
    values.forEach((name, value) -> scalars.get(name).segment().set(FLOAT, 0, value));
    bound.computeIfAbsent(batch, this::bind).bySet().get(front).run();
    front = 1 - front;
    return loss.segment().get(FLOAT, 0);
  }

  /** The raw scores of a batch's last step. */
  Tensor scores(Batch batch) {
    return bound.get(batch).scores().tensor();
  }

  /** Which of the two sets holds the state. */
  int front() {
    return front;
  }

  /** The buffers of a set by slot input. */
  Map<String, HostBuffer> set(int set) {
    return sets.get(set);
  }

  /** Views of the state by slot input; the step after the next overwrites them. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    sets.get(front).forEach((name, buffer) -> state.put(name, buffer.tensor()));
    return state;
  }

  /** Copies of what the network itself needs: parameters and statistics, by slot input. */
  Map<String, Tensor> weights() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (StateSlot slot : graph.slots()) {
      if (slot.kind() != StateSlot.Kind.OPTIMIZER) {
        Tensor live = sets.get(front).get(slot.input()).tensor();
        Tensor copy = Tensor.zeros(live.type(), live.dims());
        copy.data().copyFrom(live.data());
        weights.put(slot.input(), copy);
      }
    }
    return weights;
  }

  /** Replaces some of the state. */
  void restore(Map<String, Tensor> state) {
    state.forEach((name, value) -> sets.get(front).get(name).segment().copyFrom(value.data()));
  }

  /** Whether all of the state are finite numbers. */
  boolean isFinite() {
    for (HostBuffer buffer : sets.get(front).values()) {
      Tensor value = buffer.tensor();
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
    bound.values().forEach(Bound::close);
    session.close();
    sets.forEach(set -> set.values().forEach(HostBuffer::close));
    scalars.values().forEach(HostBuffer::close);
    loss.close();
  }
}
