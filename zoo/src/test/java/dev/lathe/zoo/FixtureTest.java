package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
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
    Map<String, Tensor> fixture = parameters(huggingFace("llama/model"));
    Map<String, Tensor> expected = huggingFace("llama/expected");
    Tensor scores = run(filled(llama.build(1), fixture), expected.get("input_ids"));
    compare(scores, expected.get("logits"), 1e-4);
  }

  private static final Encoder.Size SMALL = new Encoder.Size(64, 128, 2, 4);

  /** The last example; the others have tokens of another type. */
  @Test
  void encoderOfASequence_scoresAsBert() {
    Encoder encoder = new Encoder(512, 128, SMALL, 0.1, Encoder.Norm.POST, Answer.SEQUENCE, 3);
    Map<String, Tensor> given = huggingFace("bert-classify/model");
    String types = "bert.embeddings.token_type_embeddings.weight";
    given.put(types, rows(given.get(types), 0, 1));
    Map<String, Tensor> expected = huggingFace("bert-classify/expected");
    assertThat(rows(expected.get("token_type_ids"), 2, 3).toLongs()).containsOnly(0);
    Map<String, Tensor> inputs =
        Map.of(
            "x", rows(expected.get("input_ids"), 2, 3),
            "attention_mask", rows(expected.get("attention_mask"), 2, 3));
    Tensor found = run(filled(encoder.build(1), parameters(given)), inputs);
    compare(found, rows(expected.get("logits"), 2, 3), 1e-4);
  }

  @Test
  void encoderOfTokens_scoresAsDistilBert() {
    Encoder encoder = new Encoder(512, 128, SMALL, 0.1, Encoder.Norm.POST, Answer.TOKENS, 5);
    Map<String, Tensor> given = new LinkedHashMap<>();
    huggingFace("distilbert-token/model")
        .forEach((name, tensor) -> given.put(nameInBert(name), tensor));
    given.put(
        "bert.embeddings.token_type_embeddings.weight", Tensor.zeros(ElementType.FLOAT, 1, 64));
    Map<String, Tensor> expected = huggingFace("distilbert-token/expected");
    Map<String, Tensor> inputs =
        Map.of("x", expected.get("input_ids"), "attention_mask", expected.get("attention_mask"));
    Tensor found = run(filled(encoder.build(1), parameters(given)), inputs);
    Tensor mask = expected.get("attention_mask");
    for (int i = 0; i < found.size(); i++) {
      if (mask.longAt(i / 5) == 1) {
        assertThat(found.doubleAt(i)).isCloseTo(expected.get("logits").doubleAt(i), within(1e-4));
      }
    }
  }

  /** DistilBERT is a BERT without types whose parts have other names. */
  private static String nameInBert(String name) {
    return name.replace("distilbert.transformer", "bert.encoder")
        .replace("distilbert.embeddings", "bert.embeddings")
        .replace("attention.q_lin", "attention.self.query")
        .replace("attention.k_lin", "attention.self.key")
        .replace("attention.v_lin", "attention.self.value")
        .replace("attention.out_lin", "attention.output.dense")
        .replace("sa_layer_norm", "attention.output.LayerNorm")
        .replace("ffn.lin1", "intermediate.dense")
        .replace("ffn.lin2", "output.dense")
        .replace("output_layer_norm", "output.LayerNorm");
  }

  private static Map<String, Tensor> parameters(Map<String, Tensor> tensors) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> parameters.put("param." + name, tensor));
    return parameters;
  }

  private static Tensor rows(Tensor all, long from, long to) {
    long[] dims = all.dims();
    long bytes = all.type().byteSize(all.size()) / dims[0];
    dims[0] = to - from;
    return Tensor.of(all.type(), dims, all.data().asSlice(from * bytes, (to - from) * bytes));
  }

  private static Map<String, Tensor> huggingFace(String file) {
    return new LinkedHashMap<>(
        Safetensors.open(Shared.path("fixtures/hf/" + file + ".safetensors")).tensors());
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
    return run(model, Map.of("x", x));
  }

  private static Tensor run(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(inputs).get("y");
    }
  }

  private static void compare(Tensor found, Tensor expected, double tolerance) {
    assertThat(found.size()).isEqualTo(expected.size());
    assertThat(found.toDoubles()).containsExactly(expected.toDoubles(), within(tolerance));
  }
}
