package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.TorchCells;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that read a whole sequence. */
class EncoderTest {
  private static final int VOCABULARY = 11;
  private static final int CONTEXT = 12;
  private static final int OUTPUTS = 3;

  static Stream<Architecture> encoders() {
    return Stream.of(Answer.values())
        .flatMap(
            answer ->
                Stream.of(
                    transformer(Encoder.Norm.PRE, answer),
                    transformer(Encoder.Norm.POST, answer),
                    recurrent(Cell.LSTM, answer),
                    recurrent(Cell.GRU, answer)));
  }

  private static Encoder transformer(Encoder.Norm norm, Answer answer) {
    Encoder.Size size = new Encoder.Size(16, 24, 2, 4);
    return new Encoder(VOCABULARY, CONTEXT, size, 0.1, norm, answer, outputs(answer));
  }

  private static RecurrentEncoder recurrent(Cell cell, Answer answer) {
    RecurrentEncoder.Size size = new RecurrentEncoder.Size(6, 5, 2);
    return new RecurrentEncoder(cell, VOCABULARY, size, 0.1, answer, outputs(answer));
  }

  private static int outputs(Answer answer) {
    return answer == Answer.SPAN ? 2 : OUTPUTS;
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void padding_changesNothing(Architecture architecture) {
    Model model = architecture.build(7);
    assertThat(Checker.check(model)).isEmpty();
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      float[] plain = run(session, 5, 5).toFloats();
      float[] padded = run(session, 5, 9).toFloats();
      assertThat(Arrays.copyOf(padded, plain.length)).containsExactly(plain, within(1e-6f));
      float[] another = run(session, 6, 9).toFloats();
      assertThat(Arrays.copyOf(another, plain.length))
          .isNotEqualTo(Arrays.copyOf(padded, plain.length));
    }
  }

  /** Two examples; the first one has some tokens and then other tokens that do not count. */
  private static Tensor run(Session session, int tokens, int length) {
    long[] x = new long[2 * length];
    long[] mask = new long[2 * length];
    for (int i = 0; i < x.length; i++) {
      mask[i] = i % length < tokens || i >= length ? 1 : 0;
      x[i] = (i % length * 7 + 3) % VOCABULARY;
    }
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", Tensor.ofLongs(x, 2, length));
    inputs.put("attention_mask", Tensor.ofLongs(mask, 2, length));
    inputs.put("token_type_ids", Tensor.ofLongs(new long[2 * length], 2, length));
    inputs.keySet().retainAll(session.inputs().stream().map(ValueInfo::name).toList());
    Map<String, Tensor> outputs = session.run(inputs);
    if (outputs.containsKey("start_logits")) {
      assertThat(outputs.get("start_logits").dims()).containsExactly(2, length);
      assertThat(outputs.get("end_logits").dims()).containsExactly(2, length);
      return first(outputs.get("end_logits"), Math.min(5, tokens));
    }
    Tensor y = outputs.get("y");
    if (y.rank() == 3) {
      assertThat(y.dims()).containsExactly(2, length, OUTPUTS);
      return first(y, Math.min(5, tokens) * OUTPUTS);
    }
    assertThat(y.dims()).containsExactly(2, OUTPUTS);
    return first(y, OUTPUTS);
  }

