package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Tiny models of many families, made by transformers, are read and give the same. */
class HuggingFaceEncoderPeerTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void models() throws IOException {
    String python = Python.with("torch", "transformers", "safetensors");
    try (InputStream script =
        HuggingFaceEncoderPeerTest.class.getResourceAsStream("encoder_peers.py")) {
      Python.run(python, new String(script.readAllBytes(), StandardCharsets.UTF_8), folder);
    }
  }

  @TestFactory
  List<DynamicTest> models_giveWhatTransformersGives() throws IOException {
    try (Stream<Path> folders = Files.list(folder)) {
      List<DynamicTest> tests =
          folders
              .sorted()
              .map(
                  each ->
                      DynamicTest.dynamicTest(each.getFileName().toString(), () -> compare(each)))
              .toList();
      assertThat(tests).hasSizeGreaterThan(20);
      return tests;
    }
  }

  private static void compare(Path model) {
    Map<String, Tensor> expected =
        new LinkedHashMap<>(Safetensors.open(model.resolve("expected.safetensors")).tensors());
    try (Session session =
        Session.open(HuggingFace.read(model).model(), SessionOptions.defaults())) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (ValueInfo input : session.inputs()) {
        inputs.put(input.name(), expected.remove(input.name()));
      }
      Map<String, Tensor> found = session.run(inputs);
      expected.forEach((output, values) -> compare(output, found.get(output), values));
      assertThat(found.keySet()).isEqualTo(expected.keySet());
    }
  }

  private static void compare(String output, Tensor found, Tensor expected) {
    assertThat(found.dims()).as(output).containsExactly(expected.dims());
    double worst = 0;
    for (int i = 0; i < found.size(); i++) {
      worst = Math.max(worst, Math.abs(found.doubleAt(i) - expected.doubleAt(i)));
    }
    assertThat(worst).as(output).isLessThanOrEqualTo(1e-4);
  }
}
