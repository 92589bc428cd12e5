package dev.lathe.server.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassesTest {
  private static final List<String> NAMES = List.of("cat", "dog", "a:b");

  @Test
  void everyRow_getsItsBestClassesByName() {
    Tensor scores = Tensor.ofFloats(new float[] {0.25f, 0.5f, -1, 3, 1, 2}, 2, 3);
    Tensor best = new Classes("y", NAMES).best(scores, 2);
    assertThat(best.dims()).containsExactly(2, 2);
    assertThat(best.strings()).containsExactly("0.5:1:dog", "0.25:0:cat", "3.0:0:cat", "2.0:2:a:b");
  }

  @Test
  void oneRowWithoutLabels_hasNumbersOnly_andNoMoreThanThereAre() {
    Tensor scores = Tensor.ofDoubles(new double[] {0.1, 0.7}, 2);
    Tensor best = new Classes("y", List.of()).best(scores, 5);
    assertThat(best.dims()).containsExactly(2);
    assertThat(best.strings()).containsExactly("0.7:1", "0.1:0");
  }

  @Test
  void labelsOfAnotherCount_areNotThisOutputs() {
    Tensor scores = Tensor.ofFloats(new float[] {1, 2}, 1, 2);
    assertThat(new Classes("y", NAMES).best(scores, 1).strings()).containsExactly("2.0:1");
  }

  @Test
  void equalScores_keepTheirOrder_andNanComesLast() {
    Tensor scores = Tensor.ofFloats(new float[] {Float.NaN, 1, 1, Float.NEGATIVE_INFINITY}, 1, 4);
    assertThat(new Classes("y", List.of()).best(scores, 4).strings())
        .containsExactly("1.0:1", "1.0:2", "-Infinity:3", "NaN:0");
  }

  @Test
  void largeIntegers_areComparedExactly() {
    long big = 1L << 60;
    Tensor signed = Tensor.ofLongs(new long[] {-1, big, big + 1}, 1, 3);
    assertThat(new Classes("y", List.of()).best(signed, 3).strings())
        .containsExactly(big + 1 + ":2", big + ":1", "-1:0");
    Tensor unsigned = Tensor.zeros(ElementType.UINT64, 1, 2);
    unsigned.data().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 1);
    unsigned.data().set(ValueLayout.JAVA_LONG_UNALIGNED, 8, -1);
    assertThat(new Classes("y", List.of()).best(unsigned, 2).strings())
        .containsExactly("18446744073709551615:1", "1:0");
  }

  @Test
  void whatIsNoScore_isRefused() {
    Tensor text = Tensor.ofStrings(List.of("a"), 1);
    assertThatThrownBy(() -> new Classes("y", List.of()).best(text, 1))
        .isInstanceOf(LatheException.class)
        .hasMessage(
            "output \"y\": classification of STRING[1] (expected: numbers with one axis or"
                + " more)");
  }
}
