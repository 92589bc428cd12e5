package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Transformer for translation. */
class EncoderDecoderTest {
  private static final int VOCABULARY = 13;
  private static final EncoderDecoder SMALL = new EncoderDecoder(VOCABULARY, 10, 16, 2, 4, 24, 0);

  private static final String PEER =
      """
      import sys, math, torch
      from safetensors.torch import load_file, save_file
      w = load_file(sys.argv[1])
      x, previous = w.pop("input.x"), w.pop("input.previous")
      table = w.pop("shared.weight")
      width = table.shape[1]
      for i in range(2):
          name = f"decoder.layers.{i}.multihead_attn."
          for kind in ("weight", "bias"):
              w[name + "in_proj." + kind] = torch.cat(
                  [w.pop(name + "query." + kind), w.pop(name + "memory." + kind)])
      net = torch.nn.Transformer(width, 4, 2, 2, 24, 0.0, batch_first=True, norm_first=True)
      net.load_state_dict({k.replace("in_proj.", "in_proj_"): v for k, v in w.items()})
      net.eval()
      def embed(tokens):
          place = torch.arange(tokens.shape[1]).unsqueeze(1).double()
          rate = torch.exp(-math.log(10000.0) * torch.arange(0, width, 2).double() / width)
          waves = torch.stack([torch.sin(place * rate), torch.cos(place * rate)], 2).flatten(1)
          return table[tokens] * math.sqrt(width) + waves.float()
      padded = x == 0
      causal = torch.nn.Transformer.generate_square_subsequent_mask(previous.shape[1])
      with torch.no_grad():
          y = net(embed(x), embed(previous), tgt_mask=causal, src_key_padding_mask=padded,
                  memory_key_padding_mask=padded) @ table.T
      save_file({"y": y.contiguous()}, sys.argv[2])
      """;

  @TempDir private Path folder;

  @Test
  void lengths_areFree_andPaddingIsNotSeen() {
    Model model = SMALL.build(7);
    assertThat(Checker.check(model)).isEmpty();
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Tensor previous = tokens(2, 4, 2);
      float[] plain = scores(session, tokens(2, 5, 1), previous);
      assertThat(plain).hasSize(2 * 4 * VOCABULARY);
      float[] padded = scores(session, padded(tokens(2, 5, 1), 9), previous);
      assertThat(padded).containsExactly(plain, within(1e-5f));
      assertThat(scores(session, tokens(2, 10, 3), tokens(2, 10, 4))).doesNotContain(Float.NaN);
    }
  }

  @Test
  void aLaterToken_changesNoEarlierScore_butTheSourceChangesAll() {
    try (Session session = Session.open(SMALL.build(7), SessionOptions.defaults())) {
      long[] later = tokens(1, 6, 2).toLongs();
      float[] before = scores(session, tokens(1, 5, 1), Tensor.ofLongs(later, 1, 6));
      later[4] = (later[4] + 1) % VOCABULARY;
      float[] after = scores(session, tokens(1, 5, 1), Tensor.ofLongs(later, 1, 6));
      int unseen = 4 * VOCABULARY;
      assertThat(Arrays.copyOf(after, unseen)).isEqualTo(Arrays.copyOf(before, unseen));
      assertThat(after).isNotEqualTo(before);
      assertThat(scores(session, tokens(1, 5, 9), Tensor.ofLongs(later, 1, 6))[0])
          .isNotEqualTo(after[0]);
    }
  }

  @Test
  void aSourceOfPaddingOnly_hasTheSameScoresByEngineAndInterpreter() {
    Model model = SMALL.build(7);
    Map<String, Tensor> inputs =
        Map.of("x", Tensor.ofLongs(new long[3], 1, 3), "previous", tokens(1, 4, 2));
    double[] expected = Interpreter.run(model, inputs).get("y").toDoubles();
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      assertThat(session.run(inputs).get("y").toDoubles()).containsExactly(expected, within(1e-4));
    }
  }

  @Test
  void sameSeed_givesTheSameBytes() {
    assertThat(OnnxFile.toBytes(SMALL.build(3))).isEqualTo(OnnxFile.toBytes(SMALL.build(3)));
    assertThat(OnnxFile.toBytes(SMALL.build(3))).isNotEqualTo(OnnxFile.toBytes(SMALL.build(4)));
  }

  @Test
  void badSizes_areRefused() {
    assertThatThrownBy(() -> new EncoderDecoder(9, 9, 15, 1, 3, 9, 0))
        .hasMessageContaining("width");
    assertThatThrownBy(() -> new EncoderDecoder(9, 1 << 20, 1 << 10, 1, 2, 9, 0))
        .hasMessageContaining("context times width");
  }

  @Test
  void pyTorchsTransformer_givesTheSameScores() {
    String python = Python.with("torch", "safetensors");
    Model model = SMALL.build(5);
    Tensor x = padded(tokens(3, 6, 1), 8);
    Tensor previous = tokens(3, 7, 2);
    Map<String, Tensor> all = new LinkedHashMap<>(randomized(model).graph().initializers());
    all.put("input.x", x);
    all.put("input.previous", previous);
    Path weights = folder.resolve("weights.safetensors");
    Path answer = folder.resolve("answer.safetensors");
    Safetensors.write(weights, all, Map.of());
    Python.run(python, PEER, weights, answer);
    double[] expected = Safetensors.open(answer).tensors().get("y").toDoubles();
    try (Session session = Session.open(randomized(model), SessionOptions.defaults())) {
      double[] found = session.run(Map.of("x", x, "previous", previous)).get("y").toDoubles();
      assertThat(found).containsExactly(expected, within(1e-4));
    }
  }

  /** Norms and biases are drawn, too, so that none can be left out without being missed. */
  private static Model randomized(Model model) {
    SplittableRandom random = new SplittableRandom(8);
    Map<String, Tensor> drawn = new LinkedHashMap<>(model.graph().initializers());
    drawn.replaceAll(
        (name, tensor) -> {
          float[] values = tensor.toFloats();
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (0.1 * random.nextGaussian());
          }
          return Tensor.ofFloats(values, tensor.dims());
        });
    return model.withGraph(model.graph().withInitializers(drawn));
  }

  private static float[] scores(Session session, Tensor x, Tensor previous) {
    return session.run(Map.of("x", x, "previous", previous)).get("y").toFloats();
  }

  private static Tensor tokens(int batch, int length, long seed) {
    int count = batch * length;
    return Tensor.ofLongs(
        new SplittableRandom(seed).longs(count, 1, VOCABULARY).toArray(), batch, length);
  }

  private static Tensor padded(Tensor tokens, int length) {
    int batch = (int) tokens.dim(0);
    int filled = (int) tokens.dim(1);
    long[] longer = new long[batch * length];
    for (int n = 0; n < batch; n++) {
      System.arraycopy(tokens.toLongs(), n * filled, longer, n * length, filled);
    }
    return Tensor.ofLongs(longer, batch, length);
  }
}
