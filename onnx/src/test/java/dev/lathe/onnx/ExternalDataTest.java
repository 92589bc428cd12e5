package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.wire.WireWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataTest {
  @TempDir Path temporary;

  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temporary.resolve("model"));
  }

  @Test
  void largeWeights_goOutAlignedAndComeBack() throws IOException {
    Model model = weights(3);
    Path file = folder.resolve("model.onnx");
    OnnxFile.write(model, file, new ExternalData("model.onnx.data", 100, 4096));
    assertThat(Files.size(file)).isLessThan(2000);
    assertThat(Files.size(folder.resolve("model.onnx.data"))).isEqualTo(2 * 4096 + 4000);
    Model again = OnnxFile.read(file);
    assertThat(Same.models(model, again)).isEmpty();
    again
        .graph()
        .initializers()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.data().address() % (tensor.byteSize() >= 100 ? 4096 : 1))
                    .as(name)
                    .isZero());
  }

  @Test
  void sameModel_givesTheSameFiles() throws IOException {
    ExternalData external = ExternalData.of("w.bin");
    OnnxFile.write(weights(5), folder.resolve("a.onnx"), external);
    byte[] weights = Files.readAllBytes(folder.resolve("w.bin"));
    OnnxFile.write(weights(5), folder.resolve("b.onnx"), external);
    assertThat(Files.readAllBytes(folder.resolve("w.bin"))).isEqualTo(weights);
    assertThat(Files.readAllBytes(folder.resolve("a.onnx")))
        .isEqualTo(Files.readAllBytes(folder.resolve("b.onnx")));
  }

  @Test
  void modelReadFromItsFiles_canReplaceThem() throws IOException {
    Path file = folder.resolve("model.onnx");
    ExternalData external = new ExternalData("w.bin", 100, 64);
    OnnxFile.write(weights(4), file, external);
    Model read = OnnxFile.read(file);
    OnnxFile.write(read, file, external);
    assertThat(Same.models(weights(4), OnnxFile.read(file))).isEmpty();
    assertThat(Same.models(weights(4), read)).isEmpty();
  }

  @Test
  void smallWeights_stayAndMakeNoSecondFile() throws IOException {
    OnnxFile.write(Samples.small(), folder.resolve("m.onnx"), ExternalData.of("w.bin"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("m.onnx"));
    }
  }

  @Test
  void weightsOfBodies_goOutToo() {
    Graph body =
        Samples.graph(Node.of("Add", List.of("x", "w"), List.of("y")))
            .withInitializers(Map.of("w", Tensor.zeros(ElementType.FLOAT, 1000)));
    Node node =
        Node.of("Custom", List.of("x"), List.of("y")).with("body", new Attribute.OfGraph(body));
    Model model = Model.of(Samples.graph(node));
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(model, file, ExternalData.of("w.bin"));
    assertThat(folder.resolve("w.bin")).hasSize(4000);
    assertThat(Same.models(model, OnnxFile.read(file))).isEmpty();
  }

  @Test
  void weightsFileThatIsTheModelsFile_isRefused() {
    assertThatThrownBy(() -> OnnxFile.write(weights(1), folder.resolve("m"), ExternalData.of("m")))
        .hasMessageContaining("another");
  }

  @Test
  void failedWrite_leavesTheOldFilesAndNoDraft() throws IOException {
    Path file = folder.resolve("m.onnx");
    Files.writeString(file, "old");
    Files.createDirectory(folder.resolve("w.bin"));
    Files.writeString(folder.resolve("w.bin").resolve("x"), "in the way");
    assertThatThrownBy(() -> OnnxFile.write(weights(1), file, ExternalData.of("w.bin")))
        .isInstanceOf(LatheException.class)
        .extracting("code")
        .isEqualTo(OnnxError.NOT_WRITTEN);
    assertThat(file).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(file, folder.resolve("w.bin"));
    }
  }

  @Test
  void missingFolder_isNotWritten() {
    assertThatThrownBy(
            () -> OnnxFile.write(Samples.small(), folder.resolve("none").resolve("m.onnx")))
        .isInstanceOf(LatheException.class)
        .extracting("code")
        .isEqualTo(OnnxError.NOT_WRITTEN);
  }

  @Test
  void overlappingTensors_areRead() throws IOException {
    Files.write(folder.resolve("w"), new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, 0x40});
    Model model = read(entries("w", "0", "8"), entries("w", "4", "4"));
    assertThat(model.graph().initializers().get("t0").toFloats()).containsExactly(1, 2);
    assertThat(model.graph().initializers().get("t1").toFloats()).containsExactly(2);
  }

  @Test
  void locationInASubfolder_isRead() throws IOException {
    Files.createDirectory(folder.resolve("sub"));
    Files.write(folder.resolve("sub").resolve("w"), new byte[4]);
    assertThat(read(entries("sub/w", "0", "4")).graph().initializers()).hasSize(1);
  }

  @Test
  void offsetAndLengthLeftOut_areTheWholeTensor() throws IOException {
    Files.write(folder.resolve("w"), new byte[8]);
    assertThat(read(Map.of("location", "w")).graph().initializers()).hasSize(1);
  }

  @Test
  void absoluteLocation_isRefused() throws IOException {
    Path outside = Files.write(temporary.resolve("secret"), new byte[4]);
    assertRefused("inside the model's folder", entries(outside.toString(), "0", "4"));
    assertRefused("inside the model's folder", entries("/etc/passwd", "0", "4"));
  }

  @Test
  void locationThatGoesUp_isRefused() throws IOException {
    Files.write(temporary.resolve("secret"), new byte[4]);
    Files.createDirectory(folder.resolve("sub"));
    for (String location :
        List.of("../secret", "sub/../../secret", "sub/../w", "..", "..\\secret")) {
      assertRefused("inside the model's folder", entries(location, "0", "4"));
    }
  }

  @Test
  void oddLocations_areRefused() {
    for (String location : List.of("", "C:w", "a\u0000b", "a\nb")) {
      assertRefused("external data", entries(location, "0", "4"));
    }
    assertRefused("regular file", entries(".", "0", "4"));
    assertRefused("external data", Map.of("offset", "0"));
  }

  @Test
  void linkOutOfTheFolder_isRefused() throws IOException {
    Path outside = Files.write(temporary.resolve("secret"), new byte[4]);
    Files.createSymbolicLink(folder.resolve("w"), outside);
    assertRefused("inside the model's folder", entries("w", "0", "4"));
    Path folderOutside = Files.createDirectory(temporary.resolve("other"));
    Files.write(folderOutside.resolve("w"), new byte[4]);
    Files.createSymbolicLink(folder.resolve("sub"), folderOutside);
    assertRefused("inside the model's folder", entries("sub/w", "0", "4"));
  }

  @Test
  void linkInsideTheFolder_isFollowed() throws IOException {
    Files.write(folder.resolve("blob"), new byte[4]);
    Files.createSymbolicLink(folder.resolve("w"), Path.of("blob"));
    assertThat(read(entries("w", "0", "4")).graph().initializers()).hasSize(1);
  }

  @Test
  void folderOrNothing_isRefused() throws IOException {
    Files.createDirectory(folder.resolve("sub"));
    assertRefused("regular file", entries("sub", "0", "4"));
    assertRefused("no such file", entries("none", "0", "4"));
  }

  @Test
  void beyondTheEnd_isRefusedWithTheSize() throws IOException {
    Files.write(folder.resolve("w"), new byte[8]);
    assertRefused("within its 8 bytes", entries("w", "5", "4"));
    assertRefused("within its 8 bytes", entries("w", "9223372036854775807", "4"));
  }

  @Test
  void numbersThatAreNone_areRefused() throws IOException {
    Files.write(folder.resolve("w"), new byte[8]);
    for (String bad : List.of("-1", "", "+1", "0x4", "9223372036854775808", "1e3", "٣")) {
      assertRefused("a number of bytes", entries("w", bad, "4"));
      assertRefused("a number of bytes", entries("w", "0", bad));
    }
  }

  @Test
  void lengthThatIsNotTheShapes_isRefused() throws IOException {
    Files.write(folder.resolve("w"), new byte[8]);
    Path file = write(6, entries("w", "0", "8"));
    assertThatThrownBy(() -> OnnxFile.read(file)).hasMessageContaining("8 bytes (expected: 24");
  }

  @Test
  void externalDataInMemory_areRefused() {
    byte[] bytes = bytes(1, entries("w", "0", "4"));
    assertThatThrownBy(() -> OnnxFile.parse(MemorySegment.ofArray(bytes)))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("not read from a file");
  }

  @Test
  void weightsBeyond2GiB_areReadWhereTheyLie() throws IOException {
    long count = (3L << 30) / 4;
    Path weights = folder.resolve("w");
    try (FileChannel channel =
        FileChannel.open(weights, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.position(count * 4 - 4);
      channel.write(ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3F}));
    }
    Path file = write(count, entries("w", "0", Long.toString(count * 4)));
    Tensor tensor = OnnxFile.read(file).graph().initializers().get("t0");
    assertThat(tensor.size()).isEqualTo(count);
    assertThat(tensor.doubleAt(count - 1)).isEqualTo(1);
    assertThat(tensor.doubleAt(count - 2)).isZero();
  }

  @Test
  void modelBeyond2GiBInOneFile_isRefusedWithTheWayOut() throws IOException {
    Path blank = folder.resolve("blank");
    try (FileChannel channel =
            FileChannel.open(
                blank,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment zeros = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1L << 31, arena);
      zeros.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      Tensor large = Tensor.of(ElementType.UINT8, new long[] {1L << 31}, zeros);
      Model model = Samples.small();
      Model over = model.withGraph(model.graph().withInitializers(Map.of("W", large)));
      Path file = folder.resolve("m.onnx");
      assertThatThrownBy(() -> OnnxFile.write(over, file))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("external data")
          .extracting("code")
          .isEqualTo(OnnxError.TOO_LARGE);
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void settingsThatMakeNoSense_areRefused() {
    for (String name : List.of("", ".", "..", "a/b", "a\\b", "C:x")) {
      assertThatThrownBy(() -> ExternalData.of(name)).hasMessageContaining("plain file name");
    }
    assertThatThrownBy(() -> new ExternalData("w", -1, 1)).hasMessageContaining("threshold");
    assertThatThrownBy(() -> new ExternalData("w", 0, 3)).hasMessageContaining("power of two");
  }

  private void assertRefused(String message, Map<String, String> entries) {
    assertThatThrownBy(() -> read(entries))
        .as("%s", entries)
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("\"t0\"")
        .hasMessageContaining(message)
        .extracting("code")
        .isEqualTo(OnnxError.EXTERNAL_DATA);
  }

  private static Map<String, String> entries(String location, String offset, String length) {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("location", location);
    entries.put("offset", offset);
    entries.put("length", length);
    return entries;
  }

  /** A model of FLOAT vectors t0, t1, … in other files, as long as their entries say. */
  @SafeVarargs
  private Model read(Map<String, String>... tensors) throws IOException {
    WireWriter out = new WireWriter();
    out.message(
        7,
        graph -> {
          for (int i = 0; i < tensors.length; i++) {
            long count = "8".equals(tensors[i].get("length")) ? 2 : 1;
            String name = "t" + i;
            Map<String, String> entries = tensors[i];
            graph.message(5, tensor -> external(tensor, name, count, entries));
          }
        });
    Path file = folder.resolve("read.onnx");
    Files.write(file, out.toArray());
    return OnnxFile.read(file);
  }

  private Path write(long count, Map<String, String> entries) throws IOException {
    return Files.write(folder.resolve("write.onnx"), bytes(count, entries));
  }

  private static byte[] bytes(long count, Map<String, String> entries) {
    WireWriter out = new WireWriter();
    out.message(7, graph -> graph.message(5, tensor -> external(tensor, "t0", count, entries)));
    return out.toArray();
  }

  private static void external(
      WireWriter tensor, String name, long count, Map<String, String> entries) {
    tensor.varint(1, count);
    tensor.varint(2, 1);
    tensor.text(8, name);
    entries.forEach(
        (key, value) ->
            tensor.message(
                13,
                entry -> {
                  entry.text(1, key);
                  entry.text(2, value);
                }));
    tensor.varint(14, 1);
  }

  private static Model weights(int count) {
    Map<String, Tensor> weights = new LinkedHashMap<>(Samples.small().graph().initializers());
    Random random = new Random(count);
    for (int i = 0; i < count; i++) {
      weights.put("w" + i, Samples.random(ElementType.FLOAT, random, 1000));
    }
    Model model = Samples.small();
    return model.withGraph(model.graph().withInitializers(weights));
  }
}
