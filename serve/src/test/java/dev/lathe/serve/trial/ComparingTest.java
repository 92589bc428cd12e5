package dev.lathe.serve.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.serve.TrialReport.Difference;
import dev.lathe.serve.TrialReport.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparingTest {
  private static final Comparing VALUES = new Comparing(Comparing.Manner.VALUES, 1e-3, List.of());
  private static final Comparing LABELS =
      new Comparing(Comparing.Manner.LABELS, 1e-3, List.of("cat", "dog"));

  @Test
  void nearNumbers_areEqual_andTheirDistanceIsTold() {
    Difference one = only(VALUES, floats(1, 2000), floats(1.0005f, 2001));
    assertThat(one.kind()).isEqualTo(Kind.NOTHING);
    assertThat(one.maxAbsolute()).isEqualTo(1);
    assertThat(one.maxRelative()).isCloseTo(1 / 2001.0, within(1e-6));
  }

  @Test
  void farNumber_isNamedWithItsPlace() {
    Difference one = only(VALUES, floats(1, 5, 7), floats(1, 5.5f, 9));
    assertThat(one.kind()).isEqualTo(Kind.VALUE);
    assertThat(one.place()).isEqualTo(2);
    assertThat(one.count()).isEqualTo(2);
    assertThat(one.live()).isEqualTo("7.0");
    assertThat(one.trial()).isEqualTo("9.0");
    assertThat(one.maxAbsolute()).isEqualTo(2);
  }

  @Test
  void numberThatIsNone_differsFromANumberAndNotFromItself() {
    assertThat(only(VALUES, floats(1, Float.NaN), floats(1, Float.NaN)).kind())
        .isEqualTo(Kind.NOTHING);
    Difference one = only(VALUES, floats(1, 2), floats(1, Float.NaN));
    assertThat(one.kind()).isEqualTo(Kind.VALUE);
    assertThat(one.trial()).isEqualTo("NaN");
    assertThat(one.maxAbsolute()).isZero();
    assertThat(only(LABELS, floats(1, 0), floats(Float.NaN, 0)).trial()).isEqualTo("NaN");
  }

  @Test
  void labels_areComparedByTheirNames_whateverTheNumbers() {
    assertThat(only(LABELS, floats(0.6f, 0.4f), floats(0.9f, 0.1f)).kind()).isEqualTo(Kind.NOTHING);
    Tensor live = Tensor.ofFloats(new float[] {1, 0, 1, 0}, 2, 2);
    Tensor trial = Tensor.ofFloats(new float[] {1, 0, 0, 1}, 2, 2);
    Difference one = only(LABELS, live, trial);
    assertThat(one.kind()).isEqualTo(Kind.LABEL);
    assertThat(one.live() + " → " + one.trial()).isEqualTo("cat → dog");
    assertThat(one.place()).isEqualTo(1);
    assertThat(one.count()).isEqualTo(1);
  }

  @Test
  void loneNumber_isComparedByValueAlsoAmongLabels() {
    assertThat(only(LABELS, floats(1), floats(2)).kind()).isEqualTo(Kind.VALUE);
  }

  @Test
  void integersAndTexts_mustBeEqual() {
    Tensor one = Tensor.ofLongs(new long[] {1, (1L << 60) + 1}, 2);
    Tensor other = Tensor.ofLongs(new long[] {1, 1L << 60}, 2);
    assertThat(only(VALUES, one, one).kind()).isEqualTo(Kind.NOTHING);
    assertThat(only(VALUES, one, other).live()).isEqualTo("1152921504606846977");
    Difference text =
        only(VALUES, Tensor.ofStrings(List.of("a"), 1), Tensor.ofStrings(List.of("b"), 1));
    assertThat(text.live() + text.trial()).isEqualTo("ab");
  }

  @Test
  void shapesTypesAndNames_mustBeEqual() {
    assertThat(only(VALUES, floats(1, 2), floats(1)).kind()).isEqualTo(Kind.SHAPE);
    assertThat(only(VALUES, floats(1), Tensor.ofLongs(new long[] {1}, 1)).kind())
        .isEqualTo(Kind.TYPE);
    assertThat(VALUES.compare(Map.of("y", floats(1)), Map.of("z", floats(1))))
        .extracting(Difference::output, Difference::kind)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("y", Kind.MISSING),
            org.assertj.core.groups.Tuple.tuple("z", Kind.MISSING));
  }

  private static Difference only(Comparing comparing, Tensor live, Tensor trial) {
    return comparing.compare(Map.of("y", live), Map.of("y", trial)).getFirst();
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(values, values.length);
  }
}
