package dev.lathe.generate;

import dev.lathe.generate.engine.AdapterRack;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Tokenizer;
import java.util.Optional;
import java.util.Set;

/**
 * A text model with an adapter: all is the model's own, but for what answers are computed with.
 *
 * @param base the model
 * @param adapters where the adapter is
 * @param known the adapter
 * @param onClose what to do at the end
 */
record AdaptedModel(TextModel base, AdapterRack adapters, Known known, Runnable onClose)
    implements TextModel {
  /**
   * An adapter on the rack.
   *
   * @param key what to ask for it by
   * @param bytes what its numbers take where it is not in the stacks
   */
  record Known(String key, long bytes) {}

  @Override
  public Optional<Tokenizer> tokenizer() {
    return base.tokenizer();
  }

  @Override
  public Optional<ChatTemplate> template() {
    return base.template();
  }

  @Override
  public Optional<Constraints> constraints() {
    return base.constraints();
  }

  @Override
  public int vocabulary() {
    return base.vocabulary();
  }

  @Override
  public int context() {
    return base.context();
  }

  @Override
  public Set<Integer> endTokens() {
    return base.endTokens();
  }

  @Override
  public Sampling sampling() {
    return base.sampling();
  }

  @Override
  public TextStream generate(GenerateRequest request) {
    return base.generate(request.withAdapter(known.key()));
  }

  @Override
  public TextForm form() {
    return base.form();
  }

  /** An adapter of an adapter would be one more for the model. */
  @Override
  public EngineStatistics statistics() {
    return base.statistics();
  }

  @Override
  public boolean failed() {
    return base.failed();
  }

  /** Its part of the stacks is the model's. */
  @Override
  public long bytes() {
    return known.bytes();
  }

  @Override
  public void close() {
    adapters.forget(known.key());
    onClose.run();
  }
}
