package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.testkit.Python;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTest {
  /** Writes a file with a tensor of random blocks of each type, and what these stand for. */
  private static final String PEER =
      """
      import sys
      import gguf
      import numpy as np
      from safetensors.numpy import save_file

      kinds = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS",
               "BF16", "F16", "F32"]
      rng = np.random.default_rng(5)
      writer = gguf.GGUFWriter(sys.argv[1] + "/peer.gguf", "llama")
      writer.add_uint32("llama.block_count", 3)
      writer.add_float32("llama.rope.freq_base", 1.5)
      writer.add_bool("tokenizer.ggml.add_bos_token", True)
      writer.add_int32("negative", -7)
      writer.add_array("tokenizer.ggml.tokens", ["a", "\\u00e4", "\\u2581b"])
      writer.add_array("tokenizer.ggml.scores", [0.5, -1.0, 2.0])
      expected = {}
      for name in kinds:
          kind = gguf.GGMLQuantizationType[name]
          size, width = gguf.GGML_QUANT_SIZES[kind]
          if name in ("F16", "F32"):
              data = rng.standard_normal((3, 8)).astype(np.float16 if name == "F16" else np.float32)
              expected[name] = data.astype(np.float32)
              writer.add_tensor(name, data)
              continue
          data = rng.integers(0, 256, (3, 2 * width), dtype=np.uint8)
          if name == "BF16":
              data[:, 1::2] &= 0x3F
          else:
              halves = {"Q2_K": [80, 82], "Q3_K": [108], "Q6_K": [208], "Q4_K": [0, 2], "Q5_K": [0, 2],
                        "Q4_1": [0, 2], "Q5_1": [0, 2]}.get(name, [0])
              for block in range(2):
                  for at in halves:
                      half = rng.standard_normal(3).astype(np.float16).reshape(3, 1).view(np.uint8)
                      data[:, block * width + at : block * width + at + 2] = half
          expected[name] = gguf.quants.dequantize(data, kind).astype(np.float32).reshape(3, 2 * size)
          writer.add_tensor(name, data, raw_dtype=kind)
      writer.write_header_to_file()
      writer.write_kv_data_to_file()
      writer.write_tensors_to_file()
      writer.close()
      save_file(expected, sys.argv[1] + "/expected.safetensors")
      """;

  @Test
  void blocksOfEveryType_standForWhatThePeerSays(@TempDir Path folder) {
    String python = Python.with("gguf", "numpy", "safetensors");
    Python.run(python, PEER, folder);
    Gguf gguf = Gguf.open(folder.resolve("peer.gguf"));
    assertThat(gguf.metadata())
        .containsEntry("general.architecture", "llama")
        .containsEntry("llama.block_count", 3L)
        .containsEntry("llama.rope.freq_base", 1.5)
        .containsEntry("tokenizer.ggml.add_bos_token", true)
        .containsEntry("negative", -7L)
        .containsEntry("tokenizer.ggml.tokens", List.of("a", "ä", "▁b"))
        .containsEntry("tokenizer.ggml.scores", List.of(0.5, -1.0, 2.0));
    Map<String, Tensor> expected =
        Safetensors.open(folder.resolve("expected.safetensors")).tensors();
    assertThat(gguf.tensors().keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertThat(gguf.tensors().get(name).type()).isEqualTo(name);
          assertThat(read(gguf, name).toFloats()).as(name).containsExactly(tensor.toFloats());
        });
  }

  private static Tensor read(Gguf gguf, String name) {
    Gguf.Packed packed = gguf.tensors().get(name);
    Tensor room = Tensor.zeros(ElementType.FLOAT, packed.dims());
    packed.readInto(room);
    return room;
  }

  /** A file with one entry and a tensor [2, 32] of Q8_0. */
  private static final class Sample {
    private final ByteBuffer out = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    private int version = 3;
    private long entries = 1;
    private int rank = 2;
    private long row = 32;
    private long rows = 2;
    private int type = 8;
    private long offset;

    byte[] bytes() {
      out.putInt(0x46554747).putInt(version).putLong(1).putLong(entries);
      text("general.alignment").putInt(4).putInt(64);
      text("w").putInt(rank).putLong(row).putLong(rows).putInt(type).putLong(offset);
      out.position((out.position() + 63) / 64 * 64);
      for (int block = 0; block < 2; block++) {
        out.putShort(Float.floatToFloat16(0.5f));
        for (int i = 0; i < 32; i++) {
          out.put((byte) (i - 16 + block));
        }
      }
      return Arrays.copyOf(out.array(), out.position());
    }

    private ByteBuffer text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return out.putLong(bytes.length).put(bytes);
    }
  }

  private static Gguf parse(byte[] bytes) {
    return Gguf.parse(MemorySegment.ofArray(bytes));
  }

  @Test
  void tensor_isReadRowByRow() {
    Gguf gguf = parse(new Sample().bytes());
    assertThat(gguf.tensors().get("w").dims()).containsExactly(2, 32);
    float[] found = read(gguf, "w").toFloats();
    assertThat(found[0]).isEqualTo(-8f);
    assertThat(found[32]).isEqualTo(-7.5f);
    assertThat(found[63]).isEqualTo(8f);
  }

  @Test
  void fileThatIsNotSound_isRefused() {
    refused(sample -> sample.version = 1, "gguf: version 1 (supported: 2, 3");
    refused(sample -> sample.version = 0x03000000, "gguf: version 50331648");
    refused(sample -> sample.entries = -1, "-1 entries of metadata");
    refused(sample -> sample.entries = 1L << 40, "entries of metadata (expected: at most");
    refused(sample -> sample.rank = 5, "rank 5 (expected: up to 4)");
    refused(sample -> sample.rank = -1, "rank -1");
    refused(sample -> sample.row = 33, "tensor \"w\": rows of 33 (expected: a multiple of 32)");
    refused(sample -> sample.row = -32, "tensor \"w\": size -32");
    refused(sample -> sample.row = 1L << 39, "tensor \"w\": bytes 0 to");
    refused(sample -> sample.type = 16, "tensor \"w\": type 16 (supported: [F32");
    refused(sample -> sample.offset = 64, "bytes 64 to 132 (expected: from 0 to 68)");
    refused(sample -> sample.offset = -64, "bytes -64 to");
    refused(sample -> sample.offset = Long.MAX_VALUE, "tensor \"w\": bytes");
  }

  @Test
  void sizeBeyondAllNumbers_isRefusedAndNotTakenForASmallOne() {
    Sample sample = new Sample();
    sample.type = 0;
    sample.row = 1L << 40;
    sample.rows = 1L << 22;
    byte[] bytes = sample.bytes();
    assertThatThrownBy(() -> parse(bytes)).hasMessage("gguf: tensor \"w\": too many numbers");
  }

  @Test
  void itemsOfAllLists_haveOneLimit() {
    int each = 3 << 20;
    ByteBuffer out = ByteBuffer.allocate(2 * each + 128).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0x46554747).putInt(3).putLong(0).putLong(2);
    for (String key : List.of("a", "b")) {
      out.putLong(1).put(key.getBytes(StandardCharsets.UTF_8)).putInt(9).putInt(0).putLong(each);
      out.position(out.position() + each);
    }
    assertThatThrownBy(() -> parse(out.array()))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(OnnxError.LIMIT))
        .hasMessageContaining("\"b\": 3145728 items (expected: at most 4194304 in all lists");
  }

  private static void refused(java.util.function.Consumer<Sample> change, String message) {
    Sample sample = new Sample();
    change.accept(sample);
    byte[] bytes = sample.bytes();
    assertThatThrownBy(() -> parse(bytes))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  @Test
  void fileCutAnywhere_isRefused() {
    byte[] whole = new Sample().bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> parse(cut)).isInstanceOf(LatheException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damagedFile_isReadOrRefused(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = new Sample().bytes();
      damaged[random.nextInt(160)] = (byte) random.nextInt();
      try {
        parse(damaged);
      } catch (LatheException e) {
        assertThat(e.getMessage()).startsWith("gguf: ");
      }
    }
  }
}
