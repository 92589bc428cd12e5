package dev.lathe.generate.beam;

import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.CachedTransducer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores by a decoder over a cache: the encoder runs once for some sources, and each step computes
 * one token of each line. For many threads at once; each of them has a cache of its own.
 */
final class CachedScores implements SourceScores {
  /** What the caches of one search may take. */
  private static final long MOST_BYTES = 256L << 20;

  private static final int MOST_LINES = 256;
  private static final String MASK = "attention_mask";

  private final CachedDecoder form;
  private final Session encoder;
  private final Session decoder;
  private final boolean masked;
  private final int pad;

  private CachedScores(CachedDecoder form, Session encoder, Session decoder, int pad) {
    this.form = form;
    this.encoder = encoder;
    this.decoder = decoder;
    this.masked = encoder.inputs().stream().anyMatch(input -> input.name().equals(MASK));
    this.pad = pad;
  }

  static CachedScores open(CachedTransducer parts, int pad, SessionOptions options) {
    Session encoder = Session.open(parts.encoder(), options);
    boolean open = false;
    try {
      Session decoder = Session.open(parts.decoder().model(), options);
      open = true;
      return new CachedScores(parts.decoder(), encoder, decoder, pad);
    } finally {
      if (!open) {
        encoder.close();
      }
    }
  }

  @Override
  public int mostLines(int longest) {
    long eachLine = 2 * form.bytesPerToken() * longest;
    return Math.clamp(MOST_BYTES / Math.max(1, eachLine), 1, MOST_LINES);
  }

  @Override
  public int context() {
    return (int) Math.min(Integer.MAX_VALUE, form.context());
  }

  @Override
  public long bytes() {
    return encoder.weightBytes() + decoder.weightBytes();
  }

  @Override
  public JointScores joint() {
    return new CachedJoint(this, form, decoder);
  }

  /** What the encoder says of sources, in their order, and the mask that it was told. */
  Map<String, Tensor> encode(List<long[]> sources) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    if (masked) {
      given.put(MASK, SourceRows.present(sources));
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>(given);
    inputs.put("input_ids", SourceRows.filled(sources, pad));
    Map<String, Tensor> said = new LinkedHashMap<>(encoder.run(inputs));
    said.putAll(given);
    return said;
  }

  @Override
  public void close() {
    decoder.close();
    encoder.close();
  }
}
