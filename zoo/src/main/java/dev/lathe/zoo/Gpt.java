package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import java.util.List;

/**
 * A decoder that predicts the next token: token and learned position embeddings, blocks of causal
 * attention and a feed-forward part of four times the width with GELU, each normalized before, and
 * a final normalization. x INT64 [N, T], y FLOAT [N, T, vocabulary].
 *
 * <p>Weights are drawn as nanoGPT draws them: normal with deviation 0.02, those that end a residual
 * branch with 0.02/√(2·layers), biases zero.
 *
 * @param vocabulary tokens, numbered from 0
 * @param context the largest T
 * @param width features of a token
 * @param layers blocks
 * @param heads attention heads; the width is a multiple
 * @param dropout ratio left out after embeddings and at the end of each branch; 0 for none
 * @param head what turns features into scores
 * @see <a
 *     href="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf">Radford
 *     et al. 2019</a>
 */
public record Gpt(
    int vocabulary, int context, int width, int layers, int heads, double dropout, Head head)
    implements Architecture {
  private static final double DEVIATION = 0.02;

  /** What turns features into scores of tokens. */
  public enum Head {
    /** A matrix of its own, {@code head.weight}. */
    OWN,
    /** The token embeddings once more. */
    TIED
  }

  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public Gpt {
    Limits.require("gpt: vocabulary", vocabulary, 1, Limits.MOST_FEATURES);
    Limits.require("gpt: context", context, 1, Limits.MOST_FEATURES);
    Limits.require("gpt: layers", layers, 1, Limits.MOST_LAYERS);
    Limits.requireHeads("gpt", width, heads);
    Limits.requireRatio("gpt: dropout", dropout);
  }

  @Override
  public Model build(long seed) {
    Net net = new Net("gpt", seed);
    Fill fill = new Fill.Normal(DEVIATION);
    String tokens = net.tokens("x", Net.TOKENS);
    String table = net.parameter("wte.weight", fill, vocabulary, width);
    String places = net.parameter("wpe.weight", fill, context, width);
    String used = net.embedding(net.places(tokens), places);
    String embedded = net.add("Add", net.embedding(tokens, table), used);
    String rows = net.dropout(net.reshape(embedded, -1, width), dropout);
    Attention attention = new Attention(net, heads, width);
    Attention.Layout layout = attention.layout(tokens);
    String mask = Attention.causal(net, tokens);
    for (int i = 0; i < layers; i++) {
      String name = "blocks." + i + ".";
      String normal = net.layerNorm(rows, name + "ln1", width);
      String packed = net.affine(normal, Affine.normal(name + "qkv", width, 3 * width, DEVIATION));
      List<String> parts = attention.unpack(packed, layout);
      String mixed = attention.mix(parts.get(0), parts.get(1), parts.get(2), mask);
      rows = residual(net, rows, net.affine(mixed, last(name + "proj", width)));
      normal = net.layerNorm(rows, name + "ln2", width);
      String wide = net.affine(normal, Affine.normal(name + "up", width, 4 * width, DEVIATION));
      rows = residual(net, rows, net.affine(net.add("Gelu", wide), last(name + "down", 4 * width)));
    }
    String features = net.layerNorm(rows, "lnf", width);
    String scores =
        switch (head) {
          case OWN ->
              net.affine(features, Affine.normal("head", width, vocabulary, DEVIATION).unbiased());
          case TIED -> net.scores(features, table);
        };
    return net.finishPerToken(scores, tokens, vocabulary);
  }

  private Affine last(String name, int inputs) {
    return Affine.normal(name, inputs, width, DEVIATION / Math.sqrt(2.0 * layers));
  }

  private String residual(Net net, String rows, String branch) {
    return net.add("Add", rows, net.dropout(branch, dropout));
  }
}
