package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReleaseTest {
  @TempDir Path folder;
  private Registry registry;

  @BeforeEach
  void open() {
    registry = Registry.open(folder.resolve("registry"));
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private void refused(Release release, RegistryError error) {
    assertThatThrownBy(() -> registry.publish(DIGITS, release))
        .isInstanceOf(LatheException.class)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(error);
    assertThat(registry.models()).isEmpty();
  }

  @Test
  void releaseWithoutAGraph_isRefused() {
    SortedMap<String, Content> files = new TreeMap<>(Map.of("a.txt", Content.of("x")));
    refused(new Release(files, Samples.metadata(1), "x"), RegistryError.BAD_RELEASE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../x", ".gitattributes", ".lfsconfig", "lathe.yaml", "Lathe.YAML", "MODEL.onnx"})
  void pathThatMayNotBe_isRefused(String path) {
    refused(Samples.release(1).with(path, Content.of("x")), RegistryError.BAD_PATH);
  }

  @Test
  void fileThatIsAlsoAFolder_isRefused() {
    Release release = Samples.release(1);
    refused(
        release.with("a", Content.of("x")).with("A/b", Content.of("x")), RegistryError.BAD_PATH);
    refused(
        release.with("a/b", Content.of("x")).with("a-c", Content.of("x")).with("a", Content.of("")),
        RegistryError.BAD_PATH);
  }

  @Test
  void pointerInPlaceOfAFile_isRefused() {
    byte[] pointer = new LfsPointer(Sha256.of(new byte[0]), 1).toBytes();
    refused(Samples.release(1).with("x.txt", Content.of(pointer)), RegistryError.BAD_RELEASE);
  }

  @Test
  void messageWithControlCharacters_isRefused() {
    Release release = Samples.release(1);
    refused(new Release(release.files(), release.metadata(), "a\0b"), RegistryError.BAD_RELEASE);
    refused(
        new Release(release.files(), release.metadata(), "x".repeat(70_000)),
        RegistryError.BAD_RELEASE);
  }

  @Test
  void fileThatIsNotThere_isRefused() {
    Release release = Samples.release(1);
    refused(release.with("x.bin", Content.of(folder.resolve("none"))), RegistryError.BAD_RELEASE);
    refused(release.with("x.txt", Content.of(folder)), RegistryError.BAD_RELEASE);
  }

  @Test
  void fileBeyondTheLimit_isRefused_andNothingIsLeft() throws Exception {
    RegistryOptions d = RegistryOptions.defaults();
    RegistryOptions tight =
        new RegistryOptions(d.author(), d.clock(), d.largeFile(), 1000, 0, d.verification());
    try (Registry small = Registry.open(folder.resolve("small"), tight)) {
      assertThatThrownBy(() -> small.publish(DIGITS, Samples.release(1)))
          .hasMessageContaining("50000 bytes (expected: at most 1000)");
      try (Stream<Path> files = Files.walk(folder.resolve("small")).filter(Files::isRegularFile)) {
        assertThat(files).isEmpty();
      }
    }
  }

  @Test
  void graphOnDisk_isTakenWhole_andLeftWhereItIs() throws Exception {
    Path file = Files.write(folder.resolve("g.onnx"), Samples.graph(5, 300_000));
    registry.publish(DIGITS, Release.of(Content.of(file), Samples.metadata(1), ""));
    Files.write(file, new byte[] {0});
    assertThat(registry.materialize(DIGITS, "v1").resolve("model.onnx"))
        .hasBinaryContent(Samples.graph(5, 300_000));
    assertThat(registry.show(DIGITS, "v1").message()).isEqualTo("Release v1");
  }

  @Test
  void ownReadme_isKept() throws Exception {
    registry.publish(DIGITS, Samples.release(1).with("README.md", Content.of("mine\n")));
    assertThat(registry.materialize(DIGITS, "v1").resolve("README.md")).hasContent("mine\n");
  }

  @Test
  void readme_saysWhatHowGoodAndHowToCall() throws Exception {
    registry.publish(DIGITS, Samples.release(1));
    String card = Files.readString(registry.materialize(DIGITS, "v1").resolve("README.md"));
    assertThat(card)
        .contains("# demo/digits v1", "Train, seed 1", "| accuracy | 0.901000 |")
        .contains("| input | x | FP32 | [-1, 1, 8, 8] |")
        .contains("/v2/models/demo/digits/infer", "\"shape\": [1, 1, 8, 8]")
        .contains("git clone -b v1");
  }

  @Test
  void hostileTextInMetadata_staysTextInTheReadme() throws Exception {
    Metadata evil =
        new Metadata(
            "x | y\n# Title",
            List.of("<script>alert(1)</script>", "'; rm -rf ~; '", "[a](javascript:b)"),
            new Signature(List.of(new TensorSpec("`id`'", "FP32", List.of(1L))), List.of()),
            Samples.metadata(1).lineage());
    registry.publish(DIGITS, Release.of(Content.of(new byte[1]), evil, "x"));
    String card = Files.readString(registry.materialize(DIGITS, "v1").resolve("README.md"));
    assertThat(card).doesNotContain("<script>", "\n# Title", "'; rm", "](", "`id`");
    assertThat(registry.show(DIGITS, "v1").metadata()).isEqualTo(evil);
  }

  @Test
  void metadata_comesBackWhateverItsTextIs() {
    Lineage lineage =
        new Lineage(
            "train",
            List.of("a/b@v1"),
            "",
            List.of(),
            Map.of("nan", Double.NaN, "inf", Double.POSITIVE_INFINITY, "tiny", Double.MIN_VALUE),
            Long.MIN_VALUE,
            "t",
            Instant.parse("2026-11-23T22:00:00.123456789Z"));
    List<String> labels =
        List.of("no", "~", "1e3", "", " ", "ü\n\t", "- x", "# y", "!!str z", "0x1F", "1:30", "{}");
    Metadata odd = new Metadata("", labels, new Signature(List.of(), List.of()), lineage);
    assertThat(LatheYaml.readMetadata(LatheYaml.write(odd), "here")).isEqualTo(odd);
  }

  @Test
  void keyOfANewerTool_isPassedOver_butAMissingOneIsNot() {
    String yaml = new String(LatheYaml.write(Samples.metadata(1)), StandardCharsets.UTF_8);
    byte[] newer = (yaml + "colour: red\n").getBytes(StandardCharsets.UTF_8);
    assertThat(LatheYaml.readMetadata(newer, "here")).isEqualTo(Samples.metadata(1));
    byte[] broken = yaml.replace("seed:", "sead:").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> LatheYaml.readMetadata(broken, "here"))
        .hasMessageContaining("here")
        .hasMessageContaining("seed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "live: [1]",
        "live: null",
        "live: !!java.net.URL [\"http://x\"]",
        "{",
        "\0",
        "a: &a [*a]",
        "live: &x [*x, *x]"
      })
  void deploymentThatIsNone_isCorrupt(String yaml) {
    assertThatThrownBy(
            () -> DeploymentYaml.stored(yaml.getBytes(StandardCharsets.UTF_8), "deployment.yaml"))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("deployment.yaml");
  }
}
