package dev.lathe.benchmarks;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.ChannelBlocks;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.BlockChannels;
import dev.lathe.transform.CrossEntropy;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.StepGraph;
import dev.lathe.transform.TrainingGraphs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The bare step as the trainer runs it: two bindings whose state buffers swap each step. */
final class StepLoop implements AutoCloseable {
  /** What both bindings share: the batch and the scalars, the loss and the prediction. */
  private record Ends(Map<String, HostBuffer> fixed, Map<String, HostBuffer> results) {}

  private final Session session;
  private final Binding[] bindings = new Binding[2];
  private final List<HostBuffer> buffers = new ArrayList<>();
  private final Map<String, HostBuffer> scalars = new HashMap<>();
  private final Optimizer optimizer;
  private long step;

  StepLoop(Work work) {
    this.optimizer = work.rule();
    Model forward = work.subject().forward();
    Set<String> parameters =
        forward.graph().initializers().keySet().stream()
            .filter(Stack::isParameter)
            .collect(Collectors.toSet());
    Objective objective = new Objective(new CrossEntropy(), "y");
    StepGraph graph = TrainingGraphs.of(forward, objective, optimizer, parameters).step();
    Model blocked = BlockChannels.apply(graph.model(), ChannelBlocks.size());
    this.session = Session.open(blocked, SessionOptions.training(work.threads()));
    bind(graph, work);
  }

  private void bind(StepGraph graph, Work work) {
    Subject subject = work.subject();
    int rows = subject.rows(work.batch());
    Map<String, HostBuffer> fixed = new HashMap<>();
    fixed.put("x", keep(HostBuffer.of(subject.inputs(work.batch()))));
    fixed.put(TrainingGraphs.TARGET, keep(HostBuffer.of(subject.targets(work.batch()))));
    fixed.put(TrainingGraphs.WEIGHTS, keep(HostBuffer.of(ones(rows))));
    for (String scalar : graph.scalars()) {
      scalars.put(scalar, keep(HostBuffer.allocate(ElementType.FLOAT)));
    }
    fixed.putAll(scalars);
    Map<String, HostBuffer> results = new HashMap<>();
    for (ValueInfo output : session.outputs()) {
      if (graph.slots().stream().noneMatch(slot -> slot.output().equals(output.name()))) {
        long[] dims = output.tensorType().shape().sizes();
        for (int i = 0; i < dims.length; i++) {
          dims[i] = dims[i] == -1 ? rows : dims[i];
        }
        results.put(output.name(), keep(HostBuffer.allocate(output.tensorType().element(), dims)));
      }
    }
    List<HostBuffer> even = new ArrayList<>();
    List<HostBuffer> odd = new ArrayList<>();
    for (StateSlot slot : graph.slots()) {
      even.add(keep(HostBuffer.of(slot.initial())));
      odd.add(keep(HostBuffer.of(slot.initial())));
    }
    bindings[0] = binding(graph, new Ends(fixed, results), even, odd);
    bindings[1] = binding(graph, new Ends(fixed, results), odd, even);
  }

  private Binding binding(StepGraph graph, Ends ends, List<HostBuffer> from, List<HostBuffer> to) {
    Map<String, HostBuffer> inputs = new HashMap<>(ends.fixed());
    Map<String, HostBuffer> outputs = new HashMap<>(ends.results());
    for (int i = 0; i < graph.slots().size(); i++) {
      inputs.put(graph.slots().get(i).input(), from.get(i));
      outputs.put(graph.slots().get(i).output(), to.get(i));
    }
    return session.bind(inputs, outputs);
  }

  double millisPerStep(double seconds) {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long steps = 0;
    do {
      one();
      steps++;
    } while (System.nanoTime() < end);
    return (System.nanoTime() - start) / 1e6 / steps;
  }

  private void one() {
    step++;
    optimizer
        .scalars(step, 0.001)
        .forEach(
            (name, value) ->
                Elements.write(ElementType.FLOAT, scalars.get(name).segment(), 0, value));
    bindings[(int) (step & 1)].run();
  }

  private HostBuffer keep(HostBuffer buffer) {
    buffers.add(buffer);
    return buffer;
  }

  private static Tensor ones(int count) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, 1f);
    return Tensor.ofFloats(values, count);
  }

  @Override
  public void close() {
    bindings[0].close();
    bindings[1].close();
    buffers.forEach(HostBuffer::close);
    session.close();
  }
}
