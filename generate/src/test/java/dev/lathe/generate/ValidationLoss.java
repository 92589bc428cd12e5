package dev.lathe.generate;

import dev.lathe.ir.Model;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;

/** How well a form of the trained decoder expects text that it has not learned. */
final class ValidationLoss {
  private static final int WINDOW = 128;
  private static final int TOKENS = 15_360;

  private ValidationLoss() {}

  /** Nats a token, over the first tokens of the last tenth of the text, in windows. */
  static double of(Model plain, WeightForm form) throws IOException {
    CachedDecoder decoder = CachedDecoder.of(plain);
    Model quantized = QuantizeWeights.apply(decoder.model(), form, WeightMemory.offHeap());
    long[] tokens = tokens();
    double sum = 0;
    try (CacheRun run = new CacheRun(CachedDecoder.read(quantized), 1, WINDOW)) {
      for (int from = 0; from < TOKENS; from += WINDOW) {
        float[][] logits = run.append(0, 0, Arrays.copyOfRange(tokens, from, from + WINDOW));
        for (int i = 0; i < WINDOW; i++) {
          sum += surprise(logits[i], (int) tokens[from + i + 1]);
        }
      }
    }
    return sum / TOKENS;
  }

  private static double surprise(float[] logits, int next) {
    double all = 0;
    for (float logit : logits) {
      all += Math.exp(logit);
    }
    return Math.log(all) - logits[next];
  }

  private static long[] tokens() throws IOException {
    String text = Files.readString(Shared.path("data/tinyshakespeare.txt"));
    String last = text.substring((int) (text.length() * 0.9));
    try (Tokenizer tokenizer =
        Tokenizer.open(Shared.path("fixtures/text/shakespeare-llama/tokenizer.json"))) {
      int[] ids = tokenizer.encode(last.substring(0, 60_000), Specials.WITHOUT).ids();
      return Arrays.stream(ids).limit(TOKENS + 1).asLongStream().toArray();
    }
  }
}
