package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.CachedTransducer;
import dev.lathe.zoo.HuggingFace;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders with decoders over a cache give the logits of the plain form. */
class TransducerFixtureTest {
  private static final int ROWS = 3;
  private static final int SOURCE = 9;
  private static final int TARGET = 14;

  /** T5 weighs by distance, Marian has places as waves; sources are of several lengths. */
  @ParameterizedTest
  @ValueSource(strings = {"t5", "marian"})
  void decoderOverACache_givesThePlainFormsLogits(String name) {
    Model plain = HuggingFace.read(Shared.path("fixtures/hf/" + name)).model();
    CachedTransducer parts = CachedTransducer.of(plain);
    int vocabulary = (int) parts.decoder().vocabulary();
    Random random = new Random(4);
    long[] source = random.longs(ROWS * SOURCE, 5, vocabulary).toArray();
    long[] mask = new long[ROWS * SOURCE];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % SOURCE < SOURCE - 2 * (i / SOURCE) ? 1 : 0;
    }
    long[] target = random.longs(ROWS * TARGET, 5, vocabulary).toArray();
    Map<String, Tensor> sources =
        Map.of(
            "input_ids", Tensor.ofLongs(source, ROWS, SOURCE),
            "attention_mask", Tensor.ofLongs(mask, ROWS, SOURCE));
    float[][] expected = plain(plain, sources, target);
    try (Session encoder = Session.open(parts.encoder(), SessionOptions.defaults());
        CacheRun run = new CacheRun(parts.decoder(), ROWS, TARGET)) {
      encoder.run(sources).forEach(run::give);
      run.give("attention_mask", sources.get("attention_mask"));
      assertThat(worst(run, target, expected)).isLessThan(2e-5f);
    }
  }

  private static float[][] plain(Model model, Map<String, Tensor> sources, long[] target) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Tensor previous = Tensor.ofLongs(target, ROWS, TARGET);
      Map<String, Tensor> inputs = new java.util.LinkedHashMap<>(sources);
      inputs.put("decoder_input_ids", previous);
      return CacheRun.rows(session.run(inputs).get("logits"));
    }
  }

  /** Rows begin with prompts of several lengths and grow side by side, all at other places. */
  private static float worst(CacheRun run, long[] target, float[][] expected) {
    float worst = 0;
    int[] begun = {1, 4, 6};
    for (int row = 0; row < ROWS; row++) {
      int first = row * TARGET;
      float[][] found = run.append(row, 0, Arrays.copyOfRange(target, first, first + begun[row]));
      for (int i = 0; i < begun[row]; i++) {
        worst = Math.max(worst, apart(found[i], expected[first + i]));
      }
    }
    for (int step = 0; step < TARGET - 6; step++) {
      long[][] next = new long[ROWS][];
      int[] from = new int[ROWS];
      for (int row = 0; row < ROWS; row++) {
        from[row] = begun[row] + step;
        next[row] = new long[] {target[row * TARGET + from[row]]};
      }
      float[][] found = run.run(0, next, from);
      for (int row = 0; row < ROWS; row++) {
        worst = Math.max(worst, apart(found[row], expected[row * TARGET + from[row]]));
      }
    }
    return worst;
  }

  private static float apart(float[] found, float[] expected) {
    float worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    }
    return worst;
  }
}
