package dev.lathe.server.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Decoders that others exported with their cache become graphs without one that answer the same.
 */
class ExportedDecoderTest {
  @TempDir private Path folder;
  @TempDir private Path data;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "gpt2"})
  void exportedDecoder_answersAsTransformers(String name) throws IOException {
    Path source = Shared.path("fixtures/hf/" + name);
    export(source);
    Map<String, Tensor> expected =
        Safetensors.open(source.resolve("expected.safetensors")).tensors();
    try (Lathe lathe = Lathe.open(data)) {
      VersionDetails version = lathe.importModel("demo/exported", folder.toString(), "");
      assertThat(version.task()).isEqualTo("text-generation");
      assertThat(version.inputs())
          .extracting(VersionDetails.Port::name)
          .containsExactly("input_ids");
      assertThat(version.origin().data())
          .extracting(VersionDetails.DataEntry::name)
          .containsExactly("config.json", "model.onnx");
      Map<String, Tensor> tokens = Map.of("input_ids", expected.get("input_ids"));
      Tensor found = lathe.predict("demo/exported", "v1", tokens).outputs().get("logits");
      assertThat(farthest(found.toDoubles(), expected.get("logits").toDoubles())).isLessThan(1e-4);
      refuseAnotherConfig(lathe);
    }
  }

  /** The same weights, used otherwise than the exporter's graph uses them. */
  private void refuseAnotherConfig(Lathe lathe) throws IOException {
    Path config = folder.resolve("config.json");
    String other =
        Files.readString(config)
            .replace("\"rope_theta\": 10000.0", "\"rope_theta\": 3.0")
            .replace("\"gelu_new\"", "\"relu\"");
    Files.writeString(config, other);
    assertThatThrownBy(() -> lathe.importModel("demo/exported", folder.toString(), ""))
        .hasMessageContaining("does not answer as the ONNX file: \"logits\" is up to");
    assertThat(lathe.log("demo/exported")).hasSize(1);
  }

  private void export(Path source) throws IOException {
    String python = Python.with("torch", "transformers", "onnx");
    Python.run(python, Python.script(ExportedDecoderTest.class, "export.py"), source, folder);
  }

  private static double farthest(double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    return IntStream.range(0, found.length)
        .mapToDouble(i -> Math.abs(found[i] - expected[i]))
        .max()
        .orElseThrow();
  }
}
