package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.Differentiate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Gradients where a formula would divide zero by zero, or multiply it with infinity, and PyTorch
 * has a finite one, which the expected values are: by the interpreter and by the engine.
 */
class FlatPointTest {
  @Test
  void norm_ofARowOfZeros() {
    Case c = use("ReduceL2").in(rows(2, 0, 0, 3, 4)).longs(1);
    check(c.with("keepdims", Attribute.of(0L)), 0, 0, 0.6, 0.8);
  }

  @Test
  void norm_ofARowOfZeros_withItsAxisKept() {
    check(use("ReduceL2").in(rows(2, 0, 0, 3, 4)).longs(1), 0, 0, 0.6, 0.8);
  }

  @Test
  void power_byExponentsOfWhichSomeAre0() {
    Tensor exponents = Tensor.ofFloats(new float[] {0, 1, 2, 0, 3}, 5);
    check(use("Pow").in(vector(0, 0, 0, 2, 2)).fixed(exponents), 0, 1, 0, 0, 12);
  }

  @Test
  void power_byTheExponent0() {
    check(use("Pow").in(vector(0, 2)).fixed(Tensor.scalar(0f)), 0, 0);
  }

  @Test
  void power_byTheExponent1() {
    check(use("Pow").in(vector(0, 2)).fixed(Tensor.scalar(1f)), 1, 1);
  }

  @Test
  void product_withZeros() {
    check(use("ReduceProd").in(rows(3, 0, 2, 3, 0, 0, 3)).longs(1), 6, 0, 0, 0, 0, 0);
  }

  @Test
  void magnitude_at0() {
    check(use("Abs").in(vector(0, -2)), 0, -1);
    check(use("ReduceL1").in(rows(2, 0, -2)).longs(1), 0, -1);
  }

  @Test
  void unitLength_ofARowOfZeros() {
    check(use("LpNormalization").in(rows(2, 0, 0)), 0, 0);
  }

  @Test
  void softmax_whereSomeAreMaskedOut() {
    check(use("Softmax").in(rows(3, 1, Double.NEGATIVE_INFINITY, 1)), 0, 0, 0);
    check(use("ReduceLogSumExp").in(rows(2, 1, Double.NEGATIVE_INFINITY)).longs(1), 1, 0);
  }

  private static Case use(String op) {
    return new Case(op, new Random(1));
  }

  private static Tensor vector(double... values) {
    return Tensor.ofDoubles(values, values.length);
  }

  private static Tensor rows(int columns, double... values) {
    return Tensor.ofDoubles(values, values.length / columns, columns);
  }

  /** The gradient of the sum of the outputs by the one variable. */
  private static void check(Case c, double... expected) {
    Tensor y = Interpreter.run(c.model(Case.Declared.FIXED, List.of()), c.variables).get("y0");
    double[] ones = new double[(int) y.size()];
    Arrays.fill(ones, 1);
    Tensor weights = Tensor.ofDoubles(ones, y.dims());
    Model model = c.model(Case.Declared.FIXED, List.of(weights));
    Model gradients = Differentiate.apply(model, "loss", c.variables.keySet()).model();
    Map<String, Tensor> inputs = new LinkedHashMap<>(c.variables);
    inputs.put("w0", weights);
    assertThat(Interpreter.run(gradients, inputs).get("grad/x0").toDoubles())
        .as(c + " by the interpreter")
        .containsExactly(expected, within(1e-12));
    inputs.replaceAll(
        (_, value) -> Tensor.ofValues(ElementType.FLOAT, value.toDoubles(), value.dims()));
    try (Session session = Session.open(gradients, SessionOptions.training(1))) {
      assertThat(session.run(inputs).get("grad/x0").toDoubles())
          .as(c + " by the engine")
          .containsExactly(expected, within(1e-6));
    }
  }
}
