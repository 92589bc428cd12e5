package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that transformers makes on the spot, in the ways in which decoders differ, give its
 * scores.
 */
class TransformersTest {
  @TempDir private static Path folder;

  @TestFactory
  List<DynamicTest> decoder_scoresAsTransformers() throws IOException {
    String python = Python.with("torch", "transformers", "safetensors");
    try (InputStream script = TransformersTest.class.getResourceAsStream("decoders.py")) {
      Python.run(python, new String(script.readAllBytes(), StandardCharsets.UTF_8), folder);
    }
    try (Stream<Path> models = Files.list(folder)) {
      return models
          .sorted()
          .map(
              model ->
                  DynamicTest.dynamicTest(
                      model.getFileName().toString(), () -> assertScoresAsTransformers(model)))
          .toList();
    }
  }

  private static void assertScoresAsTransformers(Path model) {
    Map<String, Tensor> expected =
        Safetensors.open(model.resolve("expected.safetensors")).tensors();
    try (Session session =
        Session.open(HuggingFace.read(model).model(), SessionOptions.defaults())) {
      Map<String, Tensor> tokens = Map.of("input_ids", expected.get("input_ids"));
      double[] found = session.run(tokens).get("logits").toDoubles();
      assertThat(farthest(found, expected.get("logits").toDoubles())).isLessThan(1e-4);
    }
  }

  private static double farthest(double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    return IntStream.range(0, found.length)
        .mapToDouble(i -> Math.abs(found[i] - expected[i]))
        .max()
        .orElseThrow();
  }
}
