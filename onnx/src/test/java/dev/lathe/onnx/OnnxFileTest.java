package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.wire.WireWriter;
import dev.lathe.testkit.Shared;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
  @TempDir Path folder;

  static List<Path> fixtures() throws IOException {
    try (Stream<Path> files = Files.list(Shared.path("fixtures/onnx"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  @Test
  void modelsOfPeers_comeBackTheSameThroughOurBytes() throws IOException {
    for (Path file : fixtures()) {
      Model model = OnnxFile.read(file);
      byte[] first = OnnxFile.toBytes(model);
      Model again = OnnxFile.parse(MemorySegment.ofArray(first));
      assertThat(OnnxFile.toBytes(again)).as("%s", file).isEqualTo(first);
      assertThat(Same.models(model, again)).as("%s", file).isEmpty();
    }
  }

  @Test
  void writtenFile_isTheBytesAndLeavesNoDraft() throws IOException {
    Model model = OnnxFile.read(fixtures().getFirst());
    Path file = folder.resolve("model.onnx");
    Files.writeString(file, "old");
    OnnxFile.write(model, file);
    assertThat(Files.readAllBytes(file)).isEqualTo(OnnxFile.toBytes(model));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void missingFile_isNotFound() {
    assertThatThrownBy(() -> OnnxFile.read(folder.resolve("none.onnx")))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("no such file")
        .extracting("code")
        .isEqualTo(OnnxError.NO_FILE);
  }

  @Test
  void folder_isRefused() {
    assertThatThrownBy(() -> OnnxFile.read(folder))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("not a regular file");
  }

  @Test
  void emptyFile_isRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.onnx"));
    assertThatThrownBy(() -> OnnxFile.read(file))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("no graph");
  }

  @Test
  void gitLfsPointer_isRefusedWithTheWayOut() throws IOException {
    Path file = folder.resolve("pointer.onnx");
    Files.writeString(
        file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", StandardCharsets.UTF_8);
    assertThatThrownBy(() -> OnnxFile.read(file))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("git lfs pull");
  }

  /** The file is a hole but for its head and its last element. */
  @Test
  void fileBeyond2GiB_isReadWhereItLies() throws IOException {
    long length = 3L << 30;
    byte[] tensor =
        head(
            out -> {
              out.varint(1, length / 4);
              out.varint(2, 1);
              out.text(8, "W");
            },
            9,
            length);
    byte[] graph = head(_ -> {}, 5, tensor.length + length);
    byte[] model = head(out -> out.varint(1, 10), 7, graph.length + tensor.length + length);
    Path file = folder.resolve("large.onnx");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (byte[] part : List.of(model, graph, tensor)) {
        channel.write(ByteBuffer.wrap(part));
      }
      channel.write(
          ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3F}), channel.position() + length - 4);
    }
    Tensor weights = OnnxFile.read(file).graph().initializers().get("W");
    assertThat(weights.byteSize()).isEqualTo(length);
    assertThat(weights.doubleAt(weights.size() - 1)).isEqualTo(1);
    assertThat(weights.doubleAt(weights.size() / 2)).isZero();
  }

  /** Fields, then the tag and length of a run that follows. */
  private static byte[] head(Consumer<WireWriter> fields, int field, long length) {
    WireWriter out = new WireWriter();
    fields.accept(out);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(out.toArray());
    bytes.write(field << 3 | 2);
    long rest = length;
    for (; rest >= 0x80; rest >>>= 7) {
      bytes.write((int) (rest & 0x7F | 0x80));
    }
    bytes.write((int) rest);
    return bytes.toByteArray();
  }
}
