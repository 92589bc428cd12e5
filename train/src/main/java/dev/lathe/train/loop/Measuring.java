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
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

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
   * @param own loss of all objectives, and metrics of the recipe's own
   * @param further metrics of further objectives by name
   * @param terms the loss of each objective
   */
  record Measured(Scoring own, Map<String, Scoring> further, LossTerms terms) {}

  /** Loss and metrics over all examples of a part that has some. */
  Measured measure(Part examples) {
    EvaluationGraph graph = plan.graphs().evaluation();
    Measured measured = nothing();
    Map<List<Column>, Binding> bindings = new HashMap<>();
    List<Predictions> predictions = new ArrayList<>();
    Map<String, HostBuffer> readings = readings(measured.terms());
    try (Batch batch = new Batch(examples.columns(), plan.measuringBatch(examples.size()));
        Cursor cursor = examples.inOrder()) {
      for (String output : graph.predictions()) {
        predictions.add(new Predictions(graph.model().graph(), output, graph.data(), batch));
      }
      while (batch.fill(cursor) > 0) {
        List<HostBuffer> scores = predictions.stream().map(each -> each.of(batch)).toList();
        bindings
            .computeIfAbsent(
                batch.shape(), _ -> session.bind(inputs(batch), outputs(readings, scores)))
            .run();
        ToDoubleFunction<String> told = name -> readings.get(name).segment().get(FLOAT, 0);
        Scoring.Loss mean =
            new Scoring.Loss(
                told.applyAsDouble(TrainingGraphs.LOSS),
                told.applyAsDouble(TrainingGraphs.TOTAL_WEIGHT));
        measured.own().add(seen(scores.getFirst(), batch, Part.TARGET), mean);
        measured.terms().add(told);
        addFurther(measured, scores, batch);
      }
    } finally {
      bindings.values().forEach(Binding::close);
      predictions.forEach(Predictions::close);
      readings.values().forEach(HostBuffer::close);
    }
    return measured;
  }

  private static Map<String, HostBuffer> readings(LossTerms terms) {
    Map<String, HostBuffer> readings = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(TrainingGraphs.LOSS, TrainingGraphs.TOTAL_WEIGHT), terms.readings().stream())
        .forEach(name -> readings.put(name, HostBuffer.allocate(ElementType.FLOAT)));
    return readings;
  }

  private Measured nothing() {
    Map<String, Scoring> further = new LinkedHashMap<>();
    for (Wiring.Head head : plan.wiring().heads()) {
      further.put(head.recipe().name(), head.scoring());
    }
    return new Measured(
        Scoring.heldOut(plan.metrics(), plan.measuredQuestion()),
        further,
        new LossTerms(plan.recipe()));
  }

  private void addFurther(Measured measured, List<HostBuffer> scores, Batch batch) {
    List<Wiring.Head> heads = plan.wiring().heads();
    List<Scoring> scorings = List.copyOf(measured.further().values());
    List<String> outputs = plan.graphs().evaluation().predictions();
    for (int i = 0; i < scorings.size(); i++) {
      int output = outputs.indexOf(plan.network().predictions().get(i + 1));
      Scoring.Seen seen = seen(scores.get(output), batch, heads.get(i).target().name());
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
