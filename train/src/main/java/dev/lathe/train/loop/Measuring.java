package dev.lathe.train.loop;

import dev.lathe.ir.ElementType;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import dev.lathe.train.metric.Scoring;
import dev.lathe.transform.EvaluationGraph;
import dev.lathe.transform.TrainingGraphs;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the stepper's weights on examples, by the evaluation graph. */
final class Measuring implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Plan plan;
  private final Stepper stepper;
  private final Session session;

  Measuring(Plan plan, Stepper stepper, int threads) {
    this.plan = plan;
    this.stepper = stepper;
    this.session =
        Session.open(plan.graphs().evaluation().model(), SessionOptions.training(threads));
  }

  /**
   * What was measured.
   *
   * @param own loss and metrics of the recipe's own objective
   * @param further metrics of further objectives by output
   */
  record Measured(Scoring own, Map<String, Scoring> further) {}

  /** Loss and metrics over all examples of a part that has some. */
  Measured measure(Part examples) {
    EvaluationGraph graph = plan.graphs().evaluation();
    Measured measured = nothing();
    Map<List<Column>, Binding> bindings = new HashMap<>();
    List<Predictions> predictions = new ArrayList<>();
    try (Batch batch = new Batch(examples.columns(), plan.measuringBatch(examples.size()));
        HostBuffer loss = HostBuffer.allocate(ElementType.FLOAT);
        HostBuffer weight = HostBuffer.allocate(ElementType.FLOAT);
        Cursor cursor = examples.inOrder()) {
      for (String output : graph.predictions()) {
        predictions.add(new Predictions(graph.model().graph(), output, graph.data(), batch));
      }
      Map<String, HostBuffer> readings =
          Map.of(TrainingGraphs.LOSS, loss, TrainingGraphs.TOTAL_WEIGHT, weight);
      while (batch.fill(cursor) > 0) {
        List<HostBuffer> scores = predictions.stream().map(each -> each.of(batch)).toList();
        bindings
            .computeIfAbsent(
                batch.shape(), _ -> session.bind(inputs(batch), outputs(readings, scores)))
            .run();
        Scoring.Loss mean =
            new Scoring.Loss(loss.segment().get(FLOAT, 0), weight.segment().get(FLOAT, 0));
        measured.own().add(seen(scores.getFirst(), batch, Part.TARGET), mean);
        addFurther(measured, scores, batch);
      }
    } finally {
      bindings.values().forEach(Binding::close);
      predictions.forEach(Predictions::close);
    }
    return measured;
  }

  private Measured nothing() {
    Map<String, Scoring> further = new LinkedHashMap<>();
    for (Wiring.Head head : plan.wiring().heads()) {
      further.put(head.recipe().output(), head.scoring());
    }
    return new Measured(Scoring.heldOut(plan.metrics(), plan.measuredQuestion()), further);
  }

  private void addFurther(Measured measured, List<HostBuffer> scores, Batch batch) {
    List<Wiring.Head> heads = plan.wiring().heads();
    List<Scoring> scorings = List.copyOf(measured.further().values());
    for (int i = 0; i < scorings.size(); i++) {
      Scoring.Seen seen = seen(scores.get(i + 1), batch, heads.get(i).target().name());
      scorings.get(i).add(seen, new Scoring.Loss(0, 0));
    }
  }

  private static Scoring.Seen seen(HostBuffer scores, Batch batch, String target) {
    return new Scoring.Seen(scores.tensor(), batch.column(target).tensor(), batch.count());
  }

  private Map<String, HostBuffer> inputs(Batch batch) {
    EvaluationGraph graph = plan.graphs().evaluation();
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    graph.state().forEach(name -> inputs.put(name, stepper.measured(name)));
    inputs.putAll(batch.inputs(graph.data()));
    return inputs;
  }

  private Map<String, HostBuffer> outputs(
      Map<String, HostBuffer> readings, List<HostBuffer> scores) {
    Map<String, HostBuffer> outputs = new LinkedHashMap<>(readings);
    for (int i = 0; i < scores.size(); i++) {
      outputs.put(plan.graphs().evaluation().predictions().get(i), scores.get(i));
    }
    return outputs;
  }

  @Override
  public void close() {
    session.close();
  }
}
