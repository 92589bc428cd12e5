package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Dropout in step graphs: what is dropped is a function of seed, step and node. */
class DropoutTest {
  private static final int ROWS = 100;
  private static final int COLUMNS = 60;
  private static final float RATIO = 0.3f;

  /** {@code y = Dropout(Dropout(x)·w)}, [N, 60]. */
  private static Model twice() {
    GraphBuilder builder = start();
    String first = builder.add("Dropout", "x", "ratio");
    String scaled = builder.add("Mul", first, "w");
    return end(builder, builder.add("Dropout", scaled, "ratio"));
  }

  /** {@code y = Dropout(x)·w}, [N, 60]. */
  private static Model once() {
    GraphBuilder builder = start();
    return end(builder, builder.add("Mul", builder.add("Dropout", "x", "ratio"), "w"));
  }

  private static GraphBuilder start() {
    GraphBuilder builder = new GraphBuilder("dropout");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(COLUMNS));
    builder.initializer("w", filled(1, COLUMNS));
    builder.initializer("ratio", Tensor.scalar(RATIO));
    return builder;
  }

  private static Model end(GraphBuilder builder, String value) {
    builder.append(Node.of("Identity", List.of(value), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(COLUMNS));
    return Model.of(builder.build());
  }

  private static Tensor filled(float value, long... dims) {
    float[] values = new float[(int) Tensor.sizeOf(dims)];
    Arrays.fill(values, value);
    return Tensor.ofFloats(values, dims);
  }

  private static TrainingGraphs graphs(Model model, Optimizer optimizer) {
    return TrainingGraphs.of(
        model, new Objective(new MeanSquaredError(), "y"), optimizer, Set.of("w"));
  }

  private static StepGraph step(Model model) {
    return graphs(model, Sgd.plain()).step();
  }

  private static Map<String, Tensor> inputs(StepGraph step, long seed, long number) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", filled(1, ROWS, COLUMNS));
    inputs.put(TrainingGraphs.TARGET, filled(0, ROWS, COLUMNS));
    inputs.put(TrainingGraphs.WEIGHTS, filled(1, ROWS));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    inputs.put("learning_rate", Tensor.scalar(1f));
    inputs.put(TrainingGraphs.SEED, Tensor.scalar(seed));
    inputs.put(TrainingGraphs.STEP, Tensor.scalar(number));
    return inputs;
  }

  /** 0 where dropped, 1 where kept. */
  private static double[] mask(StepGraph step, long seed, long number) {
    double[] y = Interpreter.run(step.model(), inputs(step, seed, number)).get("y").toDoubles();
    return Arrays.stream(y).map(Math::signum).toArray();
  }

  /** How many standard deviations a mean over kept and dropped is off. */
  private static double offBy(double[] mask) {
    double keep = 1 - RATIO;
    double mean = Arrays.stream(mask).average().orElseThrow();
    return Math.abs(mean - keep) / Math.sqrt(keep * RATIO / mask.length);
  }

  @Test
  void elements_areKeptAsOftenAsTheRatioSays_overAllRowsAndColumns() {
    StepGraph step = step(once());
    int far = 0;
    for (int number = 1; number <= 4; number++) {
      double[] mask = mask(step, 5, number);
      assertThat(offBy(mask)).isLessThan(4);
      for (int row = 0; row < ROWS; row++) {
        far += offBy(Arrays.copyOfRange(mask, row * COLUMNS, (row + 1) * COLUMNS)) > 2 ? 1 : 0;
      }
      for (int column = 0; column < COLUMNS; column++) {
        double[] one = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
          one[row] = mask[row * COLUMNS + column];
        }
        far += offBy(one) > 2 ? 1 : 0;
      }
    }
    // Of 640 rows and columns 29 lie beyond two deviations by chance, give or take 5.
    assertThat(far).isBetween(12, 50);
  }

  @Test
  void keptElements_areScaledSoThatTheMeanStays() {
    StepGraph step = step(once());
    double[] y = Interpreter.run(step.model(), inputs(step, 5, 1)).get("y").toDoubles();
    assertThat(Arrays.stream(y).filter(value -> value != 0).distinct().toArray())
        .satisfies(values -> assertThat(values).hasSize(1))
        .satisfies(values -> assertThat(values[0]).isCloseTo(1 / 0.7, within(1e-6)));
  }

  @Test
  void masks_differByStepSeedAndNode_andBySteps_beyondWhatFloatsTell() {
    StepGraph step = step(once());
    double[] one = mask(step, 5, 1);
    assertThat(mask(step, 5, 1)).containsExactly(one);
    double[][] others = {
      mask(step, 5, 2), mask(step, 6, 1), mask(step, -5, 1), mask(step, 5, (1L << 53) + 1)
    };
    for (double[] other : others) {
      assertThat(correlation(one, other)).isLessThan(4);
    }
    assertThat(correlation(mask(step, 5, 1L << 53), others[3])).isLessThan(4);
    StepGraph both = step(twice());
    double[] first = mask(both, 5, 1);
    // Kept by both: were it one mask for both, it would be 0.7 of all.
    double kept = Arrays.stream(first).average().orElseThrow();
    assertThat(kept).isCloseTo(0.49, within(0.03));
  }

  /** Deviations by which two masks agree more or less often than independent ones. */
  private static double correlation(double[] left, double[] right) {
    double keep = 1 - RATIO;
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (left[i] - keep) * (right[i] - keep);
    }
    return Math.abs(sum) / (keep * RATIO) / Math.sqrt(left.length);
  }

  @Test
  void engine_dropsWhatTheInterpreterDrops() {
    StepGraph step = step(twice());
    try (Session session = Session.open(step.model(), SessionOptions.defaults())) {
      for (long number : new long[] {1, 77, 1L << 40}) {
        Map<String, Tensor> inputs = inputs(step, -9, number);
        double[] found = session.run(inputs).get("y").toDoubles();
        double[] expected = Interpreter.run(step.model(), inputs).get("y").toDoubles();
        assertThat(found).containsExactly(expected, within(1e-6));
      }
    }
  }

  @Test
  void gradient_agreesWithCentralDifferencesUnderTheSameMask() {
    StepGraph step = step(twice());
    Map<String, Tensor> inputs = inputs(step, 3, 4);
    Random random = new Random(1);
    double[] w = random.doubles(COLUMNS, 0.5, 2).toArray();
    inputs.put("w", Tensor.ofDoubles(w, COLUMNS));
    Tensor next = Interpreter.run(step.model(), inputs).get("next/w");
    for (int i = 0; i < COLUMNS; i += 7) {
      double up = loss(step, inputs, w, i, 1e-5);
      double down = loss(step, inputs, w, i, -1e-5);
      assertThat(w[i] - next.doubleAt(i)).isCloseTo((up - down) / 2e-5, within(1e-7));
    }
  }

  private static double loss(
      StepGraph step, Map<String, Tensor> inputs, double[] w, int index, double by) {
    double[] moved = w.clone();
    moved[index] += by;
    Map<String, Tensor> there = new HashMap<>(inputs);
    there.put("w", Tensor.ofDoubles(moved, COLUMNS));
    return Interpreter.run(step.model(), there).get(TrainingGraphs.LOSS).doubleAt(0);
  }

  @Test
  void runTakenUpAgain_goesOnBitForBit() {
    Adam adam = Adam.standard();
    StepGraph step = graphs(twice(), adam).step();
    Map<String, Tensor> state = new LinkedHashMap<>();
    step.slots().forEach(slot -> state.put(slot.input(), slot.initial()));
    Map<String, Tensor> whole = follow(step, adam, state, 1, 9);
    Map<String, Tensor> half = follow(step, adam, state, 1, 4);
    Map<String, Tensor> resumed = follow(step, adam, half, 5, 9);
    whole.forEach(
        (name, value) -> assertThat(resumed.get(name).sameContent(value)).as(name).isTrue());
  }

  private static Map<String, Tensor> follow(
      StepGraph step, Adam adam, Map<String, Tensor> start, int from, int to) {
    Map<String, Tensor> state = new LinkedHashMap<>(start);
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      for (int number = from; number <= to; number++) {
        Map<String, Tensor> inputs = inputs(step, 11, number);
        inputs.remove("learning_rate");
        adam.scalars(number, 0.01).forEach((name, v) -> inputs.put(name, Tensor.scalar(v)));
        inputs.putAll(state);
        Map<String, Tensor> outputs = session.run(inputs);
        step.slots().forEach(slot -> state.put(slot.input(), outputs.get(slot.output())));
      }
    }
    return state;
  }

  @Test
  void evaluation_keepsEverything_evenOfNodesThatAlwaysDrop() {
    GraphBuilder builder = start();
    builder.initializer("on", Tensor.ofBytes(ElementType.BOOL, new byte[] {1}));
    String dropped = builder.add("Dropout", "x", "ratio", "on");
    EvaluationGraph evaluation =
        graphs(end(builder, builder.add("Mul", dropped, "w")), Sgd.plain()).evaluation();
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", filled(2, 3, COLUMNS));
    inputs.put("w", filled(1, COLUMNS));
    inputs.put(TrainingGraphs.TARGET, filled(0, 3, COLUMNS));
    inputs.put(TrainingGraphs.WEIGHTS, filled(1, 3));
    assertThat(Interpreter.run(evaluation.model(), inputs).get("y").toDoubles()).containsOnly(2.0);
  }

  @Test
  void countersAreInputs_onlyWhereSomethingIsDropped() {
    assertThat(step(once()).counters()).containsExactly(TrainingGraphs.SEED, TrainingGraphs.STEP);
    GraphBuilder builder = start();
    builder.append(
        Node.of("Dropout", List.of("x", "none"), List.of("kept")).with("seed", Attribute.of(1L)));
    builder.initializer("none", Tensor.scalar(0f));
    StepGraph idle = step(end(builder, builder.add("Mul", "kept", "w")));
    assertThat(idle.counters()).isEmpty();
    assertThat(idle.model().graph().input(TrainingGraphs.SEED)).isEmpty();
  }

  @Test
  void ratioOfAConstant_countsInEveryFormThatConstantsHave() {
    double[] expected = mask(step(once()), 5, 1);
    Map<String, Attribute> forms =
        Map.of(
            "value", Attribute.of(Tensor.scalar(RATIO)),
            "value_float", Attribute.of(RATIO),
            "value_floats", new Attribute.OfFloats(List.of(RATIO)));
    forms.forEach(
        (name, value) -> {
          GraphBuilder builder = start();
          String share = builder.add("Constant", Map.of(name, value));
          String dropped = builder.add("Dropout", "x", share);
          Model model = end(builder, builder.add("Mul", dropped, "w"));
          assertThat(mask(step(model), 5, 1)).as(name).isEqualTo(expected);
        });
  }

  @Test
  void ratioThatIsNoConstantOrDropsAll_isRefusedWithTheNode() {
    GraphBuilder open = start();
    open.input("share", ElementType.FLOAT, Shape.SCALAR);
    Model asked = end(open, open.add("Mul", open.add("Dropout", "x", "share"), "w"));
    assertThatThrownBy(() -> step(asked))
        .hasMessage(
            "node \"dropout\" (Dropout): ratio \"share\" (expected: a constant of one number)");
    GraphBuilder all = start();
    all.initializer("all", Tensor.scalar(1f));
    Model none = end(all, all.add("Mul", all.add("Dropout", "x", "all"), "w"));
    assertThatThrownBy(() -> step(none))
        .hasMessage("node \"dropout\" (Dropout): ratio 1.0 (expected: 0 to below 1)");
  }
}
