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

  /** Loss and metrics over all examples of a part that has some. */
  Scoring measure(Part examples) {
    EvaluationGraph graph = plan.graphs().evaluation();
    Scoring total = Scoring.heldOut(plan.metrics(), plan.measuredQuestion());
    Map<List<Column>, Binding> bindings = new HashMap<>();
    try (Batch batch = new Batch(examples.columns(), plan.measuringBatch(examples.size()));
        HostBuffer loss = HostBuffer.allocate(ElementType.FLOAT);
        HostBuffer weight = HostBuffer.allocate(ElementType.FLOAT);
        Predictions predictions =
            new Predictions(graph.model().graph(), graph.prediction(), graph.data(), batch);
        Cursor cursor = examples.inOrder()) {
      Readings readings = new Readings(loss, weight);
      while (batch.fill(cursor) > 0) {
        HostBuffer scores = predictions.of(batch);
        bindings
            .computeIfAbsent(
                batch.shape(), _ -> session.bind(inputs(batch), outputs(readings, scores)))
            .run();
        total.add(
            new Scoring.Seen(scores.tensor(), batch.column(Part.TARGET).tensor(), batch.count()),
            new Scoring.Loss(loss.segment().get(FLOAT, 0), weight.segment().get(FLOAT, 0)));
      }
    } finally {
      bindings.values().forEach(Binding::close);
    }
    return total;
  }

  /** What the graph says of a batch as a whole, FLOAT [] each. */
  private record Readings(HostBuffer loss, HostBuffer weight) {}

  private Map<String, HostBuffer> inputs(Batch batch) {
    EvaluationGraph graph = plan.graphs().evaluation();
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    graph.state().forEach(name -> inputs.put(name, stepper.measured(name)));
    inputs.putAll(batch.inputs(graph.data()));
    return inputs;
  }

  private Map<String, HostBuffer> outputs(Readings readings, HostBuffer scores) {
    Map<String, HostBuffer> outputs = new LinkedHashMap<>();
    outputs.put(TrainingGraphs.LOSS, readings.loss());
    outputs.put(TrainingGraphs.TOTAL_WEIGHT, readings.weight());
    outputs.put(plan.graphs().evaluation().prediction(), scores);
    return outputs;
  }

  @Override
  public void close() {
    session.close();
  }
}
