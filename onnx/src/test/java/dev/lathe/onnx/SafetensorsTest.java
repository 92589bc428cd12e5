package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.safetensors.Dtype;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void everyDtype_comesBackAligned() {
    Random random = new Random(5);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Dtype dtype : Dtype.values()) {
      tensors.put("t." + dtype, Samples.random(dtype.type(), random, 2, 3));
    }
    tensors.put("scalar", Tensor.scalar(1f));
    tensors.put("empty", Tensor.zeros(ElementType.INT64, 0, 3));
    Path file = folder.resolve("all.safetensors");
    Safetensors.write(file, tensors, Map.of("format", "pt", "ünï", "\"\n"));
    Safetensors read = Safetensors.open(file);
    assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "ünï", "\"\n"));
    assertThat(read.tensors().keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    tensors.forEach(
        (name, tensor) -> {
          Tensor again = read.tensors().get(name);
          assertThat(again.sameContent(tensor)).as(name).isTrue();
          assertThat(again.data().address() % Math.max(1, tensor.type().bits() / 8))
              .as(name)
              .isZero();
        });
  }

  @Test
  void orderOfMaps_doesNotChangeTheBytes() throws IOException {
    Map<String, Tensor> one = new LinkedHashMap<>();
    one.put("a", Tensor.scalar(1f));
    one.put("b", Tensor.scalar(2L));
    Map<String, Tensor> other = new LinkedHashMap<>();
    other.put("b", Tensor.scalar(2L));
    other.put("a", Tensor.scalar(1f));
    Path first = folder.resolve("1");
    Path second = folder.resolve("2");
    Safetensors.write(first, one, Map.of("k", "1", "l", "2", "m", "3"));
    Safetensors.write(second, other, Map.of("m", "3", "k", "1", "l", "2"));
    assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(second));
  }

  @Test
  void filesOfPeers_comeBackTheSame() throws IOException {
    try (Stream<Path> files = Files.list(Shared.path("fixtures/onnx"))) {
      List<Path> all =
          files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
      assertThat(all).isNotEmpty();
      for (Path file : all) {
        Safetensors read = Safetensors.open(file);
        assertThat(read.tensors()).isNotEmpty();
        Path again = folder.resolve("again");
        Safetensors.write(again, read.tensors(), read.metadata());
        Safetensors second = Safetensors.open(again);
        read.tensors()
            .forEach(
                (name, tensor) ->
                    assertThat(second.tensors().get(name).sameContent(tensor)).as(name).isTrue());
        assertThat(Files.size(again)).isLessThanOrEqualTo(Files.size(file) + 16);
      }
    }
  }

  @Test
  void typeThatTheFormatLacks_isRefusedByName() {
    assertThatThrownBy(
            () ->
                Safetensors.write(
                    folder.resolve("x"),
                    Map.of("words", Tensor.ofStrings(List.of("a"), 1)),
                    Map.of()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("\"words\"")
        .extracting("code")
        .isEqualTo(OnnxError.UNSUPPORTED);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void nameOfTheMetadata_isRefusedForATensor() {
    assertThatThrownBy(
            () ->
                Safetensors.write(
                    folder.resolve("x"), Map.of("__metadata__", Tensor.scalar(1f)), Map.of()))
        .isInstanceOf(LatheException.class);
  }

  @Test
  void soundHeader_isRead() {
    Safetensors read =
        parse("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  ", 4);
    assertThat(read.tensors().get("a").dims()).containsExactly(1);
  }

  @Test
  void noTensors_isAnEmptyFile() {
    assertThat(parse("{}", 0).tensors()).isEmpty();
  }

  @Test
  void gapsOverlapsAndEnds_areRefused() {
    assertRefused(
        "begin at 0", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8);
    assertRefused(
        "begin at 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
        8);
    assertRefused(
        "begin at 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
        12);
    assertRefused(
        "tensors end at 4", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5);
    assertRefused(
        "ends at 4", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3);
    assertRefused("tensors end at 0", "{}", 1);
    assertRefused(
        "begin at 0", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4);
  }

  @Test
  void shapesThatDoNotFit_areRefused() {
    assertRefused(
        "expected: 8", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4);
    assertRefused(
        "overflows",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
        4);
    assertRefused(
        "overflows",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}",
        0);
    assertRefused("whole", "{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}", 2);
    assertRefused(
        "expected: few numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        4);
    assertRefused(
        "",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551617],\"data_offsets\":[0,4]}}",
        4);
    assertRefused(
        "expected: an integer",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
        4);
  }

  @Test
  void namesAndKeysTwice_areRefused() {
    assertRefused(
        "twice",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        8);
    assertRefused(
        "twice",
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        4);
    assertRefused("twice", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0);
  }

  @Test
  void headersThatAreNone_areRefused() {
    assertRefused(
        "dtype \"F31\"", "{\"a\":{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[0,4]}}", 4);
    assertRefused("expected: dtype", "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0);
    assertRefused(
        "expected: dtype", "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0]}}", 4);
    assertRefused("expected: START_OBJECT", "{\"a\":1}", 0);
    assertRefused("expected: VALUE_STRING", "{\"__metadata__\":{\"a\":1}}", 0);
    assertRefused("start with '{'", "[]", 0);
    assertRefused("start with '{'", " {}", 0);
    assertRefused("follows", "{}{}", 0);
    assertRefused("header", "{\"a\"", 0);
    assertRefused("expected: START_OBJECT", "{\"a\":" + "[".repeat(10_000), 0);
    assertRefused("header", "{\"a\":{\"x\":" + "[".repeat(100), 0);
  }

  @Test
  void lengthsPastTheEnd_areRefusedBeforeAllocation() {
    for (long length : new long[] {3, 100_000_000, 100_000_001, Long.MAX_VALUE, -1, 1L << 31}) {
      ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      bytes.put((byte) '{').put((byte) '}');
      assertThatThrownBy(() -> Safetensors.parse(MemorySegment.ofArray(bytes.array())))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("header of");
    }
    assertThatThrownBy(() -> Safetensors.parse(MemorySegment.ofArray(new byte[7])))
        .hasMessageContaining("7 bytes");
  }

  @Test
  void headerThatIsNotUtf8_isRefused() {
    ByteBuffer bytes = ByteBuffer.allocate(11).order(ByteOrder.LITTLE_ENDIAN).putLong(3);
    bytes.put((byte) '{').put((byte) 0xFF).put((byte) '}');
    assertThatThrownBy(() -> Safetensors.parse(MemorySegment.ofArray(bytes.array())))
        .hasMessageContaining("not UTF-8");
  }

  private static void assertRefused(String message, String header, int data) {
    assertThatThrownBy(() -> parse(header, data))
        .as("%s", header.substring(0, Math.min(200, header.length())))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  private static Safetensors parse(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text);
    return Safetensors.parse(MemorySegment.ofArray(bytes.array()));
  }
}
