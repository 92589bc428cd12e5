package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Updates of one number p whose loss is (p - t)², against the papers' formulas in plain Java. */
class OptimizerTest {
  private static final double RATE = 0.05;
  private static final double TARGET = 3;
  private static final double START = 1;
  private static final int STEPS = 12;

  private double trained(Optimizer optimizer) {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(1));
    String p = builder.initializer("p", Tensor.ofFloats(new float[] {(float) START}, 1));
    builder.append(Node.of("Mul", java.util.List.of("x", p), java.util.List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(1));
    Objective objective = new Objective(new MeanSquaredError(), "y");
    StepGraph step =
        TrainingGraphs.of(Model.of(builder.build()), objective, optimizer, Set.of("p")).step();
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", Tensor.ofFloats(new float[] {1}, 1, 1));
    inputs.put("target", Tensor.ofDoubles(new double[] {TARGET}, 1, 1));
    inputs.put("weights", Tensor.ofFloats(new float[] {1}, 1));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    for (int i = 1; i <= STEPS; i++) {
      optimizer.scalars(i, RATE).forEach((k, v) -> inputs.put(k, Tensor.scalar(v)));
      Map<String, Tensor> outputs = Interpreter.run(step.model(), inputs);
      step.slots().forEach(slot -> inputs.put(slot.input(), outputs.get(slot.output())));
    }
    return inputs.get("p").doubleAt(0);
  }

  private static final DoubleUnaryOperator GRADIENT = p -> 2 * (p - TARGET);

  private static double sgd(double momentum, boolean nesterov, double decay) {
    double p = START;
    double buffer = 0;
    for (int i = 1; i <= STEPS; i++) {
      double d = GRADIENT.applyAsDouble(p) + decay * p;
      buffer = i == 1 ? d : momentum * buffer + d;
      p -= RATE * (nesterov ? d + momentum * buffer : buffer);
    }
    return p;
  }

  private static double adam(double decay, double decoupled) {
    double p = START;
    double m = 0;
    double v = 0;
    for (int i = 1; i <= STEPS; i++) {
      p -= RATE * decoupled * p;
      double d =
          GRADIENT.applyAsDouble(decoupled == 0 ? p : p / (1 - RATE * decoupled)) + decay * p;
      m = 0.9 * m + 0.1 * d;
      v = 0.99 * v + 0.01 * d * d;
      double first = m / (1 - Math.pow(0.9, i));
      double second = v / (1 - Math.pow(0.99, i));
      p -= RATE * first / (Math.sqrt(second) + 1e-3);
    }
    return p;
  }

  @Test
  void sgd_withAndWithoutMomentumAndDecay() {
    assertThat(trained(Sgd.plain())).isCloseTo(sgd(0, false, 0), within(1e-6));
    assertThat(trained(new Sgd(0.8, false, 0))).isCloseTo(sgd(0.8, false, 0), within(1e-6));
    assertThat(trained(new Sgd(0.8, true, 0.1))).isCloseTo(sgd(0.8, true, 0.1), within(1e-6));
  }

  @Test
  void adam_withAndWithoutDecay() {
    assertThat(trained(new Adam(0.9, 0.99, 1e-3, 0))).isCloseTo(adam(0, 0), within(1e-6));
    assertThat(trained(new Adam(0.9, 0.99, 1e-3, 0.1))).isCloseTo(adam(0.1, 0), within(1e-6));
  }

  @Test
  void adamW_decaysTheParameterItself() {
    assertThat(trained(new AdamW(0.9, 0.99, 1e-3, 0.1))).isCloseTo(adam(0, 0.1), within(1e-6));
    assertThat(trained(new AdamW(0.9, 0.99, 1e-3, 0))).isCloseTo(adam(0, 0), within(1e-6));
  }
}
