package dev.lathe.benchmarks.generating;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A form of the random decoder, ready to be measured. */
final class OurSide implements AutoCloseable {
  private final Scale scale;
  private final CachedDecoder decoder;
  private final CachedRows rows;
  private final Random random = new Random(5);

  /** Writes the form into a folder, so that the weights are mapped as those of a release are. */
  OurSide(Model plain, WeightForm form, Scale scale, Path folder) {
    this.scale = scale;
    Model cached = CachedDecoder.of(plain).model();
    Model written = QuantizeWeights.apply(cached, form, WeightMemory.offHeap());
    Path file = folder.resolve(form + ".onnx");
    OnnxFile.write(written, file, new ExternalData(form + ".bin", 1024, 4096));
    this.decoder = CachedDecoder.read(OnnxFile.read(file));
    Session session = Session.open(file, SessionOptions.training(1));
    this.rows = new CachedRows(decoder, session, scale.streams().getLast(), scale.capacity());
  }

  /** Bytes that a step reads at least: all weights but the table of tokens. */
  long bytesPerStep() {
    return decoder.model().graph().initializers().entrySet().stream()
        .filter(entry -> !entry.getKey().equals("model.embed_tokens.weight"))
        .mapToLong(entry -> entry.getValue().byteSize())
        .sum();
  }

  /** The best of some tries of everything. */
  Speeds measure(int tries) {
    Map<Integer, Double> read = new LinkedHashMap<>();
    Map<Integer, Double> written = new LinkedHashMap<>();
    for (int i = 0; i < tries; i++) {
      for (int prompt : scale.prompts()) {
        read.merge(prompt, read(prompt), Math::max);
      }
      for (int streams : scale.streams()) {
        written.merge(streams, written(streams), Math::max);
      }
    }
    return new Speeds(read, written);
  }

  private double read(int prompt) {
    try (CachedRows.Tied run = rows.new Tied(1, prompt, CachedRows.Wanted.LAST)) {
      long[] ids = random.longs(prompt, 0, scale.vocabulary()).toArray();
      long start = System.nanoTime();
      run.run(ids, 0);
      return 1e9 * prompt / (System.nanoTime() - start);
    }
  }

  /** What lies in the cache does not matter for how long it takes. */
  private double written(int streams) {
    try (CachedRows.Tied run = rows.new Tied(streams, 1, CachedRows.Wanted.LAST)) {
      long[] ids = random.longs(streams, 0, scale.vocabulary()).toArray();
      run.run(ids, scale.begun());
      long start = System.nanoTime();
      for (int step = 1; step <= scale.steps(); step++) {
        run.run(ids, scale.begun() + step);
        choose(run.logits().tensor(), ids);
      }
      return 1e9 * streams * scale.steps() / (System.nanoTime() - start);
    }
  }

  /** The likeliest token of each row. */
  private void choose(Tensor logits, long[] ids) {
    float[] all = logits.toFloats();
    for (int row = 0; row < ids.length; row++) {
      int first = row * scale.vocabulary();
      int best = 0;
      for (int i = 1; i < scale.vocabulary(); i++) {
        best = all[first + i] > all[first + best] ? i : best;
      }
      ids[row] = best;
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