  private static Tensor first(Tensor y, int count) {
    return Tensor.ofFloats(Arrays.copyOf(y.toFloats(), count), count);
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void sameSeed_givesTheSameBytes_anotherGivesOthers(Architecture architecture) {
    byte[] once = OnnxFile.toBytes(architecture.build(42));
    assertThat(OnnxFile.toBytes(architecture.build(42))).isEqualTo(once);
    assertThat(OnnxFile.toBytes(architecture.build(43))).isNotEqualTo(once);
  }

  @Test
  void config_saysWhatHuggingFaceNeeds() {
    assertThat(transformer(Encoder.Norm.POST, Answer.TOKENS).files().get("config.json"))
        .contains("[\"BertForTokenClassification\"]")
        .contains("\"intermediate_size\": 24,")
        .contains("\"num_labels\": 3,");
    assertThat(transformer(Encoder.Norm.PRE, Answer.TOKENS).files()).isEmpty();
  }

  @Test
  void sizesThatDoNotFit_areRefused() {
    assertThatThrownBy(() -> new Encoder.Size(16, 24, 2, 3))
        .hasMessage("encoder: heads: 3 (expected: a divisor of the width 16)");
    RecurrentEncoder.Size size = new RecurrentEncoder.Size(6, 0, 2);
    assertThatThrownBy(() -> new RecurrentEncoder(Cell.GRU, 9, size, 0, Answer.TOKENS, 2))
        .hasMessageContaining("recurrent encoder: hidden: 0");
  }

  private static final String SCRIPT =
      """
      import sys, torch
      from safetensors.torch import load_file, save_file
      t = load_file(sys.argv[1])
      kind = getattr(torch.nn, sys.argv[3])
      torch.manual_seed(1)
      emb = torch.nn.Embedding(11, 6)
      rnn = kind(6, 5, num_layers=2, bidirectional=True, batch_first=True)
      tag, text = torch.nn.Linear(10, 3), torch.nn.Linear(10, 3)
      count = t["attention_mask"].sum(1)
      packed = torch.nn.utils.rnn.pack_padded_sequence(
          emb(t["x"]), count, batch_first=True, enforce_sorted=False)
      steps, end = rnn(packed)
      steps, _ = torch.nn.utils.rnn.pad_packed_sequence(steps, batch_first=True)
      end = end[0] if isinstance(end, tuple) else end
      found = {"rnn." + k: v.data for k, v in rnn.named_parameters()}
      found["emb.weight"] = emb.weight.data
      for name, head in ("TOKENS", tag), ("SEQUENCE", text):
          found[name + ".weight"], found[name + ".bias"] = head.weight.data, head.bias.data
      found["TOKENS.y"] = (tag(steps) * t["attention_mask"][..., None]).data
      found["SEQUENCE.y"] = text(torch.cat([end[-2], end[-1]], -1)).data
      save_file({k: v.contiguous() for k, v in found.items()}, sys.argv[2])
      """;

  @ParameterizedTest
  @EnumSource(Cell.class)
  void recurrentEncoder_scoresAsPyTorch(Cell cell, @TempDir Path folder) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    long[] x = new SplittableRandom(1).longs(21, 0, VOCABULARY).toArray();
    long[] counts = {7, 2, 5};
    long[] mask = new long[21];
    Arrays.setAll(mask, i -> i % 7 < counts[i / 7] ? 1 : 0);
    given.put("x", Tensor.ofLongs(x, 3, 7));
    given.put("attention_mask", Tensor.ofLongs(mask, 3, 7));
    Safetensors.write(folder.resolve("given"), given, Map.of());
    Python.run(
        Python.with("torch", "safetensors"),
        SCRIPT,
        folder.resolve("given"),
        folder.resolve("found"),
        Path.of(cell.name()));
    Map<String, Tensor> torch =
        TorchCells.inLayoutOfOnnx(Safetensors.open(folder.resolve("found")).tensors());
    for (Answer answer : List.of(Answer.TOKENS, Answer.SEQUENCE)) {
      Model model = recurrent(cell, answer).build(1);
      Map<String, Tensor> filled = new LinkedHashMap<>(model.graph().initializers());
      filled.replaceAll((name, _) -> torch.get(name.replace("classifier", answer.name())));
      Model same = model.withGraph(model.graph().withInitializers(filled));
      double[] expected = torch.get(answer + ".y").toDoubles();
      try (Session session = Session.open(same, SessionOptions.defaults())) {
        double[] found = session.run(given).get("y").toDoubles();
        for (int i = 0; answer == Answer.TOKENS && i < found.length; i++) {
          found[i] *= mask[i / OUTPUTS];
        }
        assertThat(found).as(answer.name()).containsExactly(expected, within(1e-6));
      }
    }
  }
}
