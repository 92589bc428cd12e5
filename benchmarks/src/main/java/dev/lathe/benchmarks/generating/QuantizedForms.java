package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.Report;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * What forms of weights cost in quality: a small decoder that has learned Shakespeare, on the part
 * of the text that it has not seen.
 */
public final class QuantizedForms {
  private static final int WINDOW = 128;
  private static final int TOKENS = 15_360;
  private static final int CHARACTERS = 60_000;

  private final Model plain;
  private final long[] tokens;
  private final double[][] exact = new double[TOKENS][];

  private QuantizedForms(Model plain, long[] tokens) {
    this.plain = plain;
    this.tokens = tokens;
  }

  /**
   * Measures every form.
   *
   * @param shared the folder of the reference data
   * @return the report
   */
  public static Report run(Path shared) {
    Path decoder = shared.resolve("fixtures/text/shakespeare-llama");
    long[] tokens = tokens(decoder, shared.resolve("data/tinyshakespeare.txt"));
    return new QuantizedForms(HuggingFace.read(decoder).model(), tokens).measure();
  }

  private Report measure() {
    Report report =
        new Report(
            "Forms of weights and what they cost in quality",
            "A Llama of 2.6 million weights that has learned Shakespeare, on the first 15,360 tokens"
                + " of the tenth of the text that it has not learned, in windows of 128. Divergence"
                + " is Kullback-Leibler's from FLOAT32's next tokens to the form's; the same choice"
                + " is the share of tokens for which both find the same token likeliest. Heads of"
                + " 4-bit forms have 8 bits; tables of tokens stay FLOAT and are not counted. The last"
                + " block of a row of 192 weights is not full."
                + " Reproduce: `benchmarks/run forms`.");
    report.header(
        "form",
        "bits a weight",
        "loss, nats a token",
        "against FLOAT32",
        "divergence",
        "same choice");
    double first = 0;
    for (WeightForm form : WeightForm.values()) {
      Quality quality = quality(form);
      first = form == WeightForm.FLOAT32 ? quality.loss() : first;
      report.row(
          form.toString(),
          number("%.2f", quality.bits()),
          number("%.5f", quality.loss()),
          number("%+.3f %%", 100 * (quality.loss() / first - 1)),
          number("%.5f", quality.divergence()),
          number("%.2f %%", 100 * quality.same()));
    }
    return report;
  }

  private static String number(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }

  private record Quality(double bits, double loss, double divergence, double same) {}

  private Quality quality(WeightForm form) {
    CachedDecoder decoder = CachedDecoder.of(plain);
    Model model = QuantizeWeights.apply(decoder.model(), form, WeightMemory.offHeap());
    double loss = 0;
    double divergence = 0;
    int same = 0;
    try (CachedRows rows =
            new CachedRows(decoder, Session.open(model, SessionOptions.defaults()), 1, WINDOW);
        CachedRows.Tied run = rows.new Tied(1, WINDOW, CachedRows.Wanted.ALL)) {
      for (int from = 0; from < TOKENS; from += WINDOW) {
        run.run(Arrays.copyOfRange(tokens, from, from + WINDOW), 0);
        float[] logits = run.logits().tensor().toFloats();
        int vocabulary = (int) decoder.vocabulary();
        for (int i = 0; i < WINDOW; i++) {
          double[] known = logProbabilities(logits, i * vocabulary, vocabulary);
          if (form == WeightForm.FLOAT32) {
            exact[from + i] = known;
          }
          loss -= known[(int) tokens[from + i + 1]];
          divergence += divergence(exact[from + i], known);
          same += best(exact[from + i]) == best(known) ? 1 : 0;
        }
      }
    }
    return new Quality(bits(model), loss / TOKENS, divergence / TOKENS, (double) same / TOKENS);
  }

  private static double[] logProbabilities(float[] logits, int from, int count) {
    double all = 0;
    for (int i = 0; i < count; i++) {
      all += Math.exp(logits[from + i]);
    }
    double[] logs = new double[count];
    for (int i = 0; i < count; i++) {
      logs[i] = logits[from + i] - Math.log(all);
    }
    return logs;
  }

  private static double divergence(double[] from, double[] to) {
    double sum = 0;
    for (int i = 0; i < from.length; i++) {
      sum += Math.exp(from[i]) * (from[i] - to[i]);
    }
    return sum;
  }

  private static int best(double[] logs) {
    int best = 0;
    for (int i = 1; i < logs.length; i++) {
      best = logs[i] > logs[best] ? i : best;
    }
    return best;
  }

  /** Of the projections in the layers, their scales among them. */
  private double bits(Model model) {
    double bytes = 0;
    double weights = 0;
    for (var entry : model.graph().initializers().entrySet()) {
      bytes += isOfLayers(entry.getKey()) ? entry.getValue().byteSize() : 0;
    }
    for (var entry : plain.graph().initializers().entrySet()) {
      Tensor weight = entry.getValue();
      weights += isOfLayers(entry.getKey()) ? weight.size() : 0;
    }
    return 8 * bytes / weights;
  }

  private static boolean isOfLayers(String name) {
    return name.contains("_proj.weight");
  }

  private static long[] tokens(Path decoder, Path file) {
    try (Tokenizer tokenizer = Tokenizer.open(decoder.resolve("tokenizer.json"))) {
      String text = Files.readString(file);
      String last = text.substring((int) (text.length() * 0.9));
      int[] ids = tokenizer.encode(last.substring(0, CHARACTERS), Specials.WITHOUT).ids();
      return Arrays.stream(ids).limit(TOKENS + 1).asLongStream().toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
