package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.IrError;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Interpreter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Normalization before, classification after. */
class ReleaseFormTest {
  private static Model scores(long classes) {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(classes));
    builder.append(Node.of("Neg", List.of("x"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(classes));
    return Model.of(builder.build());
  }

  private static Map<String, Tensor> run(Model model, Tensor x) {
    return Interpreter.run(model, Map.of("x", x));
  }

  @Test
  void normalization_subtractsMeanAndDividesByStd() {
    Tensor mean = Tensor.ofFloats(new float[] {1, 2}, 2);
    Tensor std = Tensor.ofFloats(new float[] {2, 4}, 2);
    Model model = PrependNormalization.apply(scores(2), "x", mean, std);
    assertThat(model.graph().inputs()).isEqualTo(scores(2).graph().inputs());
    Tensor y = run(model, Tensor.ofFloats(new float[] {3, 10}, 1, 2)).get("y");
    assertThat(y.toDoubles()).containsExactly(-1, -2);
  }

  @Test
  void normalizationTwice_findsFreeNames() {
    Tensor one = Tensor.ofFloats(new float[] {1}, 1);
    Model twice =
        PrependNormalization.apply(
            PrependNormalization.apply(scores(2), "x", one, one), "x", one, one);
    Tensor y = run(twice, Tensor.ofFloats(new float[] {3, 10}, 1, 2)).get("y");
    assertThat(y.toDoubles()).containsExactly(-1, -8);
  }

  @Test
  void meanThatDoesNotBroadcast_isRefusedWithShapes() {
    Tensor mean = Tensor.ofFloats(new float[3], 3);
    Tensor std = Tensor.scalar(1f);
    assertThatThrownBy(() -> PrependNormalization.apply(scores(2), "x", mean, std))
        .hasMessage(
            "mean FLOAT[3] for input \"x\" FLOAT[N, 2] (expected: FLOAT that broadcasts to it)");
  }

  @Test
  void stdOfZero_isRefused() {
    Tensor std = Tensor.ofFloats(new float[] {1, 0}, 2);
    assertThatThrownBy(() -> PrependNormalization.apply(scores(2), "x", std, std))
        .hasMessageContaining("std[1] 0.0");
  }

  @Test
  void unknownInput_isRefused() {
    Tensor one = Tensor.scalar(1f);
    assertThatThrownBy(() -> PrependNormalization.apply(scores(2), "z", one, one))
        .extracting("code")
        .isEqualTo(TransformError.UNKNOWN_VALUE);
  }

  @Test
  void classes_becomeProbabilitiesAndLabel() {
    Model model = AppendClassification.apply(scores(3), "y");
    assertThat(model.graph().outputs()).extracting(ValueInfo::toString).hasSize(2);
    assertThat(model.graph().outputs().getFirst().type()).hasToString("FLOAT[N, 3]");
    assertThat(model.graph().outputs().getLast().type()).hasToString("INT64[N]");
    Map<String, Tensor> outputs = run(model, Tensor.ofFloats(new float[] {1, 0, 2, 5, 5, 1}, 2, 3));
    assertThat(outputs.get("label").toLongs()).containsExactly(1, 2);
    double[] p = outputs.get("probabilities").toDoubles();
    assertThat(p[0] + p[1] + p[2]).isCloseTo(1, within(1e-12));
    assertThat(p[1] / p[0]).isCloseTo(Math.E, within(1e-9));
  }

  @Test
  void classesOfEachToken_becomeProbabilitiesAndLabels() {
    GraphBuilder builder = new GraphBuilder("g");
    Shape shape = Shape.of(-1, -1, 2);
    builder.input("x", ElementType.FLOAT, shape);
    builder.append(Node.of("Identity", List.of("x"), List.of("y")));
    builder.output("y", ElementType.FLOAT, shape);
    Model model = AppendClassification.apply(Model.of(builder.build()), "y");
    float[] scores = {1, 0, 2, 5, 5, 1};
    Map<String, Tensor> outputs = run(model, Tensor.ofFloats(scores, 1, 3, 2));
    assertThat(outputs.get("label").dims()).containsExactly(1, 3);
    assertThat(outputs.get("label").toLongs()).containsExactly(0, 1, 0);
    assertThat(outputs.get("probabilities").doubleAt(0)).isCloseTo(0.731, within(1e-3));
  }

  @Test
  void oneScore_becomesASigmoidAndAThreshold() {
    Model model = AppendClassification.apply(scores(1), "y");
    Map<String, Tensor> outputs = run(model, Tensor.ofFloats(new float[] {2, 0, -2}, 3, 1));
    assertThat(outputs.get("label").toLongs()).containsExactly(0, 1, 1);
    assertThat(outputs.get("probabilities").dims()).containsExactly(3, 1);
    assertThat(outputs.get("probabilities").doubleAt(1)).isEqualTo(0.5);
  }

  @Test
  void modelThatHasALabelAlready_isRefused() {
    GraphBuilder builder = GraphBuilder.from(scores(2).graph());
    builder.append(Node.of("Exp", List.of("y"), List.of("label")));
    Model model = Model.of(builder.build());
    assertThatThrownBy(() -> AppendClassification.apply(model, "y"))
        .extracting("code")
        .isEqualTo(IrError.BAD_NAME);
  }

  @Test
  void scoresOfUnknownWidth_areRefused() {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.of(-1, -1));
    builder.append(Node.of("Neg", List.of("x"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(-1, -1));
    Model model = Model.of(builder.build());
    assertThatThrownBy(() -> AppendClassification.apply(model, "y"))
        .hasMessageContaining("FLOAT[?, ?] (expected: FLOAT[N, K] or [N, T, K]");
  }
}
