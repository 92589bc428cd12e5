package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Interpreter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clipping, groups, averages and steps of several batches, on {@code y = x·Wᵀ + b}. */
class TrainingOptionsTest {
  private static final Set<String> BOTH = Set.of("fc.weight", "fc.bias");
  private static final int STEPS = 6;
  private static final double RATE = 0.05;

  private final Random random = new Random(3);

  private Tensor doubles(long... dims) {
    return Tensor.ofDoubles(random.doubles(Tensor.sizeOf(dims), -1, 1).toArray(), dims);
  }

  private Model linear(long outputs) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String name : List.of("fc.weight", "fc.bias")) {
      long[] dims = name.endsWith("bias") ? new long[] {outputs} : new long[] {outputs, 4};
      parameters.put(name, Tensor.ofValues(ElementType.FLOAT, doubles(dims).toDoubles(), dims));
    }
    return new Layers(parameters, 4).linear("fc.").model(outputs);
  }

  private Map<String, Tensor> batch(int examples, double... weights) {
    Map<String, Tensor> batch = new HashMap<>();
    batch.put("x", doubles(examples, 4));
    batch.put("target", doubles(examples, 2));
    batch.put("weights", Tensor.ofDoubles(weights, weights.length));
    return batch;
  }

  /** Runs a graph and puts what it replaces into the state. */
  private static Map<String, Tensor> run(
      StepGraph graph, Map<String, Tensor> batch, Map<String, Tensor> state) {
    Map<String, Tensor> inputs = new HashMap<>(batch);
    for (ValueInfo input : graph.model().graph().inputs()) {
      if (state.containsKey(input.name())) {
        inputs.put(input.name(), state.get(input.name()));
      }
    }
    Map<String, Tensor> outputs = Interpreter.run(graph.model(), inputs);
    graph.slots().forEach(slot -> state.put(slot.input(), outputs.get(slot.output())));
    return outputs;
  }

  private static Map<String, Tensor> begin(TrainingGraphs graphs) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    graphs.step().slots().forEach(slot -> state.put(slot.input(), slot.initial()));
    return state;
  }

  private static TrainingGraphs graphs(Model forward, TrainingOptions options) {
    return TrainingGraphs.of(
        forward, List.of(new Objective(new MeanSquaredError(), "y")), options, BOTH);
  }

  private static void tell(Map<String, Tensor> state, Optimizer optimizer, int step, double rate) {
    optimizer.scalars(step, rate).forEach((name, value) -> state.put(name, Tensor.scalar(value)));
  }

  /** The change of both parameters by one step of plain descent at rate 1, in one array. */
  private static double[] descent(Model forward, Clipping clipping, Map<String, Tensor> batch) {
    TrainingOptions options = TrainingOptions.of(Sgd.plain()).withClipping(clipping);
    TrainingGraphs graphs = graphs(forward, options);
    Map<String, Tensor> state = begin(graphs);
    Map<String, Tensor> before = new LinkedHashMap<>(state);
    tell(state, Sgd.plain(), 1, 1);
    run(graphs.step(), batch, state);
    return before.entrySet().stream()
        .flatMapToDouble(
            entry -> {
              double[] old = entry.getValue().toDoubles();
              double[] next = state.get(entry.getKey()).toDoubles();
              for (int i = 0; i < old.length; i++) {
                old[i] -= next[i];
              }
              return Arrays.stream(old);
            })
        .toArray();
  }

  private static double norm(double[] a) {
    return Math.sqrt(Arrays.stream(a).map(x -> x * x).sum());
  }

  @Test
  void clippingByNorm_scalesAllGradientsTogether() {
    Model forward = linear(2);
    Map<String, Tensor> batch = batch(3, 1, 1, 1);
    double[] free = descent(forward, Clipping.NONE, batch);
    double size = norm(free);
    double[] bound = descent(forward, Clipping.byNorm(size / 4), batch);
    assertThat(bound)
        .containsExactly(
            Arrays.stream(free).map(g -> g * (size / 4) / (size + 1e-6)).toArray(), within(1e-8));
    assertThat(descent(forward, Clipping.byNorm(size * 2), batch))
        .containsExactly(free, within(1e-12));
  }

  @Test
  void clippingByNorm_tellsTheNormBefore() {
    Model forward = linear(2);
    Map<String, Tensor> batch = batch(3, 1, 1, 1);
    TrainingOptions options = TrainingOptions.of(Sgd.plain()).withClipping(new Clipping(0.1, 0.2));
    TrainingGraphs graphs = graphs(forward, options);
    assertThat(graphs.step().readings()).containsExactly("total_weight", "gradient_norm");
    Map<String, Tensor> state = begin(graphs);
    tell(state, Sgd.plain(), 1, 1);
    double[] elements = descent(forward, Clipping.byValue(0.1), batch);
    assertThat(run(graphs.step(), batch, state).get("gradient_norm").doubleAt(0))
        .isCloseTo(norm(elements), within(1e-9));
  }

  @Test
  void clippingByValue_boundsEachElement() {
    Model forward = linear(2);
    Map<String, Tensor> batch = batch(3, 1, 1, 1);
    double[] free = descent(forward, Clipping.NONE, batch);
    double[] bound = descent(forward, Clipping.byValue(0.1), batch);
    assertThat(Arrays.stream(free).map(Math::abs).max().orElseThrow()).isGreaterThan(0.1);
    assertThat(bound)
        .containsExactly(
            Arrays.stream(free).map(g -> Math.clamp(g, -0.1f, 0.1f)).toArray(), within(1e-9));
  }

  @Test
  void groups_haveTheirOwnRateAndDecay() {
    Model forward = linear(2);
    Map<String, Tensor> batch = batch(3, 1, 1, 1);
    for (Decaying rule : Decaying.values()) {
      ParameterGroup bias = new ParameterGroup(Set.of("fc.bias"), 0.5, 0);
      ParameterGroup weight = new ParameterGroup(Set.of("fc.weight"), 3, 2);
      TrainingOptions grouped =
          TrainingOptions.of(rule.with(0.1)).withGroups(List.of(bias, weight));
      Map<String, Tensor> mixed = stepped(forward, grouped, batch, RATE);
      Map<String, Tensor> forBias =
          stepped(forward, TrainingOptions.of(rule.with(0)), batch, RATE / 2);
      Map<String, Tensor> forWeight =
          stepped(forward, TrainingOptions.of(rule.with(0.2)), batch, RATE * 3);
      assertThat(mixed.get("fc.bias").toDoubles())
          .as(rule.name())
          .containsExactly(forBias.get("fc.bias").toDoubles(), within(1e-7));
      assertThat(mixed.get("fc.weight").toDoubles())
          .as(rule.name())
          .containsExactly(forWeight.get("fc.weight").toDoubles(), within(1e-7));
    }
  }

  /** Optimizers by their weight decay. */
  private enum Decaying {
    SGD,
    ADAM,
    ADAMW,
    ADAGRAD,
    RMSPROP,
    LAMB,
    ADAFACTOR,
    LION;

    Optimizer with(double decay) {
      return switch (this) {
        case SGD -> new Sgd(0.9, true, decay);
        case ADAM -> new Adam(0.9, 0.99, 1e-3, decay);
        case ADAMW -> new AdamW(0.9, 0.99, 1e-3, decay);
        case ADAGRAD -> new Adagrad(0, 1e-3, 0, decay);
        case RMSPROP -> new RmsProp(0.9, 1e-3, 0.5, false, decay);
        case LAMB -> new Lamb(0.9, 0.99, 1e-3, decay);
        case ADAFACTOR -> new Adafactor(0.8, 1e-3, 1e-3, 1, decay);
        case LION -> new Lion(0.9, 0.99, decay);
      };
    }
  }

  /** The state after one step. */
  private static Map<String, Tensor> stepped(
      Model forward, TrainingOptions options, Map<String, Tensor> batch, double rate) {
    TrainingGraphs graphs = graphs(forward, options);
    Map<String, Tensor> state = begin(graphs);
    tell(state, options.optimizer(), 1, rate);
    run(graphs.step(), batch, state);
    return state;
  }

  @Test
  void groupOfRateZero_staysAsItIs() {
    Model forward = linear(2);
    ParameterGroup still = new ParameterGroup(Set.of("fc.weight"), 0, 1);
    TrainingOptions options =
        TrainingOptions.of(new AdamW(0.9, 0.99, 1e-3, 0.1)).withGroups(List.of(still));
    assertThat(stepped(forward, options, batch(3, 1, 1, 1), RATE).get("fc.weight").toDoubles())
        .containsExactly(forward.graph().initializers().get("fc.weight").toDoubles());
  }

  @Test
  void groupOfAnUnknownParameter_orOfOneInTwoGroups_isRefused() {
    ParameterGroup bias = new ParameterGroup(Set.of("fc.bias"), 1, 0);
    ParameterGroup other = new ParameterGroup(Set.of("fc.wait"), 1, 0);
    Model forward = linear(2);
    TrainingOptions options = TrainingOptions.of(Sgd.plain());
    assertThatThrownBy(() -> graphs(forward, options.withGroups(List.of(other))))
        .hasMessage("group: \"fc.wait\" (expected: a parameter that is trained)");
    assertThatThrownBy(() -> graphs(forward, options.withGroups(List.of(bias, bias))))
        .hasMessage("parameter \"fc.bias\" in two groups (expected: one)");
  }

  @Test
  void averages_followTheParameters() {
    TrainingOptions options = TrainingOptions.of(new Sgd(0.9, false, 0)).withAveraging(0.75);
    TrainingGraphs graphs = graphs(linear(2), options);
    Map<String, Tensor> state = begin(graphs);
    double[] average = state.get("fc.weight").toDoubles();
    for (int step = 1; step <= STEPS; step++) {
      tell(state, options.optimizer(), step, RATE);
      run(graphs.step(), batch(3, 1, 1, 1), state);
      double[] now = state.get("fc.weight").toDoubles();
      for (int i = 0; i < average.length; i++) {
        average[i] = 0.75 * average[i] + 0.25 * now[i];
      }
    }
    assertThat(state.get("average/fc.weight").toDoubles()).containsExactly(average, within(1e-9));
    assertThat(graphs.step().slots())
        .filteredOn(slot -> slot.kind() == StateSlot.Kind.AVERAGE)
        .extracting(StateSlot::parameter)
        .containsExactlyInAnyOrder("fc.weight", "fc.bias");
  }

  private static Map<String, Tensor> joined(List<Map<String, Tensor>> batches) {
    Map<String, Tensor> joined = new HashMap<>();
    for (String name : batches.getFirst().keySet()) {
      double[] all =
          batches.stream()
              .flatMapToDouble(batch -> Arrays.stream(batch.get(name).toDoubles()))
              .toArray();
      long[] dims = batches.getFirst().get(name).dims();
      dims[0] = batches.stream().mapToLong(batch -> batch.get(name).dim(0)).sum();
      joined.put(name, Tensor.ofDoubles(all, dims));
    }
    return joined;
  }

  @Test
  void stepOfSeveralBatches_isThatOfOneBatchOfAllExamples() {
    Model forward = linear(2);
    TrainingOptions one =
        TrainingOptions.of(new AdamW(0.9, 0.99, 1e-3, 0.1)).withClipping(Clipping.byNorm(0.3));
    TrainingGraphs whole = graphs(forward, one);
    TrainingGraphs parts = graphs(forward, one.withBatches(TrainingOptions.Batches.SEVERAL));
    assertThat(whole.accumulation()).isEmpty();
    Map<String, Tensor> expected = begin(whole);
    Map<String, Tensor> found = begin(parts);
    for (int step = 1; step <= STEPS; step++) {
      // Of different sizes and weights, one of them wholly masked.
      List<Map<String, Tensor>> batches =
          List.of(batch(3, 1, 0.5, 2), batch(2, 0, 0), batch(1, 3), batch(4, 1, 0, 0, 1));
      tell(expected, one.optimizer(), step, RATE);
      tell(found, one.optimizer(), step, RATE);
      run(whole.step(), joined(batches), expected);
      for (Map<String, Tensor> batch : batches.subList(0, 3)) {
        run(parts.accumulation().orElseThrow(), batch, found);
      }
      run(parts.step(), batches.getLast(), found);
    }
    for (StateSlot slot : whole.step().slots()) {
      assertThat(found.get(slot.input()).toDoubles())
          .as(slot.input())
          .containsExactly(expected.get(slot.input()).toDoubles(), within(1e-9));
    }
  }

  @Test
  void accumulation_holdsNoUpdate_andReplacesOnlySums() {
    TrainingOptions options =
        TrainingOptions.of(Adam.standard()).withBatches(TrainingOptions.Batches.SEVERAL);
    TrainingGraphs graphs = graphs(linear(2), options);
    StepGraph accumulation = graphs.accumulation().orElseThrow();
    assertThat(accumulation.scalars()).isEmpty();
    assertThat(accumulation.slots())
        .extracting(StateSlot::input)
        .containsExactly("weight_sum", "gradient_sum/fc.weight", "gradient_sum/fc.bias");
    assertThat(accumulation.model().graph().nodes())
        .extracting(Node::name)
        .noneMatch(name -> name.startsWith("update/"));
    assertThat(graphs.step().slots())
        .filteredOn(slot -> slot.kind() == StateSlot.Kind.ACCUMULATOR)
        .extracting(StateSlot::input)
        .containsExactlyElementsOf(accumulation.slots().stream().map(StateSlot::input).toList());
  }

  @Test
  void severalBatches_withObjectivesThatCountDifferently_areRefused() {
    List<Objective> objectives =
        List.of(
            new Objective(new MeanSquaredError(), "y", "number", 1),
            new Objective(
                new CrossEntropy(0, 0, List.of(1.0, 2.0), CrossEntropy.NEGATIVE), "y", "class", 1));
    TrainingOptions options =
        TrainingOptions.of(Sgd.plain()).withBatches(TrainingOptions.Batches.SEVERAL);
    Model forward = linear(2);
    assertThatThrownBy(() -> TrainingGraphs.of(forward, objectives, options, BOTH))
        .hasMessageContaining("one counts places or classes")
        .extracting("code")
        .isEqualTo(TransformError.UNSUPPORTED_FORM);
  }

  @Test
  void settingsOutOfRange_areRefused() {
    assertThatThrownBy(() -> Clipping.byNorm(0)).hasMessageContaining("norm 0.0");
    assertThatThrownBy(() -> new ParameterGroup(Set.of(), -1, 1)).hasMessageContaining("rate -1");
    assertThatThrownBy(() -> TrainingOptions.of(Sgd.plain()).withAveraging(1))
        .hasMessageContaining("averaging 1.0");
  }
}
