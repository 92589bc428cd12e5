package dev.lathe.onnx.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
  private static WireReader reader(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return WireReader.of(MemorySegment.ofArray(content), "file");
  }

  @Test
  void integers_comeBack() {
    for (long value : new long[] {0, 1, 127, 128, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      WireWriter out = new WireWriter();
      out.varint(536_870_911, value);
      WireReader in = WireReader.of(MemorySegment.ofArray(out.toArray()), "file");
      assertThat(in.next()).isTrue();
      assertThat(in.field()).isEqualTo(536_870_911);
      assertThat(in.varint()).isEqualTo(value);
      assertThat(in.next()).isFalse();
    }
  }

  @Test
  void integerOfMoreThan64Bits_isRefused() {
    WireReader in = reader(0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02);
    in.next();
    assertThatThrownBy(in::varint).hasMessageContaining("more than 64 bits");
  }

  @Test
  void endInsideInteger_isRefused() {
    WireReader in = reader(0x08, 0x80);
    in.next();
    assertThatThrownBy(in::varint)
        .hasMessageContaining("file, byte 2")
        .hasMessageContaining("ends");
  }

  @Test
  void fieldNumberZero_isRefused() {
    assertThatThrownBy(() -> reader(0x00, 0x01).next()).hasMessageContaining("no field");
  }

  @Test
  void groupsAndUnknownWireTypes_areRefused() {
    for (int code : new int[] {3, 4, 6, 7}) {
      assertThatThrownBy(() -> reader(0x08 | code, 0x01).next())
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("group");
    }
  }

  @Test
  void lengthPastTheMessage_isRefusedWithBoth() {
    WireReader in = reader(0x0A, 0x05, 0x01);
    in.next();
    assertThatThrownBy(in::run).hasMessageContaining("5 bytes (expected: <= 1)");
  }

  @Test
  void hugeLength_isRefused() {
    WireReader in = reader(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01);
    in.next();
    assertThatThrownBy(in::run).hasMessageContaining("18446744073709551615 bytes");
  }

  @Test
  void nestedLengthPastItsParent_isRefusedThoughTheFileGoesOn() {
    WireReader in = reader(0x0A, 0x02, 0x0A, 0x03, 1, 2, 3, 4);
    in.next();
    WireReader nested = in.message("nested");
    nested.next();
    assertThatThrownBy(nested::run)
        .hasMessageContaining("file > nested")
        .hasMessageContaining("3 bytes (expected: <= 0)");
  }

  @Test
  void wrongWireType_isRefused() {
    WireReader in = reader(0x0D, 0, 0, 0, 0);
    in.next();
    assertThatThrownBy(in::varint).hasMessageContaining("FIXED32 (expected: VARINT)");
  }

  @Test
  void textThatIsNotUtf8_isRefused() {
    WireReader in = reader(0x0A, 0x02, 0xC3, 0x28);
    in.next();
    assertThatThrownBy(in::text).hasMessageContaining("not UTF-8");
  }

  @Test
  void replacementCharacterItself_isText() {
    WireReader in = reader(0x0A, 0x03, 0xEF, 0xBF, 0xBD);
    in.next();
    assertThat(in.text()).isEqualTo("\uFFFD");
  }

  @Test
  void depthBeyondTheLimit_isRefused() {
    WireWriter out = new WireWriter();
    nest(out, 101);
    WireReader in = WireReader.of(MemorySegment.ofArray(out.toArray()), "file");
    assertThatThrownBy(() -> descend(in))
        .isInstanceOf(LatheException.class)
        .extracting("code")
        .isEqualTo(OnnxError.LIMIT);
  }

  @Test
  void depthAtTheLimit_isRead() {
    WireWriter out = new WireWriter();
    nest(out, 100);
    assertThat(descend(WireReader.of(MemorySegment.ofArray(out.toArray()), "file"))).isEqualTo(100);
  }

  @Test
  void manyEmptyMessages_areRefusedBeforeTheyFillTheHeap() {
    byte[] bytes = new byte[17_000_000];
    for (int i = 0; i < bytes.length; i += 2) {
      bytes[i] = 0x0A;
    }
    WireReader in = WireReader.of(MemorySegment.ofArray(bytes), "file");
    assertThatThrownBy(
            () -> {
              while (in.next()) {
                in.message("empty");
              }
            })
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("more than 8000000");
  }

  @Test
  void keptFields_areTheirOwnBytes() {
    WireReader in =
        reader(0x08, 0x01, 0x12, 0x02, 7, 8, 0x1D, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8);
    in.next();
    in.varint();
    while (in.next()) {
      in.keep();
    }
    assertThat(in.extras().bytes().toArray())
        .containsExactly(0x12, 2, 7, 8, 0x1D, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void packedAndSingleIntegers_areTheSame() {
    List<Long> numbers = new ArrayList<>();
    WireReader in = reader(0x0A, 0x03, 1, 0x80, 1, 0x08, 5);
    while (in.next()) {
      in.varints(numbers::add);
    }
    assertThat(numbers).containsExactly(1L, 128L, 5L);
  }

  @Test
  void largeRuns_comeOutWhereTheyWereWritten() {
    byte[] large = new byte[200_000];
    large[0] = 1;
    large[large.length - 1] = 2;
    WireWriter out = new WireWriter();
    out.text(1, "before");
    out.message(2, nested -> nested.run(3, MemorySegment.ofArray(large)));
    out.text(4, "after");
    byte[] bytes = out.toArray();
    assertThat((long) bytes.length).isEqualTo(out.size());
    WireReader in = WireReader.of(MemorySegment.ofArray(bytes), "file");
    in.next();
    assertThat(in.text()).isEqualTo("before");
    in.next();
    WireReader nested = in.message("nested");
    nested.next();
    assertThat(nested.run().mismatch(MemorySegment.ofArray(large))).isEqualTo(-1);
    in.next();
    assertThat(in.text()).isEqualTo("after");
  }

  private static void nest(WireWriter out, int depth) {
    if (depth > 0) {
      out.message(1, nested -> nest(nested, depth - 1));
    }
  }

  private static int descend(WireReader in) {
    return in.next() ? 1 + descend(in.message("nested")) : 0;
  }
}
