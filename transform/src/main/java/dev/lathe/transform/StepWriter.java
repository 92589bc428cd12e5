package dev.lathe.transform;

import static java.util.stream.Collectors.toSet;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.gradient.Backward;
import dev.lathe.transform.gradient.Draft;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes forward, loss and gradients once, for one graph; then what becomes of the gradients. */
final class StepWriter {
  private final TrainingForm form;
  private final Draft draft;
  private final LossNodes losses;
  private final List<String> counters;
  private final Backward backward;
  private final Recomputation recomputation;
  private final Set<String> forward;

  StepWriter(TrainingForm form, Recomputation recomputation) {
    this.form = form;
    this.recomputation = recomputation;
    Model trained = form.trained();
    List<Node> nodes = new ArrayList<>(trained.graph().nodes());
    draft = Draft.of(trained);
    counters = TrainedDropout.counters(nodes);
    counters.forEach(counter -> draft.input(counter, ElementType.INT64, Shape.SCALAR));
    losses = form.losses(draft);
    nodes.addAll(losses.nodes());
    Set<String> sums = losses.nodes().stream().map(node -> node.output(0)).collect(toSet());
    backward = Backward.forward(draft, nodes, sums, form.parameters().keySet());
    losses.finish();
    forward = draft.values();
  }

  private Map<String, String> gradients(Map<String, String> seeds) {
    return backward.gradients(seeds, form.parameters().keySet());
  }

  /** Updates the parameters by this batch, or by the sums of several and this one. */
  StepGraph step(TrainingOptions options) {
    OptimizerParts updates = new OptimizerParts(draft, options);
    Accumulators sums = new Accumulators(draft);
    Map<String, String> gradients =
        switch (options.batches()) {
          case ONE -> gradients(losses.seeds());
          case SEVERAL -> sums.take(gradients(losses.sumSeeds()), losses.commonTotal());
        };
    updates.update(gradients, form.parameters());
    List<StateSlot> slots = new ArrayList<>(updates.slots());
    slots.addAll(sums.slots());
    List<String> readings = losses.readings();
    readings.addAll(updates.readings());
    return graph(slots, updates.scalars(), readings);
  }

  /** Adds the gradients of this batch to the sums. */
  StepGraph accumulation() {
    Accumulators sums = new Accumulators(draft);
    sums.add(gradients(losses.sumSeeds()), losses.commonTotal());
    return graph(sums.slots(), List.of(), losses.readings());
  }

  private StepGraph graph(List<StateSlot> own, List<String> scalars, List<String> readings) {
    List<StateSlot> slots = new ArrayList<>(own);
    slots.addAll(form.statisticSlots());
    List<String> outputs = new ArrayList<>(List.of(TrainingGraphs.LOSS));
    outputs.addAll(readings);
    outputs.addAll(form.predictions());
    slots.forEach(slot -> outputs.add(slot.output()));
    Set<String> data = new HashSet<>(form.data());
    data.addAll(losses.targets());
    Recompute.Parts parts = new Recompute.Parts(forward, data, draft::fact);
    Model built = RemoveDeadNodes.apply(draft.build(outputs));
    return new StepGraph(
        Recompute.apply(built, recomputation, parts),
        form.data(),
        losses.targets(),
        form.predictions(),
        slots,
        scalars,
        counters,
        readings);
  }
}
