package dev.lathe.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void segmentOfAnotherSize_isRefusedWithBothSizes() {
    MemorySegment data = MemorySegment.ofArray(new byte[11]);
    assertThatThrownBy(() -> Tensor.of(ElementType.FLOAT, new long[] {3}, data))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("11 bytes (expected: 12)");
  }

  @Test
  void overflowingShape_isRefused() {
    assertThatThrownBy(() -> Tensor.sizeOf(1L << 40, 1L << 40))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("overflows");
    assertThatThrownBy(() -> ElementType.DOUBLE.byteSize(Long.MAX_VALUE / 2))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("overflows");
  }

  @Test
  void overflowingShapeWithAZero_isRefusedToo() {
    assertThatThrownBy(() -> Tensor.sizeOf(0, 1L << 40, 1L << 40))
        .isInstanceOf(LatheException.class);
  }

  @Test
  void emptyShape_isAScalarAndZeroIsEmpty() {
    assertThat(Tensor.sizeOf()).isEqualTo(1);
    assertThat(Tensor.sizeOf(4, 0, 3)).isZero();
    assertThat(Tensor.zeros(ElementType.FLOAT, 0).byteSize()).isZero();
  }

  @Test
  void subByteTypes_arePackedLowBitsFirst() {
    Tensor tensor = Tensor.ofValues(ElementType.UINT4, new double[] {1, 2, 3}, 3);
    assertThat(tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
        .containsExactly(0x21, 0x03);
  }

  @Test
  void reshaped_sharesTheElements() {
    Tensor tensor = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(tensor.reshaped(3, 2).data()).isEqualTo(tensor.data());
    assertThatThrownBy(() -> tensor.reshaped(4, 2)).isInstanceOf(LatheException.class);
  }

  @Test
  void sameContent_comparesTypeShapeAndBits() {
    Tensor zeros = Tensor.ofFloats(new float[] {0f, 0f}, 2);
    assertThat(zeros.sameContent(Tensor.zeros(ElementType.FLOAT, 2))).isTrue();
    assertThat(zeros.sameContent(Tensor.zeros(ElementType.INT32, 2))).isFalse();
    assertThat(zeros.sameContent(Tensor.zeros(ElementType.FLOAT, 2, 1))).isFalse();
    assertThat(zeros.sameContent(Tensor.ofFloats(new float[] {0f, -0f}, 2))).isFalse();
  }

  @Test
  void strings_mustFillTheShape() {
    assertThat(Tensor.ofStrings(List.of("a", "b"), 2).strings()).containsExactly("a", "b");
    assertThatThrownBy(() -> Tensor.ofStrings(List.of("a"), 2)).isInstanceOf(LatheException.class);
  }

  @Test
  void byteStrings_areKeptAsTheyAreAndSeenAsTexts() {
    Bytes picture = Bytes.of(new byte[] {(byte) 0xFF, (byte) 0xD8, 0});
    Tensor tensor = ByteStrings.tensor(List.of(picture, Bytes.utf8("ü")), 2);
    assertThat(ByteStrings.of(tensor)).containsExactly(picture, Bytes.utf8("ü"));
    assertThat(tensor.strings().get(1)).isEqualTo("ü");
    assertThat(ByteStrings.of(tensor.reshaped(2, 1))).containsExactly(picture, Bytes.utf8("ü"));
    assertThat(ByteStrings.of(Tensor.ofStrings(List.of("ü"), 1))).containsExactly(Bytes.utf8("ü"));
  }
}
