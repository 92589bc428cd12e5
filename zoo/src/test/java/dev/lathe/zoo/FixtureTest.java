package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.TorchCells;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our architectures with PyTorch's weights give PyTorch's scores. */
class FixtureTest {
  @Test
  void gpt_scoresAsPyTorch() {
    Map<String, Tensor> fixture = fixture("gpt");
    Model model = new Gpt(40, 16, 32, 2, 4, 0, Gpt.Head.OWN).build(1);
    compare(run(filled(model, fixture), fixture.get("x")), fixture.get("y"), 1e-5);
  }

  @ParameterizedTest
  @EnumSource(Cell.class)
  void recurrentDecoder_scoresAsPyTorch(Cell cell) {
    Map<String, Tensor> fixture = TorchCells.inLayoutOfOnnx(fixture(cell.name().toLowerCase()));
    Model model = new RecurrentDecoder(cell, 40, 16, 24, 2, 0, Gpt.Head.OWN).build(1);
    compare(run(filled(model, fixture), fixture.get("x")), fixture.get("y"), 1e-5);
  }

  @Test
  void llama_scoresAsHuggingFace() {
    Llama llama =
        new Llama(
            512,
            256,
            new Llama.Size(64, 128, 2, 4, 2),
            new Llama.Constants(10_000, 1e-6),
            Gpt.Head.OWN);
    Map<String, Tensor> fixture = new LinkedHashMap<>();
    huggingFace("llama/model").forEach((name, tensor) -> fixture.put("param." + name, tensor));
    Map<String, Tensor> expected = huggingFace("llama/expected");
    Tensor scores = run(filled(llama.build(1), fixture), expected.get("input_ids"));
    compare(scores, expected.get("logits"), 1e-4);
  }

  private static Map<String, Tensor> huggingFace(String file) {
    return Safetensors.open(Shared.path("fixtures/hf/" + file + ".safetensors")).tensors();
  }

  private static Map<String, Tensor> fixture(String name) {
    return Safetensors.open(Shared.path("fixtures/onnx/" + name + ".expected.safetensors"))
        .tensors();
  }

  private static Model filled(Model model, Map<String, Tensor> fixture) {
    Map<String, Tensor> filled = new LinkedHashMap<>(model.graph().initializers());
    filled.replaceAll(
        (name, fresh) -> {
          Tensor given = fixture.get("param." + name);
          assertThat(given.dims()).as(name).containsExactly(fresh.dims());
          return given;
        });
    assertThat(filled)
        .hasSize((int) fixture.keySet().stream().filter(n -> n.startsWith("param.")).count());
    return model.withGraph(model.graph().withInitializers(filled));
  }

  private static Tensor run(Model model, Tensor x) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(Map.of("x", x)).get("y");
    }
  }

  private static void compare(Tensor found, Tensor expected, double tolerance) {
    assertThat(found.size()).isEqualTo(expected.size());
    assertThat(found.toDoubles()).containsExactly(expected.toDoubles(), within(tolerance));
  }
}
