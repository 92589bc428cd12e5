package dev.lathe.server.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.VersionDetails;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of others become versions, here and over HTTP. */
class ImportTest {
  private static final Llama LLAMA =
      new Llama(20, 32, new Llama.Size(16, 16, 1, 2, 1), Llama.Constants.STANDARD, Gpt.Head.OWN);

  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
       "post_processor": null,
       "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
       "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": {"a": 0, "b": 1}, "merges": []}}
      """;

  @TempDir private Path folder;
  @TempDir private Path data;
  private final Map<String, Tensor> weights =
      new LinkedHashMap<>(LLAMA.build(7).graph().initializers());

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("config.json"), LLAMA.files().get("config.json"));
    Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages }}");
    Files.writeString(folder.resolve("training_args.bin"), "no part of it");
    writeWeights();
  }

  private void writeWeights() {
    Safetensors.write(folder.resolve("model.safetensors"), weights, Map.of());
  }

  private void requireImported(Lathe lathe) {
    VersionDetails version = lathe.importModel("demo/llama", folder.toString(), "");
    assertThat(version.version()).isEqualTo("v1");
    assertThat(version.task()).isEqualTo("text-generation");
    assertThat(version.message()).isEqualTo("Import LlamaForCausalLM");
    assertThat(version.inputs())
        .containsExactly(
            new VersionDetails.Port("input_ids", "INT64", version.inputs().getFirst().shape()));
    assertThat(version.outputs()).extracting(VersionDetails.Port::name).containsExactly("logits");
    assertThat(version.files())
        .extracting(VersionDetails.FileEntry::path)
        .contains("model.onnx", "config.json", "tokenizer.json", "chat_template.jinja")
        .doesNotContain("training_args.bin", "model.safetensors");
    assertThat(version.origin().operation()).isEqualTo("import");
    assertThat(version.origin().data())
        .extracting(VersionDetails.DataEntry::name)
        .containsExactly(
            "chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json");
    assertThat(version.origin().data())
        .extracting(VersionDetails.DataEntry::sha256)
        .contains(FileDigest.of(folder.resolve("model.safetensors")));
  }

  private double[] scores(String model) {
    Tensor tokens = Tensor.ofLongs(new long[] {1, 2, 3}, 1, 3);
    try (Lathe lathe = Lathe.open(data)) {
      Tensor scores =
          lathe.predict(model, "v1", Map.of("input_ids", tokens)).outputs().get("logits");
      assertThat(scores.dims()).containsExactly(1, 3, 20);
      return scores.toDoubles();
    }
  }

  @Test
  void folder_becomesAVersionThatAnswers() {
    try (Lathe lathe = Lathe.open(data)) {
      requireImported(lathe);
    }
    assertThat(scores("demo/llama")).isNotEmpty();
    assertThat(data.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void folderSentToAServer_becomesTheSame() {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      requireImported(lathe);
    }
  }

  @Test
  void ggufFile_answersAsTheFolder_hereAndOverHttp() throws IOException {
    Path file = folder.resolve("tiny.gguf");
    Files.write(file, GgufSample.of(weights));
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      lathe.importModel("demo/llama", folder.toString(), "");
      VersionDetails version = lathe.importModel("demo/gguf", file.toString(), "");
      assertThat(version.origin().data())
          .containsExactly(new VersionDetails.DataEntry("tiny.gguf", FileDigest.of(file), 0));
      assertThat(version.files())
          .extracting(VersionDetails.FileEntry::path)
          .contains("model.onnx", "config.json");
    }
    assertThat(scores("demo/gguf")).containsExactly(scores("demo/llama"), within(1e-6));
    try (Lathe lathe = Lathe.open(data)) {
      assertThat(lathe.importModel("demo/gguf", file.toString(), "").version()).isEqualTo("v2");
    }
  }

  @Test
  void folderOfLinks_isSentWithWhatTheyPointTo(@TempDir Path links) throws IOException {
    for (String name :
        new String[] {
          "config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors"
        }) {
      Files.createSymbolicLink(links.resolve(name), folder.resolve(name));
    }
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      assertThat(lathe.importModel("demo/llama", links.toString(), "").version()).isEqualTo("v1");
    }
  }

  @Test
  void largeModels_keepTheirWeightsInAFileOfTheirOwn() throws IOException {
    Llama.Size size = new Llama.Size(24, 16, 1, 2, 1);
    Llama small = new Llama(20, 8, size, Llama.Constants.STANDARD, Gpt.Head.TIED);
    Llama llama = new Llama(1_000_000, 8, size, Llama.Constants.STANDARD, Gpt.Head.TIED);
    weights.clear();
    weights.putAll(small.build(1).graph().initializers());
    weights.put("model.embed_tokens.weight", Tensor.zeros(ElementType.BFLOAT16, 1_000_000, 24));
    Files.writeString(folder.resolve("config.json"), llama.files().get("config.json"));
    writeWeights();
    try (Lathe lathe = Lathe.open(data)) {
      VersionDetails version = lathe.importModel("demo/large", folder.toString(), "why");
      assertThat(version.message()).isEqualTo("why");
      assertThat(version.files())
          .extracting(VersionDetails.FileEntry::path)
          .contains("model.onnx", "model.onnx.data");
      Tensor tokens = Tensor.ofLongs(new long[] {1}, 1, 1);
      assertThat(lathe.predict("demo/large", "v1", Map.of("input_ids", tokens)).outputs())
          .containsKey("logits");
    }
  }

  @Test
  void modelThatIsNotUnderstood_isRefusedAndNothingIsReleased() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        LLAMA.files().get("config.json").replace("\"llama\"", "\"mamba\""));
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe remote = Lathe.connect(server.address())) {
      assertThatThrownBy(() -> remote.importModel("demo/llama", folder.toString(), ""))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
          .hasMessageContaining("model_type: \"mamba\" (supported: llama, ");
      assertThat(remote.models()).isEmpty();
    }
    assertThat(data.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void tokenizerThatIsNone_isRefused() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    try (Lathe lathe = Lathe.open(data)) {
      assertThatThrownBy(() -> lathe.importModel("demo/llama", folder.toString(), ""))
          .isInstanceOf(LatheException.class);
      assertThat(lathe.models()).isEmpty();
    }
  }

  @Test
  void modelThatAnswersNoNumbers_isRefused() {
    weights.computeIfPresent(
        "model.norm.weight",
        (_, scale) -> {
          float[] values = scale.toFloats();
          values[0] = Float.NaN;
          return Tensor.ofFloats(values, scale.dims());
        });
    writeWeights();
    try (Lathe lathe = Lathe.open(data)) {
      assertThatThrownBy(() -> lathe.importModel("demo/llama", folder.toString(), ""))
          .hasMessageContaining("\"logits\" is NaN");
      assertThat(lathe.models()).isEmpty();
    }
  }

  @Test
  void placesOfTheServersDisk_areNoSourceOverHttp() {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      assertThatThrownBy(() -> lathe.importModel("demo/llama", "hf://../x", ""))
          .hasMessageContaining("source \"hf://../x\" (expected: hf://namespace/name");
      assertThatThrownBy(() -> lathe.importModel("demo/llama", data.toString(), ""))
          .hasMessageContaining("no config.json there");
    }
  }
}
