package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.HuggingFace.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model of the reference data that is no decoder alone gives what transformers gives. */
class HuggingFaceEncoderFixtureTest {
  static List<String> encoders() throws IOException {
    try (Stream<Path> folders = Files.list(Shared.path("fixtures/hf"))) {
      return folders
          .filter(folder -> HuggingFace.read(folder).task() != Task.TEXT_GENERATION)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void encoder_givesWhatTransformersGives(String name) {
    Path folder = Shared.path("fixtures/hf/" + name);
    Map<String, Tensor> expected =
        Safetensors.open(folder.resolve("expected.safetensors")).tensors();
    try (Session session =
        Session.open(HuggingFace.read(folder).model(), SessionOptions.defaults())) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (ValueInfo input : session.inputs()) {
        inputs.put(input.name(), expected.get(input.name()));
      }
      Map<String, Tensor> found = session.run(inputs);
      assertThat(found).isNotEmpty().hasSize(session.outputs().size());
      found.forEach((output, values) -> compare(output, values, expected.get(output)));
    }
  }

  @Test
  void tasks_areToldByTheArchitecture() {
    assertThat(task("bert-embed")).isEqualTo(Task.FEATURE_EXTRACTION);
    assertThat(task("bert-classify")).isEqualTo(Task.TEXT_CLASSIFICATION);
    assertThat(task("roberta-rerank")).isEqualTo(Task.TEXT_CLASSIFICATION);
    assertThat(task("distilbert-token")).isEqualTo(Task.TOKEN_CLASSIFICATION);
    assertThat(task("bert-qa")).isEqualTo(Task.QUESTION_ANSWERING);
    assertThat(task("t5")).isEqualTo(Task.TEXT2TEXT_GENERATION);
    assertThat(task("marian")).isEqualTo(Task.TEXT2TEXT_GENERATION);
  }

  private static Task task(String name) {
    return HuggingFace.read(Shared.path("fixtures/hf/" + name)).task();
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
