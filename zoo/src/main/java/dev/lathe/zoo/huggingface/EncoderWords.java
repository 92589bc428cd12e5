package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.huggingface.MultiHead.Names;

/** What encoders after BERT call their parts. */
enum EncoderWords {
  BERT(
      "bert.",
      Block.BERT,
      new Pooled("pooler.dense", "tanh", "classifier"),
      new Masked(
          "cls.predictions.transform.dense",
          "cls.predictions.transform.LayerNorm",
          "cls.predictions.decoder",
          "cls.predictions.bias")),
  ROBERTA(
      "roberta.",
      Block.BERT,
      new Pooled("classifier.dense", "tanh", "classifier.out_proj"),
      new Masked("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias")),
  DISTILBERT(
      "distilbert.",
      Block.DISTILBERT,
      new Pooled("pre_classifier", "relu", "classifier"),
      new Masked("vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias"));

  private final String encoder;
  private final Block block;
  private final Pooled pooled;
  private final Masked masked;

  EncoderWords(String encoder, Block block, Pooled pooled, Masked masked) {
    this.encoder = encoder;
    this.block = block;
    this.pooled = pooled;
    this.masked = masked;
  }

  /**
   * The parts of a block.
   *
   * @param list what the numbers of blocks follow
   * @param attention the layers of attention
   * @param attended the normalization behind it
   * @param up the first layer of the feed-forward part
   * @param down the second
   * @param fed the normalization behind it
   */
  record Block(String list, Names attention, String attended, String up, String down, String fed) {
    static final Block BERT =
        new Block(
            "encoder.layer.",
            new Names(
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense"),
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm");
    static final Block DISTILBERT =
        new Block(
            "transformer.layer.",
            new Names("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin"),
            "sa_layer_norm",
            "ffn.lin1",
            "ffn.lin2",
            "output_layer_norm");
  }

  /** Scores of a text from its first token: a layer, its activation, and the layer of scores. */
  record Pooled(String dense, String activation, String scores) {}

  /** Scores of tokens behind masks: a layer, its normalization, the scores and their bias. */
  record Masked(String dense, String norm, String scores, String bias) {}

  /** What the names of the encoder's weights begin with in a model with a head. */
  String encoder() {
    return encoder;
  }

  Block block() {
    return block;
  }

  Pooled pooled() {
    return pooled;
  }

  Masked masked() {
    return masked;
  }
}
