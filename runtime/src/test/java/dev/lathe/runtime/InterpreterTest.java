package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.interpreter.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operator of the interpreter against ONNX Runtime, over seeded uses. */
class InterpreterTest {
  private static final int ROUNDS = 4;
  private static final double TOLERANCE = 2e-5;

  @Test
  void everyOperator_hasCases() {
    assertThat(new TreeSet<>(OperatorCases.ALL.keySet()))
        .isEqualTo(new TreeSet<>(Kernels.table().keySet()));
  }

  @TestFactory
  Stream<DynamicTest> everyOperator_agreesWithTheEngine() {
    return Kernels.table().keySet().stream()
        .map(op -> DynamicTest.dynamicTest(op, () -> compareAll(op)));
  }

  private static void compareAll(String op) {
    List<OperatorCases.Use> generators = OperatorCases.ALL.getOrDefault(op, List.of());
    for (int i = 0; i < generators.size(); i++) {
      for (int round = 0; round < ROUNDS; round++) {
        Draw draw = new Draw(op, 1000L * i + round);
        generators.get(i).draw(draw);
        compare(draw.finish(), op + ", generator " + i + ", seed " + (1000L * i + round));
      }
    }
  }

  private static void compare(Draw.Case drawn, String where) {
    List<Tensor> typed;
    try {
      typed = Interpreter.evaluate(drawn.node(), drawn.tensors(), drawn.opset());
    } catch (RuntimeException e) {
      throw new AssertionError(where + ": the interpreter fails: " + drawn, e);
    }
    Model model = model(drawn, typed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    drawn.node().inputs().stream()
        .filter(name -> !name.isEmpty())
        .forEach(name -> inputs.put(name, drawn.tensors().get(inputs.size())));
    Map<String, Tensor> precise = Interpreter.run(model, inputs);
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Map<String, Tensor> expected = session.run(inputs);
      for (int i = 0; i < typed.size(); i++) {
        String name = drawn.node().output(i);
        String what = where + ", output " + i + ": " + drawn.node() + drawn.tensors();
        requireClose(what, precise.get(name), expected.get(name));
        requireClose(what, typed.get(i), expected.get(name));
        assertThat(typed.get(i).type()).as(what).isEqualTo(expected.get(name).type());
      }
    } catch (RuntimeException e) {
      throw new AssertionError(where + ": the engine fails: " + drawn, e);
    }
  }

  private static Model model(Draw.Case drawn, List<Tensor> outputs) {
    GraphBuilder builder = new GraphBuilder("one");
    int next = 0;
    for (String name : drawn.node().inputs()) {
      if (!name.isEmpty()) {
        Tensor tensor = drawn.tensors().get(next++);
        builder.input(name, tensor.type(), Shape.of(tensor.dims()));
      }
    }
    builder.append(drawn.node());
    for (int i = 0; i < outputs.size(); i++) {
      builder.output(drawn.node().output(i), outputs.get(i).type(), Shape.UNRANKED);
    }
    return Model.of(builder.build()).withOpset("", drawn.opset());
  }

  static void requireClose(String what, Tensor found, Tensor expected) {
    assertThat(found.dims()).as(what).isEqualTo(expected.dims());
    if (expected.type() == ElementType.STRING) {
      assertThat(found.strings()).as(what).isEqualTo(expected.strings());
      return;
    }
    double tolerance = expected.type().isFloating() ? TOLERANCE : 0;
    if (expected.type() == ElementType.FLOAT16 || expected.type() == ElementType.BFLOAT16) {
      tolerance = 0;
    }
    for (int i = 0; i < expected.size(); i++) {
      double reference = expected.doubleAt(i);
      double difference = Math.abs(found.doubleAt(i) - reference);
      boolean same = Double.compare(found.doubleAt(i), reference) == 0;
      assertThat(same || difference <= tolerance * (1 + Math.abs(reference)))
          .as("%s at %d: %s (expected: %s)", what, i, found.doubleAt(i), reference)
          .isTrue();
    }
  }
}
