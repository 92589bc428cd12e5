package dev.lathe.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainerTest {
  private static final Random RANDOM = new Random(7);
  private static final int FEATURES = 5;
  private static final int CLASSES = 3;
  private static final Method OCCLUSION = new Method.Occlusion(0, 0);

  private static float[] random(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) RANDOM.nextGaussian();
    }
    return values;
  }

  private static Tensor random(long... dims) {
    return Tensor.ofFloats(random((int) Tensor.sizeOf(dims)), dims);
  }

  /** x·W, with Tanh and Softmax between and behind if it is to be crooked. */
  private static Model table(Tensor weights, boolean crooked, Dim rows) {
    GraphBuilder graph = new GraphBuilder("table");
    Shape in = Shape.of(List.of(rows, Dim.of(FEATURES)));
    String x = graph.input("x", ElementType.FLOAT, in);
    String product = graph.add("MatMul", x, graph.initializer("w", weights));
    String bent = crooked ? graph.add("Tanh", product) : graph.add("Identity", product);
    graph.append(
        crooked
            ? Node.of("Softmax", List.of(bent), List.of("y")).with("axis", Attribute.of(1L))
            : Node.of("Identity", List.of(bent), List.of("y")));
    graph.output("y", ElementType.FLOAT, Shape.of(List.of(rows, Dim.of(CLASSES))));
    return Model.of(graph.build());
  }

  private static Question question(Method method) {
    return new Question(Optional.of(1), Tensor.scalar(0f), method);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64})
  void straightModel_isExplainedExactlyByBothMethods(int steps) {
    Tensor weights = random(FEATURES, CLASSES);
    Explainer explainer = new Explainer(table(weights, false, Dim.of("N")), "", "");
    Tensor x = random(4, FEATURES);
    Tensor baseline = random(new long[] {FEATURES});
    for (Method method : List.of(new Method.IntegratedGradients(steps), OCCLUSION)) {
      List<Explanation> all =
          explainer.explain(Map.of("x", x), new Question(Optional.of(2), baseline, method));
      for (int n = 0; n < 4; n++) {
        Tensor attributions = all.get(n).attributions();
        for (int f = 0; f < FEATURES; f++) {
          double part = x.doubleAt(n * FEATURES + f) - baseline.doubleAt(f);
          double expected = part * weights.doubleAt((long) f * CLASSES + 2);
          assertThat(attributions.doubleAt(f)).isCloseTo(expected, within(1e-5));
        }
        assertThat(all.get(n).gap()).isCloseTo(0, within(1e-5));
      }
    }
  }

  @Test
  void crookedModel_isExplainedWhole_andTheGapShrinksWithTheSteps() {
    Explainer explainer =
        new Explainer(table(random(FEATURES, CLASSES), true, Dim.of("N")), "x", "y");
    Tensor x = random(8, FEATURES);
    double coarse = 0;
    double fine = 0;
    for (int n = 0; n < 8; n++) {
      coarse += Math.abs(explain(explainer, x, 2).get(n).gap());
      fine += Math.abs(explain(explainer, x, 512).get(n).gap());
    }
    assertThat(fine / 8).isLessThan(1e-5);
    assertThat(coarse).isGreaterThan(20 * fine);
  }

  private static List<Explanation> explain(Explainer explainer, Tensor x, int steps) {
    return explainer.explain(Map.of("x", x), question(new Method.IntegratedGradients(steps)));
  }

  @Test
  void fixedNumberOfRows_changesNothing() {
    Tensor weights = random(FEATURES, CLASSES);
    Tensor x = random(3, FEATURES);
    List<Explanation> open =
        explain(new Explainer(table(weights, true, Dim.of("N")), "", ""), x, 10);
    List<Explanation> fixed =
        explain(new Explainer(table(weights, true, Dim.of(3)), "", ""), x, 10);
    for (int n = 0; n < 3; n++) {
      assertThat(fixed.get(n).score()).isCloseTo(open.get(n).score(), within(1e-6));
      for (int f = 0; f < FEATURES; f++) {
        assertThat(fixed.get(n).attributions().doubleAt(f))
            .isCloseTo(open.get(n).attributions().doubleAt(f), within(1e-6));
      }
    }
  }

  @Test
  void greatestScore_isTheTargetUnlessToldOtherwise() {
    Tensor weights = Tensor.ofFloats(new float[FEATURES * CLASSES], FEATURES, CLASSES);
    float[] values = weights.toFloats();
    values[2] = 1;
    Explainer explainer =
        new Explainer(
            table(Tensor.ofFloats(values, FEATURES, CLASSES), false, Dim.of("N")), "", "");
    Tensor x = Tensor.ofFloats(new float[] {1, 0, 0, 0, 0}, 1, FEATURES);
    Explanation explanation = explainer.explain(Map.of("x", x), Question.usual()).getFirst();
    assertThat(explanation.target()).isEqualTo(2);
    assertThat(explanation.score()).isEqualTo(1);
    assertThat(explanation.baselineScore()).isZero();
  }

  @Test
  void image_isExplainedWhereTheModelLooks() {
    GraphBuilder graph = new GraphBuilder("corner");
    Shape in = Shape.of(List.of(Dim.of("N"), Dim.of(2), Dim.of(8), Dim.of(8)));
    String x = graph.input("x", ElementType.FLOAT, in);
    float[] looks = new float[128];
    for (int channel = 0; channel < 2; channel++) {
      looks[channel * 64 + 9] = 2;
    }
    String seen = graph.add("Mul", x, graph.initializer("looks", Tensor.ofFloats(looks, 2, 8, 8)));
    String axes = graph.initializer("axes", Tensor.ofLongs(new long[] {1, 2, 3}, 3));
    graph.append(
        Node.of("ReduceSum", List.of(seen, axes), List.of("y")).with("keepdims", Attribute.of(0L)));
    graph.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"))));
    Explainer explainer = new Explainer(Model.of(graph.build()), "", "");
    Tensor image = Tensor.ofFloats(filled(128, 0.5f), 1, 2, 8, 8);
    for (Method method : List.of(new Method.IntegratedGradients(3), new Method.Occlusion(2, 1))) {
      Tensor attributions =
          explainer
              .explain(
                  Map.of("x", image), new Question(Optional.empty(), Tensor.scalar(0f), method))
              .getFirst()
              .attributions();
      assertThat(attributions.dims()).containsExactly(2, 8, 8);
      for (int i = 0; i < 64; i++) {
        boolean near = i / 8 <= 2 && i % 8 <= 2;
        assertThat(attributions.doubleAt(i) > 0)
            .as("%s at %d", method, i)
            .isEqualTo(method instanceof Method.Occlusion ? near : i == 9);
      }
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, value);
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 9, 100})
  void windows_coverEveryElementOnceOrMore(int window) {
    for (int[] example : List.of(new int[] {4}, new int[] {3, 4}, new int[] {2, 9, 7})) {
      for (int stride = 1; stride <= window; stride += 2) {
        Set<Integer> covered = new HashSet<>();
        for (int[] part : Parts.of(example, new Method.Occlusion(window, stride))) {
          for (int place : part) {
            covered.add(place);
          }
        }
        int size = 1;
        for (int dim : example) {
          size *= dim;
        }
        assertThat(covered).hasSize(size).allMatch(place -> place >= 0);
      }
    }
  }

  @Test
  void whatCannotBeExplained_isRefusedByName() {
    Model model = table(random(FEATURES, CLASSES), true, Dim.of("N"));
    assertThatThrownBy(() -> new Explainer(model, "z", "")).hasMessageContaining("input \"z\"");
    assertThatThrownBy(() -> new Explainer(model, "", "z")).hasMessageContaining("output \"z\"");
    Explainer explainer = new Explainer(model, "", "");
    Tensor x = random(2, FEATURES);
    assertThatThrownBy(() -> explainer.explain(Map.of(), Question.usual()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("input \"x\"");
    assertThatThrownBy(() -> explainer.explain(Map.of("x", random(65, FEATURES)), Question.usual()))
        .hasMessageContaining("65 rows");
    assertThatThrownBy(
            () ->
                explainer.explain(
                    Map.of("x", x), new Question(Optional.of(3), Tensor.scalar(0f), OCCLUSION)))
        .hasMessage("class 3 (expected: 0 to 2)");
    assertThatThrownBy(
            () ->
                explainer.explain(
                    Map.of("x", x),
                    new Question(Optional.empty(), random(new long[] {4}), OCCLUSION)))
        .hasMessageContaining("baseline");
    assertThatThrownBy(() -> new Method.IntegratedGradients(0)).hasMessageContaining("steps");
  }
}
