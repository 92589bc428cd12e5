package dev.lathe.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementsTest {
  @ParameterizedTest
  @CsvSource({
    // From the OCP 8-bit and MX specifications: largest finite, smallest subnormal.
    "FLOAT8E4M3FN, 448, 0.001953125",
    "FLOAT8E4M3FNUZ, 240, 0.0009765625",
    "FLOAT8E5M2, 57344, 1.52587890625e-05",
    "FLOAT8E5M2FNUZ, 57344, 7.62939453125e-06",
    "FLOAT4E2M1, 6, 0.5",
    "FLOAT8E8M0, 1.7014118346046923e38, 5.877471754111438e-39",
  })
  void smallFloats_haveTheirPublishedRange(ElementType type, double largest, double smallest) {
    assertThat(written(type, largest)).isEqualTo(largest);
    assertThat(written(type, smallest)).isEqualTo(smallest);
    assertThat(written(type, largest * 4)).isEqualTo(largest);
    assertThat(written(type, Double.POSITIVE_INFINITY)).isEqualTo(largest);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT8E4M3FN, 17, 16",
    "FLOAT8E4M3FN, 19, 20",
    "FLOAT8E4M3FN, -17.5, -18",
    "FLOAT8E5M2, 9, 8",
    "FLOAT8E5M2, 11, 12",
    "FLOAT4E2M1, 2.5, 2",
    "FLOAT4E2M1, -5, -4",
    "BFLOAT16, 1.00390625, 1",
    "BFLOAT16, 1.01171875, 1.015625",
    "INT8, 127.6, 127",
    "INT8, -200, -128",
    "UINT8, -3, 0",
    "UINT8, 2.5, 2",
    "UINT8, 3.5, 4",
    "INT4, 9, 7",
    "INT4, -9, -8",
    "UINT4, 77, 15",
    "INT2, 5, 1",
    "UINT2, 5, 3",
    "UINT32, 4294967295, 4294967295",
    "UINT64, 18446744073709549568, 18446744073709549568",
    "BOOL, 0.25, 1",
  })
  void writing_roundsToNearestEvenAndSaturates(ElementType type, double value, double expected) {
    assertThat(written(type, value)).isEqualTo(expected);
  }

  @Test
  void nan_staysNanWhereTheFormatHasOne() {
    assertThat(written(ElementType.FLOAT8E4M3FN, Double.NaN)).isNaN();
    assertThat(written(ElementType.FLOAT8E5M2FNUZ, Double.NaN)).isNaN();
    assertThat(written(ElementType.BFLOAT16, Double.NaN)).isNaN();
    assertThat(written(ElementType.FLOAT4E2M1, Double.NaN)).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNDEFINED", "STRING", "COMPLEX64", "COMPLEX128"})
  void neighbours_areNotTouched(ElementType type) {
    long seed = 7;
    Random random = new Random(seed);
    int count = 37;
    MemorySegment data = Arena.ofAuto().allocate(type.byteSize(count));
    double[] expected = new double[count];
    for (int round = 0; round < 200; round++) {
      int index = random.nextInt(count);
      Elements.write(type, data, index, random.nextInt(2));
      expected[index] = Elements.read(type, data, index);
      for (int i = 0; i < count; i++) {
        double untouched = type == ElementType.FLOAT8E8M0 ? 0x1p-127 : 0;
        double want = expected[i] == 0 ? untouched : expected[i];
        assertThat(Elements.read(type, data, i)).as("seed %d index %d", seed, i).isEqualTo(want);
      }
    }
  }

  @Test
  void int64_isExact() {
    Tensor tensor = Tensor.ofLongs(new long[] {Long.MAX_VALUE, Long.MIN_VALUE + 1}, 2);
    assertThat(tensor.longAt(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(tensor.longAt(1)).isEqualTo(Long.MIN_VALUE + 1);
  }

  @Test
  void complexNumbers_areRefused() {
    MemorySegment data = Arena.ofAuto().allocate(16);
    assertThatThrownBy(() -> Elements.read(ElementType.COMPLEX64, data, 0))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("COMPLEX64");
  }

  private static double written(ElementType type, double value) {
    MemorySegment data = Arena.ofAuto().allocate(16);
    Elements.write(type, data, 1, value);
    return Elements.read(type, data, 1);
  }
}
