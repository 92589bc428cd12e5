package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.Differentiate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** ONNX Runtime runs every gradient graph, in FLOAT, and finds what the interpreter finds. */
class GradientEngineTest {
  private static final int SEEDS = 4;
  private static final double TOLERANCE = 2e-4;

  @TestFactory
  Stream<DynamicTest> engine_findsTheInterpretersGradients() {
    return GradientCases.TABLE.keySet().stream()
        .map(op -> DynamicTest.dynamicTest(op, () -> check(op)));
  }

  private static void check(String op) {
    int compared = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(op.hashCode() + 31L * seed);
      Case c = GradientCases.TABLE.get(op).apply(random);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      c.variables.forEach((name, tensor) -> inputs.put(name, rounded(tensor)));
      List<Tensor> weights = new ArrayList<>();
      Model forward = c.model(Case.Declared.FIXED, List.of());
      Map<String, Tensor> outputs = Interpreter.run(forward, inputs);
      for (Tensor y : outputs.values()) {
        double[] values = random.doubles(y.size(), -1, 1).toArray();
        weights.add(Tensor.ofValues(type(forward), values, y.dims()));
      }
      for (int i = 0; i < weights.size(); i++) {
        inputs.put("w" + i, weights.get(i));
      }
      Model model = c.model(Case.Declared.FIXED, weights);
      if (!runs(model, inputs) || outputs.values().stream().anyMatch(y -> y.size() == 0)) {
        continue;
      }
      Model gradients = Differentiate.apply(model, "loss", c.variables.keySet()).model();
      Map<String, Tensor> expected = Interpreter.run(gradients, inputs);
      try (Session session = Session.open(gradients, SessionOptions.training(1))) {
        compare("seed " + seed + " " + c, session.run(inputs), expected);
      }
      compared++;
    }
    assertThat(compared).as("uses of " + op + " that the engine runs").isPositive();
  }

  /** The engine runs some operators in some forms only; without a forward run none is trained. */
  private static boolean runs(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, SessionOptions.training(1))) {
      session.run(inputs);
      return true;
    } catch (LatheException refused) {
      return false;
    }
  }

  private static ElementType type(Model forward) {
    return forward.graph().outputs().getFirst().tensorType().element();
  }

  private static Tensor rounded(Tensor tensor) {
    return Tensor.ofValues(ElementType.FLOAT, tensor.toDoubles(), tensor.dims());
  }

  private static void compare(
      String label, Map<String, Tensor> found, Map<String, Tensor> expected) {
    expected.forEach(
        (name, tensor) -> {
          assertThat(found.get(name).dims()).as(label + " " + name).isEqualTo(tensor.dims());
          for (int i = 0; i < tensor.size(); i++) {
            double reference = tensor.doubleAt(i);
            assertThat(Math.abs(found.get(name).doubleAt(i) - reference))
                .as(label + " " + name + " at " + i + ": " + reference)
                .isLessThanOrEqualTo(TOLERANCE * (1 + Math.abs(reference)));
          }
        });
  }
}
