package dev.lathe.transform;

import dev.lathe.ir.Model;
import dev.lathe.transform.decoder.EncoderSplit;

/**
 * An encoder and a decoder, the decoder over a cache. The encoder runs once for a source and gives
 * all that the decoder takes of it.
 *
 * <p>The encoder: {@code input_ids} and {@code attention_mask} INT64 [N, M] to {@code
 * cross_key_values.i.key} and {@code .value} FLOAT [N, H, M, D] for each layer. The decoder takes
 * these with a row for each of its own rows, [B, H, M, D], and {@code attention_mask} INT64 [B, M],
 * beside the inputs of a {@link CachedDecoder}. Where the plain form knows padding by its tokens,
 * neither takes {@code attention_mask}: the encoder gives {@code cross_attention_mask} FLOAT [N, 1,
 * 1, M], which is added to scores, and the decoder takes it.
 *
 * @param encoder the encoder
 * @param decoder the decoder
 */
public record CachedTransducer(Model encoder, CachedDecoder decoder) {
  /**
   * Gives the decoder of a model a cache.
   *
   * @param plain {@code input_ids} and {@code attention_mask} INT64 [N, S] and {@code
   *     decoder_input_ids} INT64 [N, T], or {@code x} and {@code previous}, to logits FLOAT [N, T,
   *     V]; attention may be written out in products as this project's own models have it
   * @return both parts; weights are shared, not copied
   * @throws dev.lathe.ir.LatheException UNSUPPORTED_FORM naming the node that has no such form
   */
  public static CachedTransducer of(Model plain) {
    EncoderSplit.Parts parts = EncoderSplit.of(InlineFunctions.apply(plain));
    return new CachedTransducer(parts.encoder(), CachedDecoder.of(parts.decoder()));
  }
}
