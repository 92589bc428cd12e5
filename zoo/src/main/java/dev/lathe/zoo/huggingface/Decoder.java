package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * A decoder with rotary positions, root-mean-square normalization and a gated feed-forward part, in
 * all the ways in which the families after Llama differ.
 *
 * @param sizes how large it is
 * @param heads how tokens attend
 * @param feed the feed-forward part
 * @param norms how features are normalized
 * @param scales what values are multiplied with
 * @param layers what differs from layer to layer, one for each
 * @param tied whether scores are products with the embeddings
 */
record Decoder(
    Sizes sizes,
    Heads heads,
    Feed feed,
    Norms norms,
    Scales scales,
    List<Layer> layers,
    boolean tied)
    implements Plan {

  /** Tokens, features of a token, and features inside the feed-forward part. */
  record Sizes(int vocabulary, int width, int inner) {}

  /**
   * How tokens attend.
   *
   * @param heads heads of queries
   * @param keyHeads heads of keys and values, a divisor
   * @param features features of a head
   * @param biases which layers have a bias
   * @param normalized whether each head's queries and keys are normalized
   * @param packed whether queries, keys and values come from one layer
   * @param scale what scores are multiplied with
   * @param cap scores stay within ±cap; 0 for no cap
   */
  record Heads(
      int heads,
      int keyHeads,
      int features,
      Biases biases,
      boolean normalized,
      boolean packed,
      double scale,
      double cap) {
    /** Heads without biases, caps and norms, with the usual scale. */
    static Heads of(int heads, int keyHeads, int features) {
      double scale = 1 / Math.sqrt(features);
      return new Heads(heads, keyHeads, features, Biases.NONE, false, false, scale, 0);
    }

    Heads withBiases(Biases more) {
      return new Heads(heads, keyHeads, features, more, normalized, packed, scale, cap);
    }

    Heads withNorms() {
      return new Heads(heads, keyHeads, features, biases, true, packed, scale, cap);
    }

    Heads asPacked() {
      return new Heads(heads, keyHeads, features, biases, normalized, true, scale, cap);
    }

    Heads withScale(double other) {
      return new Heads(heads, keyHeads, features, biases, normalized, packed, other, cap);
    }

    Heads withCap(double other) {
      return new Heads(heads, keyHeads, features, biases, normalized, packed, scale, other);
    }

    int queries() {
      return heads * features;
    }

    int keys() {
      return keyHeads * features;
    }
  }

  /** Whether the layers of queries, keys and values have biases, and the one behind. */
  enum Biases {
    NONE(false, false),
    BEFORE(true, false),
    ALL(true, true);

    private final boolean before;
    private final boolean behind;

    Biases(boolean before, boolean behind) {
      this.before = before;
      this.behind = behind;
    }

    boolean before() {
      return before;
    }

    boolean behind() {
      return behind;
    }
  }

  /** The feed-forward part: its activation, its biases, whether both its first layers are one. */
  record Feed(String activation, boolean biased, boolean packed) {}

  /**
   * How features are normalized.
   *
   * @param epsilon what is added to the mean square
   * @param aroundOne whether scales are stored as differences from 1
   * @param around whether each branch is normalized behind, too
   */
  record Norms(double epsilon, boolean aroundOne, boolean around) {}

  /**
   * What values are multiplied with.
   *
   * @param embedding embeddings
   * @param residual each branch
   * @param scores the last scores
   * @param cap the last scores stay within ±cap; 0 for no cap
   */
  record Scales(double embedding, double residual, double scores, double cap) {
    static final Scales NONE = new Scales(1, 1, 1, 0);
  }

  /** How far back a layer looks, 0 for all the way, and how its places turn. */
  record Layer(int window, Rotary rotary) {}

  @Override
  public Model build(Weights weights) {
    return new DecoderGraph(this, new Draft("decoder", weights)).model();
  }
}
