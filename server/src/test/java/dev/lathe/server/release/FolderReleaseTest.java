package dev.lathe.server.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.Prediction;
import dev.lathe.server.ServedModel;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.VersionDetails;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FolderReleaseTest {
  private static final String YAML =
      """
      task: classification
      labels: [no, 'yes']
      pipeline:
        inputs: { x: { datatype: FP32, shape: [-1, 4] } }
        steps:
          scores: { kind: model, inputs: { x: x } }
          names: { kind: labels, inputs: scores, apply: softmax }
        outputs: { label: names.labels, score: names.scores }
      """;

  @TempDir private Path folder;
  @TempDir private Path data;

  private Path model(String yaml) throws IOException {
    Path source = Files.createDirectories(folder.resolve("source"));
    Files.write(source.resolve("linear.onnx"), OnnxFile.toBytes(ServedModel.graph(1)));
    Files.writeString(source.resolve("notes.txt"), "made elsewhere");
    Files.writeString(source.resolve(".hidden"), "not for others");
    Files.writeString(source.resolve("lathe.yaml"), yaml);
    return source;
  }

  private static Tensor row() {
    return Tensor.ofFloats(new float[] {1, 2, 3, 4}, 1, 4);
  }

  private static void requireWorks(Lathe lathe, Path source) {
    VersionDetails version = lathe.release("demo/made", source, "From elsewhere");
    assertThat(version.version()).isEqualTo("v1");
    assertThat(version.labels()).containsExactly("no", "yes");
    assertThat(version.files())
        .extracting(VersionDetails.FileEntry::path)
        .contains("model.onnx", "notes.txt", "lathe.yaml")
        .doesNotContain(".hidden", "linear.onnx");
    assertThat(version.origin().operation()).isEqualTo("import");
    Prediction answer = lathe.predict("demo/made", "v1", Map.of("x", row()));
    assertThat(answer.outputs().get("label").strings().getFirst()).isIn("no", "yes");
    assertThat(answer.label(0)).contains(answer.outputs().get("label").strings().getFirst());
    assertThat(answer.outputs().get("score").toFloats()[0]).isBetween(0.5f, 1f);
  }

  @Test
  void folder_becomesAVersionThatAnswers() throws IOException {
    try (Lathe lathe = Lathe.open(data)) {
      requireWorks(lathe, model(YAML));
    }
  }

  @Test
  void folderSentToAServer_becomesTheSame() throws IOException {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      requireWorks(lathe, model(YAML));
    }
  }

  @Test
  void oneFile_isAReleaseToo() throws IOException {
    Path file = model(YAML).resolve("linear.onnx");
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      VersionDetails version = lathe.release("demo/alone", file, "");
      assertThat(version.inputs()).extracting(VersionDetails.Port::name).containsExactly("x");
      assertThat(lathe.predict("demo/alone", "v1", Map.of("x", row())).outputs()).isNotEmpty();
    }
    try (Lathe lathe = Lathe.open(data)) {
      assertThat(lathe.release("demo/alone", file, "again").version()).isEqualTo("v2");
    }
  }

  private void refused(String yaml, String message) throws IOException {
    Path source = model(yaml);
    try (Lathe lathe = Lathe.open(data)) {
      assertThatThrownBy(() -> lathe.release("demo/made", source, ""))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining(message);
      assertThat(lathe.models()).isEmpty();
    }
  }

  @Test
  void mistakes_areNamedAndNothingIsReleased() throws IOException {
    refused(YAML.replace("labels: [no", "lables: [no"), "did you mean \"labels\"?");
    refused("labels: {a: 1}", "labels: (expected: a list of texts)");
    refused("task: [", "lathe.yaml: not valid YAML");
    refused(YAML.replace("shape: [-1, 4]", "shape: [-1, 5]"), "x is FP32[-1, 5]");
    refused(YAML.replace("kind: model", "kind: model, model: a/b@v1"), "model a/b: unknown");
  }

  @Test
  void folderWithoutModel_andFileThatIsNone_areRefused() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model");
    try (Lathe lathe = Lathe.open(data)) {
      assertThatThrownBy(() -> lathe.release("demo/made", empty, ""))
          .hasMessageContaining("neither a model.onnx nor a lathe.yaml with a pipeline");
      assertThatThrownBy(() -> lathe.release("demo/made", text, ""))
          .isInstanceOf(LatheException.class);
      assertThatThrownBy(() -> lathe.release("demo/made", folder.resolve("none"), ""))
          .hasMessageContaining("none: ");
      assertThat(lathe.models()).isEmpty();
    }
  }

  private static ByteArrayInputStream zip(String... names) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(1);
      }
    }
    return new ByteArrayInputStream(out.toByteArray());
  }

  @Test
  void zipFilesThatLeadOutOrGrowOrAreNone_areRefused() throws IOException {
    for (String name : List.of("../evil", "a/../../evil", "/etc/evil", "x".repeat(500))) {
      assertThatThrownBy(() -> Packed.unpack(zip(name), folder.resolve("in")))
          .as(name)
          .hasMessageContaining("in the ZIP file");
    }
    assertThat(folder.resolve("evil")).doesNotExist();
    assertThatThrownBy(() -> Packed.unpack(zip("a", "A/../a"), folder.resolve("in")))
        .hasMessageContaining("two files of one name");
    assertThatThrownBy(
            () -> Packed.unpack(new ByteArrayInputStream(new byte[] {1, 2}), folder.resolve("in")))
        .hasMessageContaining("no ZIP file");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream bomb = new ZipOutputStream(out)) {
      bomb.putNextEntry(new ZipEntry("zeros"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 80; i++) {
        bomb.write(zeros);
      }
    }
    assertThatThrownBy(
            () -> Packed.unpack(new ByteArrayInputStream(out.toByteArray()), folder.resolve("in")))
        .hasMessageContaining("grows more than");
  }
}
