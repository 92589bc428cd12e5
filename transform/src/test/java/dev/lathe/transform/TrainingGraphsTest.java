package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.IrError;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Interpreter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrainingGraphsTest {
  private static final Set<String> BOTH = Set.of("fc.weight", "fc.bias");
  private static final double STEP = 1e-5;

  private final Random random = new Random(7);

  private Tensor floats(long... dims) {
    return Tensor.ofDoubles(random.doubles(Tensor.sizeOf(dims), -1, 1).toArray(), dims);
  }

  private Tensor rounded(long... dims) {
    return Tensor.ofValues(ElementType.FLOAT, floats(dims).toDoubles(), dims);
  }

  private Model linear(long inputs, long outputs) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("fc.weight", rounded(outputs, inputs));
    parameters.put("fc.bias", rounded(outputs));
    return new Layers(parameters, inputs).linear("fc.").model(outputs);
  }

  private static TrainingGraphs graphs(Model forward, Loss loss, Optimizer optimizer) {
    return TrainingGraphs.of(forward, new Objective(loss, "y"), optimizer, BOTH);
  }

  private static Map<String, Tensor> inputs(StepGraph step, Map<String, Tensor> given) {
    Map<String, Tensor> inputs = new HashMap<>(given);
    step.slots().forEach(slot -> inputs.putIfAbsent(slot.input(), slot.initial()));
    return inputs;
  }

  private static Tensor weights(double... values) {
    return Tensor.ofDoubles(values, values.length);
  }

  /** The gradient of the weighted loss, read off a step of plain descent, by differences. */
  private void requireGradient(Loss loss, long classes, Tensor target) {
    TrainingGraphs graphs = graphs(linear(5, classes), loss, Sgd.plain());
    Map<String, Tensor> data = new HashMap<>();
    data.put("x", floats(3, 5));
    data.put("target", target);
    data.put("weights", weights(1, 0.5, 2));
    Map<String, Tensor> step = inputs(graphs.step(), data);
    step.put("learning_rate", Tensor.scalar(1f));
    Map<String, Tensor> outputs = Interpreter.run(graphs.step().model(), step);
    for (StateSlot slot : graphs.step().slots()) {
      data.put(slot.input(), slot.initial());
    }
    for (StateSlot slot : graphs.step().slots()) {
      for (int i = 0; i < slot.initial().size(); i++) {
        double expected =
            (evaluated(graphs, data, slot, i, STEP) - evaluated(graphs, data, slot, i, -STEP))
                / (2 * STEP);
        double found = slot.initial().doubleAt(i) - outputs.get(slot.output()).doubleAt(i);
        assertThat(found).as(slot.parameter() + i).isCloseTo(expected, within(1e-7));
      }
    }
    assertThat(outputs.get("loss").doubleAt(0))
        .isEqualTo(Interpreter.run(graphs.evaluation().model(), data).get("loss").doubleAt(0));
  }

  private static double evaluated(
      TrainingGraphs graphs, Map<String, Tensor> data, StateSlot slot, int at, double step) {
    double[] moved = slot.initial().toDoubles();
    moved[at] += step;
    Map<String, Tensor> there = new HashMap<>(data);
    there.put(slot.input(), Tensor.ofDoubles(moved, slot.initial().dims()));
    return Interpreter.run(graphs.evaluation().model(), there).get("loss").doubleAt(0);
  }

  @Test
  void meanSquaredError_weighted_hasItsGradient() {
    requireGradient(new MeanSquaredError(), 2, floats(3, 2));
  }

  @Test
  void crossEntropy_weighted_hasItsGradient() {
    requireGradient(new CrossEntropy(), 4, Tensor.ofLongs(new long[] {3, 0, 1}, 3));
  }

  @Test
  void binaryCrossEntropy_weighted_hasItsGradient() {
    requireGradient(new BinaryCrossEntropy(), 1, Tensor.ofFloats(new float[] {1, 0, 0.25f}, 3, 1));
    requireGradient(
        new BinaryCrossEntropy(),
        3,
        Tensor.ofFloats(new float[] {1, 0, 1, 1, 0, 0, 0, 1, 1}, 3, 3));
  }

  @Test
  void binaryCrossEntropy_ofLargeScores_staysFinite() {
    TrainingGraphs graphs = graphs(linear(1, 1), new BinaryCrossEntropy(), Sgd.plain());
    Map<String, Tensor> data = new HashMap<>();
    data.put("x", Tensor.ofFloats(new float[] {1, 1}, 2, 1));
    data.put("target", Tensor.ofFloats(new float[] {1, 0}, 2, 1));
    data.put("weights", weights(1, 1));
    data.put("fc.weight", Tensor.ofFloats(new float[] {2000}, 1, 1));
    data.put("fc.bias", Tensor.ofFloats(new float[] {0}, 1));
    double loss = Interpreter.run(graphs.evaluation().model(), data).get("loss").doubleAt(0);
    assertThat(loss).isCloseTo(1000, within(1e-9));
  }

  @Test
  void examplesOfWeightZero_changeNothing() {
    TrainingGraphs graphs = graphs(linear(5, 3), new CrossEntropy(), Adam.standard());
    Tensor x = floats(2, 5);
    double[] padded = java.util.Arrays.copyOf(x.toDoubles(), 15);
    java.util.Arrays.fill(padded, 10, 15, 99);
    Map<String, Tensor> two = new HashMap<>();
    two.put("x", x);
    two.put("target", Tensor.ofLongs(new long[] {2, 1}, 2));
    two.put("weights", weights(1, 1));
    Map<String, Tensor> three = new HashMap<>();
    three.put("x", Tensor.ofDoubles(padded, 3, 5));
    three.put("target", Tensor.ofLongs(new long[] {2, 1, 0}, 3));
    three.put("weights", weights(1, 1, 0));
    Adam.standard()
        .scalars(1, 0.1)
        .forEach(
            (name, value) -> {
              two.put(name, Tensor.scalar(value));
              three.put(name, Tensor.scalar(value));
            });
    Model step = graphs.step().model();
    Map<String, Tensor> a = Interpreter.run(step, inputs(graphs.step(), two));
    Map<String, Tensor> b = Interpreter.run(step, inputs(graphs.step(), three));
    for (StateSlot slot : graphs.step().slots()) {
      for (int i = 0; i < slot.initial().size(); i++) {
        assertThat(b.get(slot.output()).doubleAt(i))
            .isCloseTo(a.get(slot.output()).doubleAt(i), within(1e-9));
      }
    }
  }

  @Test
  void evaluationGraph_hasForwardAndLossOnly() {
    Model forward = linear(5, 3);
    TrainingGraphs graphs = graphs(forward, new CrossEntropy(), Adam.standard());
    Model evaluation = graphs.evaluation().model();
    assertThat(evaluation.graph().nodes())
        .extracting(Node::name)
        .noneMatch(name -> name.startsWith("grad/") || name.startsWith("update/"));
    assertThat(evaluation.graph().outputs())
        .extracting(ValueInfo::name)
        .containsExactly("loss", "total_weight", "y");
    assertThat(evaluation.graph().inputs())
        .extracting(ValueInfo::name)
        .containsExactlyInAnyOrder("x", "target", "weights", "fc.weight", "fc.bias");
    assertThat(graphs.evaluation().state()).containsExactly("fc.weight", "fc.bias");
  }

  @Test
  void stepGraph_namesSlotsAndGradientsForPeople() {
    StepGraph step = graphs(linear(5, 3), new CrossEntropy(), Adam.standard()).step();
    assertThat(step.slots())
        .extracting(StateSlot::input)
        .containsExactly(
            "fc.weight",
            "fc.bias",
            "adam_m/fc.weight",
            "adam_v/fc.weight",
            "adam_m/fc.bias",
            "adam_v/fc.bias");
    assertThat(step.slots()).extracting(StateSlot::output).contains("next/fc.weight");
    assertThat(step.scalars()).containsExactly("step_epsilon", "step_size");
    assertThat(step.data()).containsExactly("x");
    assertThat(step.model().graph().nodes()).extracting(Node::domain).containsOnly("");
    assertThat(step.model().graph().nodes())
        .extracting(Node::name)
        .anyMatch(name -> name.startsWith("grad/gemm/"));
  }

  @Test
  void stepGraph_doesNotComputeTheGradientOfTheData() {
    StepGraph step = graphs(linear(5, 3), new MeanSquaredError(), Sgd.plain()).step();
    assertThat(step.model().graph().nodes())
        .filteredOn(node -> node.op().equals("Gemm"))
        .as("one forward, one for the weights")
        .hasSize(2);
  }

  @Test
  void frozenParameters_stayInitializers() {
    StepGraph step =
        TrainingGraphs.of(
                linear(5, 3),
                new Objective(new CrossEntropy(), "y"),
                Sgd.plain(),
                Set.of("fc.bias"))
            .step();
    assertThat(step.model().graph().initializers()).containsKey("fc.weight");
    assertThat(step.slots()).extracting(StateSlot::parameter).containsExactly("fc.bias");
  }

  @Test
  void operatorWithoutRule_isRefusedBeforeTraining_namingNodeAndOperator() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(3));
    String w = builder.initializer("w", rounded(3));
    builder.append(Node.of("Mul", List.of("x", w), List.of("m")));
    builder.append(Node.of("Unique", List.of("m"), List.of("y")).withName("odd"));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(3));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    assertThatThrownBy(
            () -> TrainingGraphs.of(Model.of(builder.build()), objective, Sgd.plain(), Set.of("w")))
        .hasMessage(
            "node \"odd\" (Unique): an element of its output stands for several of its input")
        .extracting("code")
        .isEqualTo(TransformError.NO_GRADIENT);
  }

  @Test
  void parameterThatTheLossDoesNotReach_isRefused() {
    GraphBuilder builder = GraphBuilder.from(linear(5, 3).graph());
    builder.initializer("idle", rounded(3));
    Model forward = Model.of(builder.build());
    assertThatThrownBy(
            () ->
                TrainingGraphs.of(
                    forward,
                    new Objective(new CrossEntropy(), "y"),
                    Sgd.plain(),
                    Set.of("idle", "fc.bias")))
        .extracting("code")
        .isEqualTo(TransformError.NO_PATH);
  }

  @Test
  void integersEndThePath() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(3));
    String w = builder.initializer("w", rounded(3));
    String m = builder.add("Mul", "x", w);
    String index =
        builder.add(
            "Cast",
            Map.of("to", Attribute.of(1L)),
            builder.add("ArgMax", Map.of("axis", Attribute.of(1L)), m));
    builder.append(Node.of("Add", List.of(m, index), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(3));
    StepGraph step =
        TrainingGraphs.of(
                Model.of(builder.build()),
                new Objective(new MeanSquaredError(), "y"),
                Sgd.plain(),
                Set.of("w"))
            .step();
    assertThat(step.model().graph().nodes())
        .filteredOn(node -> node.name().startsWith("grad/argmax"))
        .isEmpty();
  }

  @Test
  void operatorsOnIntegers_needNoRule() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(3));
    String m = builder.add("Mul", "x", builder.initializer("w", rounded(3)));
    String whole = builder.add("Cast", Map.of("to", Attribute.of(7L)), m);
    String two = builder.initializer("two", Tensor.scalar(2L));
    String parity = builder.add("Mod", whole, two);
    String back = builder.add("Cast", Map.of("to", Attribute.of(1L)), parity);
    builder.append(Node.of("Add", List.of(m, back), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(3));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    StepGraph step =
        TrainingGraphs.of(Model.of(builder.build()), objective, Sgd.plain(), Set.of("w")).step();
    assertThat(step.slots()).hasSize(1);
  }

  @Test
  void poolsOfOneName_haveTheirOwnCounts() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(1, 3));
    String w = builder.initializer("w", rounded(1, 1, 3));
    builder.append(Node.of("Mul", List.of("x", w), List.of("m")));
    Node pool =
        Node.of("AveragePool", List.of("m"), List.of("a"))
            .withName("pool")
            .with("kernel_shape", Attribute.ofInts(2))
            .with("strides", Attribute.ofInts(2));
    builder.append(pool.with("pads", Attribute.ofInts(1, 0)));
    builder.append(pool.withOutputs(List.of("b")).with("pads", Attribute.ofInts(0, 1)));
    builder.append(Node.of("Sub", List.of("a", "b"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.UNRANKED);
    Model model = Model.of(builder.build());
    StepGraph step =
        TrainingGraphs.of(
                model, new Objective(new MeanSquaredError(), "y"), Sgd.plain(), Set.of("w"))
            .step();
    assertThat(step.model().graph().initializers().keySet())
        .filteredOn(name -> name.contains("shares"))
        .hasSizeGreaterThan(1);
  }

  @Test
  void unknownPredictionAndParameter_areRefused() {
    Model forward = linear(5, 3);
    assertThatThrownBy(
            () ->
                TrainingGraphs.of(
                    forward, new Objective(new CrossEntropy(), "z"), Sgd.plain(), BOTH))
        .hasMessageContaining("prediction \"z\"");
    assertThatThrownBy(
            () ->
                TrainingGraphs.of(
                    forward,
                    new Objective(new CrossEntropy(), "y"),
                    Sgd.plain(),
                    Set.of("fc.wait")))
        .hasMessageContaining("parameter \"fc.wait\"");
  }

  @Test
  void crossEntropyOfPlaces_countsThoseWithAClass() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(3, 2));
    String w = builder.initializer("w", rounded(2));
    builder.append(Node.of("Mul", List.of("x", w), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(3, 2));
    TrainingGraphs graphs =
        TrainingGraphs.of(
            Model.of(builder.build()),
            new Objective(new CrossEntropy(), "y"),
            Sgd.plain(),
            Set.of("w"));
    Map<String, Tensor> data = new HashMap<>();
    data.put("x", floats(2, 3, 2));
    data.put("target", Tensor.ofLongs(new long[] {0, -100, 1, 1, 1, -100}, 2, 3));
    data.put("weights", weights(1, 0.5));
    Map<String, Tensor> step = inputs(graphs.step(), data);
    step.put("learning_rate", Tensor.scalar(1f));
    StateSlot slot = graphs.step().slots().getFirst();
    Map<String, Tensor> outputs = Interpreter.run(graphs.step().model(), step);
    data.put(slot.input(), slot.initial());
    double sum = 0;
    double counted = 0;
    for (int place = 0; place < 6; place++) {
      long at = data.get("target").longAt(place);
      double a = data.get("x").doubleAt(2L * place) * slot.initial().doubleAt(0);
      double b = data.get("x").doubleAt(2L * place + 1) * slot.initial().doubleAt(1);
      double weight = at < 0 ? 0 : place < 3 ? 1 : 0.5;
      sum += weight * (Math.log(Math.exp(a) + Math.exp(b)) - (at == 1 ? b : a));
      counted += weight;
    }
    assertThat(outputs.get("loss").doubleAt(0)).isCloseTo(sum / counted, within(1e-9));
    for (int i = 0; i < 2; i++) {
      double expected =
          (evaluated(graphs, data, slot, i, STEP) - evaluated(graphs, data, slot, i, -STEP))
              / (2 * STEP);
      double found = slot.initial().doubleAt(i) - outputs.get(slot.output()).doubleAt(i);
      assertThat(found).isCloseTo(expected, within(1e-7));
    }
  }

  /** A choice among places: K is another one in each batch. */
  @Test
  void crossEntropyOfOpenClasses_isThatOfKnownOnes() {
    Map<String, Tensor> known = stepped(Dim.of(4));
    Map<String, Tensor> open = stepped(Dim.of("K"));
    assertThat(open.keySet()).isEqualTo(known.keySet());
    known.forEach((name, value) -> assertThat(open.get(name).sameContent(value)).isTrue());
    assertThat(known.get("loss").doubleAt(0)).isPositive();
  }

  private static Map<String, Tensor> stepped(Dim classes) {
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of(2), classes));
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, shape);
    String w = builder.initializer("w", Tensor.ofFloats(new float[] {0.75f}, 1));
    builder.append(Node.of("Mul", List.of("x", w), List.of("y")));
    builder.output("y", ElementType.FLOAT, shape);
    TrainingGraphs graphs =
        TrainingGraphs.of(
            Model.of(builder.build()),
            new Objective(new CrossEntropy(), "y"),
            Sgd.plain(),
            Set.of("w"));
    Map<String, Tensor> data = new HashMap<>();
    data.put(
        "x",
        Tensor.ofFloats(
            new float[] {1, -2, 0.5f, 3, 0, 1, 2, -1, 4, 4, 1, 0, -3, 2, 1, 1}, 2, 2, 4));
    data.put("target", Tensor.ofLongs(new long[] {0, 3, 2, -1}, 2, 2));
    data.put("weights", weights(1, 0.5));
    Map<String, Tensor> step = inputs(graphs.step(), data);
    step.put("learning_rate", Tensor.scalar(1f));
    Map<String, Tensor> outputs = new HashMap<>(Interpreter.run(graphs.step().model(), step));
    outputs.put("y", outputs.get(graphs.step().prediction()));
    return outputs;
  }

  @Test
  void crossEntropyOfUnknownClasses_isRefused() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of("K"))));
    String w = builder.initializer("w", rounded(1));
    builder.append(Node.of("Mul", List.of("x", w), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of("K"))));
    Objective objective = new Objective(new CrossEntropy(), "y");
    assertThatThrownBy(
            () -> TrainingGraphs.of(Model.of(builder.build()), objective, Sgd.plain(), Set.of("w")))
        .hasMessage("prediction \"y\": [N, K] (expected: [N, ..., K] with K known)");
  }

  @Test
  void nameThatTheStepNeeds_isRefusedIfTaken() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("weights", ElementType.FLOAT, Shape.batchOf(3));
    String w = builder.initializer("w", rounded(3));
    builder.append(Node.of("Mul", List.of("weights", w), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(3));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    assertThatThrownBy(
            () -> TrainingGraphs.of(Model.of(builder.build()), objective, Sgd.plain(), Set.of("w")))
        .isInstanceOf(LatheException.class)
        .extracting("code")
        .isEqualTo(IrError.BAD_NAME);
  }

  @Test
  void adamScalars_areTheBiasCorrections() {
    Map<String, Float> scalars = new Adam(0.9, 0.999, 1e-8, 0).scalars(3, 0.01);
    double first = 0.1 / (1 - Math.pow(0.9, 3));
    double second = Math.sqrt(0.001 / (1 - Math.pow(0.999, 3)));
    assertThat(scalars.get("step_size")).isCloseTo((float) (0.01 * first / second), within(1e-9f));
    assertThat(scalars.get("step_epsilon")).isCloseTo((float) (1e-8 / second), within(1e-15f));
    assertThat(new AdamW(0.9, 0.999, 1e-8, 0.1).scalars(1, 0.5).get("decay")).isEqualTo(0.95f);
  }

  @Test
  void settingsOutOfRange_areRefused() {
    assertThatThrownBy(() -> new Sgd(1, false, 0)).hasMessageContaining("momentum 1.0");
    assertThatThrownBy(() -> new Sgd(0, true, 0)).hasMessageContaining("nesterov");
    assertThatThrownBy(() -> new Adam(0.9, 0.999, 0, 0)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> new AdamW(0.9, 1, 1e-8, 0)).hasMessageContaining("beta2");
    assertThatThrownBy(() -> new Sgd(0.9, false, Double.NaN)).hasMessageContaining("weight_decay");
  }
}
