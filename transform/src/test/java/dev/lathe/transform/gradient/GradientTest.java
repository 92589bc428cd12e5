package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.transform.Differentiate;
import dev.lathe.transform.Loss;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every line of the gradient table against central differences in double precision, over random
 * shapes, axes and broadcasts, with sizes declared and not.
 */
class GradientTest {
  private static final int SEEDS = 12;
  private static final double STEP = 1e-5;

  @Test
  void everyRule_hasCases() {
    List<String> open =
        Stream.concat(GradientRules.operators().stream(), Decompositions.operators().stream())
            .filter(op -> !op.startsWith(TrainingForms.DOMAIN))
            .sorted()
            .toList();
    assertThat(GradientCases.TABLE.keySet()).containsExactlyElementsOf(open);
  }

  /** Inner operators are checked as parts of whole steps, in the tests that are named. */
  @Test
  void everyInnerOperator_isCheckedSomewhere() {
    Map<String, String> checked = new TreeMap<>();
    for (Class<?> loss : Loss.class.getPermittedSubclasses()) {
      checked.put(loss.getSimpleName(), "LossTest");
    }
    checked.put("Dropout", "DropoutTest");
    checked.put("BatchNormalization", "TrajectoryTest");
    List<String> inner =
        GradientRules.operators().stream()
            .filter(op -> op.startsWith(TrainingForms.DOMAIN + "."))
            .map(op -> op.substring(TrainingForms.DOMAIN.length() + 1))
            .toList();
    assertThat(checked.keySet()).containsExactlyElementsOf(inner);
  }

  @TestFactory
  Stream<DynamicTest> gradient_agreesWithCentralDifferences() {
    return GradientCases.TABLE.keySet().stream()
        .map(op -> DynamicTest.dynamicTest(op, () -> check(op)));
  }

  private static void check(String op) {
    Set<Case.Declared> refused = EnumSet.noneOf(Case.Declared.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      Case.Declared open = Case.Declared.values()[1 + seed % 3];
      for (Case.Declared declared : List.of(Case.Declared.FIXED, open)) {
        Case c = GradientCases.TABLE.get(op).apply(new Random(op.hashCode() + 31L * seed));
        String label = "seed " + seed + " " + declared + " " + c;
        if (!new Check(c, declared, label).runs(seed)) {
          refused.add(declared);
        }
      }
    }
    OpenSizes known = OpenSizes.REFUSED.get(op);
    assertThat(refused).as(op).isEqualTo(known == null ? Set.of() : known.where());
  }

  @Test
  void whatIsKnownToRefuse_isInTheTable() {
    assertThat(GradientCases.TABLE.keySet()).containsAll(OpenSizes.REFUSED.keySet());
  }

  private record Check(Case c, Case.Declared declared, String label) {
    /** Whether there is a gradient; one that is wrong fails, as does a refusal without a reason. */
    boolean runs(int seed) {
      Random random = new Random(seed);
      Map<String, Tensor> outputs =
          Interpreter.run(c.model(Case.Declared.FIXED, List.of()), c.variables);
      List<Tensor> weights = new ArrayList<>();
      outputs
          .values()
          .forEach(
              y ->
                  weights.add(
                      Tensor.ofDoubles(random.doubles(y.size(), -1, 1).toArray(), y.dims())));
      Model model = c.model(declared, weights);
      Differentiate.Result result;
      try {
        result = Differentiate.apply(model, "loss", c.variables.keySet());
      } catch (LatheException refused) {
        OpenSizes known = OpenSizes.REFUSED.get(c.op);
        assertThat(known).as(label + refused).isNotNull();
        assertThat(known.where()).as(label + refused).contains(declared);
        assertThat(refused.code()).as(label + refused).isEqualTo(TransformError.NO_GRADIENT);
        assertThat(refused).hasMessageContaining(known.why());
        return false;
      }
      Map<String, Tensor> inputs = new LinkedHashMap<>(c.variables);
      for (int i = 0; i < weights.size(); i++) {
        inputs.put("w" + i, weights.get(i));
      }
      Map<String, Tensor> gradients = Interpreter.run(result.model(), inputs);
      for (String name : c.variables.keySet()) {
        compare(model, inputs, name, gradients.get("grad/" + name), random);
      }
      return true;
    }

    private void compare(
        Model model, Map<String, Tensor> inputs, String name, Tensor gradient, Random random) {
      Tensor x = inputs.get(name);
      assertThat(gradient.dims()).as(label + " shape by " + name).isEqualTo(x.dims());
      int size = (int) x.size();
      double[] direction = random.doubles(size, -1, 1).toArray();
      compareAlong(model, inputs, name, gradient, direction);
      for (int i = 0; i < Math.min(3, size); i++) {
        double[] one = new double[size];
        one[random.nextInt(size)] = 1;
        compareAlong(model, inputs, name, gradient, one);
      }
    }

    private void compareAlong(
        Model model, Map<String, Tensor> inputs, String name, Tensor gradient, double[] direction) {
      double expected =
          (loss(model, inputs, name, direction, STEP) - loss(model, inputs, name, direction, -STEP))
              / (2 * STEP);
      double found = 0;
      for (int i = 0; i < direction.length; i++) {
        found += gradient.doubleAt(i) * direction[i];
      }
      assertThat(found)
          .as(label + " by " + name)
          .isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
    }

    private static double loss(
        Model model, Map<String, Tensor> inputs, String name, double[] direction, double step) {
      double[] moved = inputs.get(name).toDoubles();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += step * direction[i];
      }
      Map<String, Tensor> there = new LinkedHashMap<>(inputs);
      there.put(name, Tensor.ofDoubles(moved, inputs.get(name).dims()));
      return Interpreter.run(model, there).get("loss").doubleAt(0);
    }
  }
}
