package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.runtime.Interpreter;
import dev.lathe.transform.InferShapes;
import dev.lathe.transform.TypedModel;
import dev.lathe.transform.shape.ShapeRules;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Inferred shapes against those that the interpreter makes, over random uses of operators. */
class ShapesTest {
  private static final int SEEDS = 20;

  /** Operators whose shapes depend on values that only a run knows. */
  private static final Set<String> BY_VALUE = Set.of("Compress", "NonZero", "Range");

  /** Operators that the interpreter does not compute, and Scan, whose shapes its bodies tell. */
  static final Set<String> APART =
      Set.of("Bernoulli", "MatMulInteger", "RandomNormalLike", "RandomUniformLike", "Scan");

  static final Map<String, Function<Random, Case>> CASES = cases();

  private static Map<String, Function<Random, Case>> cases() {
    Map<String, Function<Random, Case>> all = new TreeMap<>(GradientCases.TABLE);
    all.putAll(FlatCases.TABLE);
    return all;
  }

  @Test
  void everyRule_hasCases() {
    Set<String> checked = new TreeSet<>(CASES.keySet());
    checked.addAll(APART);
    assertThat(checked).isEqualTo(ShapeRules.operators());
  }

  @Test
  void randomAndQuantizedValues_haveTheirShapes() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(3))));
    builder.input("a", ElementType.UINT8, Shape.of(List.of(Dim.of("N"), Dim.of(3))));
    builder.input("b", ElementType.INT8, Shape.of(3, 4));
    List<String> like =
        List.of(
            builder.add("Bernoulli", "x"),
            builder.add("RandomNormalLike", "x"),
            builder.add("RandomUniformLike", "x"));
    String product = builder.add("MatMulInteger", "a", "b");
    TypedModel typed = InferShapes.apply(Model.of(builder.build()));
    like.forEach(value -> assertThat(typed.type(value)).hasToString("FLOAT[N, 3]"));
    assertThat(typed.type(product)).hasToString("INT32[N, 4]");
  }

  @TestFactory
  Stream<DynamicTest> inferredShape_isTheInterpreters() {
    return CASES.keySet().stream().map(op -> DynamicTest.dynamicTest(op, () -> check(op)));
  }

  private static void check(String op) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Case c = CASES.get(op).apply(new Random(op.hashCode() + 31L * seed));
      Model fixed = c.model(Case.Declared.FIXED, List.of());
      Map<String, Tensor> outputs = Interpreter.run(fixed, c.variables);
      for (Case.Declared declared : Case.Declared.values()) {
        Model model = c.model(declared, List.of());
        outputs.forEach(
            (name, tensor) -> {
              Shape inferred = ((ValueType.TensorType) InferShapes.apply(model).type(name)).shape();
              String label = declared + " " + c + " " + inferred + " for " + tensor;
              assertThat(inferred.rank()).as(label).isEqualTo(tensor.rank());
              if (declared == Case.Declared.FIXED && !BY_VALUE.contains(op)) {
                assertThat(inferred.sizes()).as(label).isEqualTo(tensor.dims());
              }
              for (int i = 0; i < tensor.rank(); i++) {
                requireSize(inferred.dim(i), tensor.dim(i), label);
              }
            });
      }
    }
  }

  private static void requireSize(Dim inferred, long size, String label) {
    switch (inferred) {
      case Dim.Fixed(long fixed) -> assertThat(fixed).as(label).isEqualTo(size);
      case Dim.Symbol(String name) -> {
        // Cases name a symbol by the size it stands for.
        if (name.matches("S[0-9]+")) {
          assertThat(Long.parseLong(name.substring(1))).as(label).isEqualTo(size);
        }
      }
      case Dim.Unknown _ -> {}
    }
  }
}
