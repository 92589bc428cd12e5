package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.testkit.Python;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Updates of a matrix w [3, 4] and a vector b [4] whose loss is the mean of (w + b - t)², against
 * the papers' formulas in plain Java.
 */
class UpdateRulesTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 4;
  private static final int STEPS = 9;
  private static final double RATE = 0.03;
  private static final double[] TARGET = {1, -2, 3, 0.5, 0, 4, -1, 2, -3, 0.25, 1.5, -0.75};

  /** The two parameters, row by row. */
  private record Pair(double[] w, double[] b) {
    static Pair start() {
      double[] w = IntStream.range(0, ROWS * COLUMNS).mapToDouble(i -> (i % 5 - 2) / 4.0).toArray();
      return new Pair(w, new double[] {0.5, -0.25, 1, 0});
    }

    Pair gradient() {
      double[] byW = new double[w.length];
      double[] byB = new double[b.length];
      for (int i = 0; i < w.length; i++) {
        byW[i] = 2 * (w[i] + b[i % COLUMNS] - TARGET[i]) / w.length;
        byB[i % COLUMNS] += byW[i];
      }
      return new Pair(byW, byB);
    }
  }

  /** What one optimizer does to one parameter; it remembers what it needs. */
  private interface Rule {
    void step(int t, double[] p, double[] gradient);
  }

  private static void requireSame(Optimizer optimizer, Rule forMatrix, Rule forVector) {
    Pair expected = Pair.start();
    for (int t = 1; t <= STEPS; t++) {
      Pair gradient = expected.gradient();
      forMatrix.step(t, expected.w(), gradient.w());
      forVector.step(t, expected.b(), gradient.b());
    }
    Map<String, Tensor> found = trained(optimizer);
    assertThat(found.get("w").toDoubles()).containsExactly(expected.w(), within(2e-6));
    assertThat(found.get("b").toDoubles()).containsExactly(expected.b(), within(2e-6));
  }

  private static Map<String, Tensor> trained(Optimizer optimizer) {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(ROWS));
    Pair start = Pair.start();
    String w =
        builder.initializer("w", Tensor.ofValues(ElementType.FLOAT, start.w(), ROWS, COLUMNS));
    String b = builder.initializer("b", Tensor.ofValues(ElementType.FLOAT, start.b(), COLUMNS));
    builder.append(Node.of("Add", List.of(builder.add("MatMul", "x", w), b), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(COLUMNS));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    StepGraph step =
        TrainingGraphs.of(Model.of(builder.build()), objective, optimizer, Set.of("w", "b")).step();
    Map<String, Tensor> inputs = new HashMap<>();
    double[] identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    inputs.put("x", Tensor.ofDoubles(identity, ROWS, ROWS));
    inputs.put("target", Tensor.ofDoubles(TARGET, ROWS, COLUMNS));
    inputs.put("weights", Tensor.ofDoubles(new double[] {1, 1, 1}, ROWS));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    for (int t = 1; t <= STEPS; t++) {
      optimizer.scalars(t, RATE).forEach((name, value) -> inputs.put(name, Tensor.scalar(value)));
      Map<String, Tensor> outputs = Interpreter.run(step.model(), inputs);
      step.slots().forEach(slot -> inputs.put(slot.input(), outputs.get(slot.output())));
    }
    return inputs;
  }

  private static double[] map(double[] a, DoubleUnaryOperator f) {
    return Arrays.stream(a).map(f).toArray();
  }

  private static double norm(double[] a) {
    return Math.sqrt(Arrays.stream(a).map(x -> x * x).sum());
  }

  @Test
  void adagrad_sumsSquares() {
    Adagrad adagrad = new Adagrad(0.1, 1e-3, 0.2, 0.05);
    requireSame(adagrad, plainAdagrad(ROWS * COLUMNS), plainAdagrad(COLUMNS));
  }

  private static Rule plainAdagrad(int size) {
    double[] sum = new double[size];
    Arrays.fill(sum, 0.2);
    return (t, p, gradient) -> {
      double rate = RATE / (1 + (t - 1) * 0.1);
      for (int i = 0; i < size; i++) {
        double g = gradient[i] + 0.05 * p[i];
        sum[i] += g * g;
        p[i] -= rate * g / (Math.sqrt(sum[i]) + 1e-3);
      }
    };
  }

  @Test
  void rmsProp_plainCenteredAndWithMomentum() {
    for (boolean centered : new boolean[] {false, true}) {
      for (double momentum : new double[] {0, 0.7}) {
        requireSame(
            new RmsProp(0.9, 1e-2, momentum, centered, 0.05),
            plainRmsProp(ROWS * COLUMNS, momentum, centered),
            plainRmsProp(COLUMNS, momentum, centered));
      }
    }
  }

  private static Rule plainRmsProp(int size, double momentum, boolean centered) {
    double[] square = new double[size];
    double[] mean = new double[size];
    double[] buffer = new double[size];
    return (_, p, gradient) -> {
      for (int i = 0; i < size; i++) {
        double g = gradient[i] + 0.05 * p[i];
        square[i] = 0.9 * square[i] + 0.1 * g * g;
        mean[i] = centered ? 0.9 * mean[i] + 0.1 * g : 0;
        double direction = g / (Math.sqrt(square[i] - mean[i] * mean[i]) + 1e-2);
        buffer[i] = momentum * buffer[i] + direction;
        p[i] -= RATE * buffer[i];
      }
    };
  }

  @Test
  void lamb_stepsAsLongAsTheParameterAsksFor() {
    requireSame(
        new Lamb(0.9, 0.99, 1e-3, 0.1), plainLamb(ROWS * COLUMNS, 0.1), plainLamb(COLUMNS, 0.1));
    requireSame(new Lamb(0.9, 0.99, 1e-3, 0), plainLamb(ROWS * COLUMNS, 0), plainLamb(COLUMNS, 0));
  }

  private static Rule plainLamb(int size, double decay) {
    double[] m = new double[size];
    double[] v = new double[size];
    return (t, p, gradient) -> {
      double[] direction = new double[size];
      for (int i = 0; i < size; i++) {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.99 * v[i] + 0.01 * gradient[i] * gradient[i];
        double first = m[i] / (1 - Math.pow(0.9, t));
        double second = v[i] / (1 - Math.pow(0.99, t));
        direction[i] = first / (Math.sqrt(second) + 1e-3) + decay * p[i];
      }
      double ratio = norm(p) / norm(direction);
      for (int i = 0; i < size; i++) {
        p[i] -= RATE * ratio * direction[i];
      }
    };
  }

  @Test
  void lamb_ofAParameterOfZeros_stepsAsAdam() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(2));
    String w = builder.initializer("w", Tensor.zeros(ElementType.FLOAT, 2));
    builder.append(Node.of("Mul", List.of("x", w), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(2));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    Optimizer lamb = new Lamb(0.9, 0.99, 1e-12, 0.1);
    StepGraph step =
        TrainingGraphs.of(Model.of(builder.build()), objective, lamb, Set.of("w")).step();
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", Tensor.ofDoubles(new double[] {1, 1}, 1, 2));
    inputs.put("target", Tensor.ofDoubles(new double[] {5, -7}, 1, 2));
    inputs.put("weights", Tensor.ofDoubles(new double[] {1}, 1));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    lamb.scalars(1, RATE).forEach((name, value) -> inputs.put(name, Tensor.scalar(value)));
    assertThat(Interpreter.run(step.model(), inputs).get("next/w").toDoubles())
        .containsExactly(new double[] {RATE, -RATE}, within(1e-6));
  }

  @Test
  void adafactor_factorsMatrices_andKeepsVectorsWhole() {
    requireSame(
        new Adafactor(0.8, 1e-3, 1e-2, 0.6, 0.1),
        plainAdafactor(new Factored()),
        plainAdafactor(new Whole()));
  }

  /** An estimate of the mean square of each element. */
  private interface Spread {
    double[] after(double news, double[] gradient);
  }

  private static final class Factored implements Spread {
    private final double[] rows = new double[ROWS];
    private final double[] columns = new double[COLUMNS];

    @Override
    public double[] after(double news, double[] gradient) {
      double[] byRow = new double[ROWS];
      double[] byColumn = new double[COLUMNS];
      for (int i = 0; i < gradient.length; i++) {
        byRow[i / COLUMNS] += gradient[i] * gradient[i] / COLUMNS;
        byColumn[i % COLUMNS] += gradient[i] * gradient[i] / ROWS;
      }
      for (int i = 0; i < ROWS; i++) {
        rows[i] = (1 - news) * rows[i] + news * byRow[i];
      }
      for (int i = 0; i < COLUMNS; i++) {
        columns[i] = (1 - news) * columns[i] + news * byColumn[i];
      }
      double mean = Math.max(1e-3, Arrays.stream(rows).average().orElseThrow());
      return IntStream.range(0, gradient.length)
          .mapToDouble(i -> rows[i / COLUMNS] * columns[i % COLUMNS] / mean)
          .toArray();
    }
  }

  private static final class Whole implements Spread {
    private final double[] square = new double[COLUMNS];

    @Override
    public double[] after(double news, double[] gradient) {
      for (int i = 0; i < COLUMNS; i++) {
        square[i] = (1 - news) * square[i] + news * gradient[i] * gradient[i];
      }
      return square.clone();
    }
  }

  private static Rule plainAdafactor(Spread spread) {
    return (t, p, gradient) -> {
      double[] square = spread.after(Math.pow(t, -0.8), gradient);
      double[] direction = new double[p.length];
      for (int i = 0; i < p.length; i++) {
        direction[i] = gradient[i] / Math.sqrt(Math.max(square[i], 1e-6));
      }
      double root = Math.sqrt(p.length);
      double size = Math.max(1e-2, norm(p) / root) * Math.min(RATE, 1 / Math.sqrt(t));
      double clip = Math.max(1, norm(direction) / root / 0.6);
      for (int i = 0; i < p.length; i++) {
        p[i] = (1 - RATE * 0.1) * p[i] - size / clip * direction[i];
      }
    };
  }

  @Test
  void adafactor_remembersAMatrixByItsRowsAndColumns() {
    Map<String, Tensor> state = trained(Adafactor.standard());
    assertThat(state.get("adafactor_rows/w").dims()).containsExactly(ROWS, 1);
    assertThat(state.get("adafactor_columns/w").dims()).containsExactly(1, COLUMNS);
    assertThat(state.get("adafactor/b").dims()).containsExactly(COLUMNS);
    assertThat(state).doesNotContainKey("adafactor/w");
  }

  @Test
  void lion_stepsByTheSign() {
    requireSame(new Lion(0.9, 0.95, 0.1), plainLion(ROWS * COLUMNS), plainLion(COLUMNS));
  }

  private static Rule plainLion(int size) {
    double[] m = new double[size];
    return (_, p, gradient) -> {
      for (int i = 0; i < size; i++) {
        double sign = Math.signum(0.9 * m[i] + 0.1 * gradient[i]);
        p[i] -= RATE * (sign + 0.1 * p[i]);
        m[i] = 0.95 * m[i] + 0.05 * gradient[i];
      }
    };
  }

  private static final String PEER =
      """
      import torch
      target = torch.tensor(%s, dtype=torch.float64).reshape(3, 4)
      for make in (
          lambda p: torch.optim.Adagrad(p, %f, 0.1, 0.05, 0.2, 1e-3),
          lambda p: torch.optim.RMSprop(p, %f, 0.9, 1e-2, 0.05, 0.7, centered=True),
          lambda p: torch.optim.Adafactor(p, %f, -0.8, (1e-3, 1e-2), 1, 0.1)):
        w = torch.tensor([(i %% 5 - 2) / 4 for i in range(12)], dtype=torch.float64)
        w = w.reshape(3, 4).requires_grad_()
        b = torch.tensor([0.5, -0.25, 1, 0], dtype=torch.float64, requires_grad=True)
        optimizer = make([w, b])
        for _ in range(9):
          optimizer.zero_grad()
          ((w + b - target) ** 2).mean().backward()
          optimizer.step()
        print(*w.flatten().tolist(), *b.tolist())
      """;

  @Test
  void adagradRmsPropAndAdafactor_arePyTorchs() {
    String script = String.format(Locale.ROOT, PEER, Arrays.toString(TARGET), RATE, RATE, RATE);
    List<String> lines = Python.run(Python.with("torch"), script).lines().toList();
    List<Optimizer> ours =
        List.of(
            new Adagrad(0.1, 1e-3, 0.2, 0.05),
            new RmsProp(0.9, 1e-2, 0.7, true, 0.05),
            new Adafactor(0.8, 1e-3, 1e-2, 1, 0.1));
    for (int i = 0; i < ours.size(); i++) {
      Map<String, Tensor> found = trained(ours.get(i));
      double[] expected =
          Arrays.stream(lines.get(i).split(" ")).mapToDouble(Double::parseDouble).toArray();
      assertThat(found.get("w").toDoubles())
          .as(ours.get(i).toString())
          .containsExactly(Arrays.copyOf(expected, 12), within(2e-6));
      assertThat(found.get("b").toDoubles())
          .as(ours.get(i).toString())
          .containsExactly(Arrays.copyOfRange(expected, 12, 16), within(2e-6));
    }
  }

  @Test
  void settingsOutOfRange_areRefused() {
    assertThatThrownBy(() -> new Adagrad(-1, 1e-10, 0, 0)).hasMessageContaining("rate_decay -1");
    assertThatThrownBy(() -> new RmsProp(1, 1e-8, 0, false, 0)).hasMessageContaining("alpha 1.0");
    assertThatThrownBy(() -> new Lamb(0.9, 0.9, 0, 0)).hasMessageContaining("epsilon 0.0");
    assertThatThrownBy(() -> new Adafactor(1, 1e-3, 1e-3, 1, 0))
        .hasMessageContaining("exponent 1.0");
    assertThatThrownBy(() -> new Lion(0.9, 1, 0)).hasMessageContaining("beta2 1.0");
  }

  @Test
  void scalars_haveTheSameNamesAtEveryStep() {
    List<Optimizer> all =
        List.of(
            Sgd.plain(),
            Adam.standard(),
            AdamW.standard(),
            Adagrad.standard(),
            RmsProp.standard(),
            Lamb.standard(),
            Adafactor.standard(),
            Lion.standard());
    for (Optimizer optimizer : all) {
      assertThat(optimizer.scalars(1000, 0.1).keySet())
          .as(optimizer.toString())
          .isEqualTo(optimizer.scalars(1, 0).keySet());
    }
    assertThat(
            map(
                new double[] {1, 4},
                p -> Adafactor.standard().scalars((long) p, 9).get("step_size")))
        .containsExactly(new double[] {1, 0.5}, within(1e-7));
  }
}
