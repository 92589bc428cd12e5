package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The Transformer for translation, normalized before each branch: an encoder over the source, and a
 * decoder that predicts the next token of the target from the source and the tokens before. Inputs
 * x INT64 [N, S], the source, where {@link #PAD} stands for nothing but in the first place, and
 * previous INT64 [N, T], the target so far; y FLOAT [N, T, vocabulary]. Source, target and scores
 * share one table of embeddings, times √width where they come in; positions are sines.
 *
 * <p>Parameters are those of PyTorch's {@code nn.Transformer} with {@code norm_first}, but for
 * {@code in_proj.weight} and {@code in_proj.bias}, which PyTorch writes with an underscore, and for
 * the decoder's {@code multihead_attn}, whose {@code in_proj} is two: {@code query} [width, width]
 * and {@code memory} [2·width, width]. The table is {@code shared.weight}. Matrices are drawn by
 * Glorot's rule, the table from a normal distribution with deviation 1/√width, biases are zero.
 *
 * @param vocabulary tokens, numbered from 0
 * @param context the largest S and T
 * @param width features of a token, even
 * @param layers blocks of the encoder, and of the decoder
 * @param heads attention heads; the width is a multiple
 * @param feedForward features between the two layers of a feed-forward part
 * @param dropout ratio left out after embeddings and at the end of each branch; 0 for none
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017</a>
 */
public record EncoderDecoder(
    int vocabulary, int context, int width, int layers, int heads, int feedForward, double dropout)
    implements Architecture {
  /** The token that fills a source up to the length of its batch; nothing attends to it. */
  public static final int PAD = 0;

  /** The input that takes the target so far. */
  public static final String PREVIOUS = "previous";

  private static final int MOST_PLACES = 1 << 26;
  private static final double WAVELENGTH = 10_000;

  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public EncoderDecoder {
    Limits.require("encoder_decoder: vocabulary", vocabulary, 1, Limits.MOST_FEATURES);
    Limits.require("encoder_decoder: context", context, 1, Limits.MOST_FEATURES);
    Limits.require("encoder_decoder: layers", layers, 1, Limits.MOST_LAYERS);
    Limits.require("encoder_decoder: feed_forward", feedForward, 1, Limits.MOST_FEATURES);
    Limits.requireHeads("encoder_decoder", width, heads);
    Limits.require("encoder_decoder: width modulo 2", width % 2, 0, 0);
    Limits.require("encoder_decoder: context times width", (long) context * width, 1, MOST_PLACES);
    Limits.requireRatio("encoder_decoder: dropout", dropout);
  }

  @Override
  public Model build(long seed) {
    return new Blocks(this, new Net("encoder_decoder", seed)).model();
  }

  /** The network under construction. */
  private static final class Blocks {
    private final EncoderDecoder sizes;
    private final Net net;
    private final Attention attention;
    private final String table;
    private final String waves;

    Blocks(EncoderDecoder sizes, Net net) {
      this.sizes = sizes;
      this.net = net;
      this.attention = new Attention(net, sizes.heads(), sizes.width());
      this.table =
          net.parameter(
              "shared.weight",
              new Fill.Normal(1 / Math.sqrt(sizes.width())),
              sizes.vocabulary(),
              sizes.width());
      this.waves = net.constant(waves(sizes.context(), sizes.width()));
    }

    /** What a block attends to. */
    private record Seen(String rows, Attention.Layout layout, String mask) {}

    Model model() {
      String source = net.tokens("x", "S");
      String target = net.tokens(PREVIOUS, Net.TOKENS);
      Seen memory = encoder(source);
      String features = decoder(target, memory);
      String shape = net.join(net.add("Shape", target), net.longs(sizes.vocabulary()));
      String scores = net.add("Reshape", net.scores(features, table), shape);
      return net.finish(scores, Net.perToken(sizes.vocabulary()));
    }

    private Seen encoder(String tokens) {
      String mask = net.add("Mul", Attention.padding(net, tokens, PAD), afterTheFirst(tokens));
      Attention.Layout layout = attention.layout(tokens);
      String rows = embedded(tokens);
      for (int i = 0; i < sizes.layers(); i++) {
        String name = "encoder.layers." + i + ".";
        String normal = net.layerNorm(rows, name + "norm1", sizes.width());
        rows = residual(rows, self(new Seen(normal, layout, mask), name + "self_attn."));
        normal = net.layerNorm(rows, name + "norm2", sizes.width());
        rows = residual(rows, feedForward(normal, name));
      }
      return new Seen(net.layerNorm(rows, "encoder.norm", sizes.width()), layout, mask);
    }

    /**
     * FLOAT [S]: 0, then 1, so that even a source of nothing but padding has a place to look at.
     */
    private String afterTheFirst(String tokens) {
      String bounded = net.add("Min", net.places(tokens), net.whole(1));
      return net.add("Cast", Map.of("to", Attribute.of((long) ElementType.FLOAT.code())), bounded);
    }

    private String decoder(String tokens, Seen memory) {
      String mask = Attention.causal(net, tokens);
      Attention.Layout layout = attention.layout(tokens);
      String rows = embedded(tokens);
      for (int i = 0; i < sizes.layers(); i++) {
        String name = "decoder.layers." + i + ".";
        String normal = net.layerNorm(rows, name + "norm1", sizes.width());
        rows = residual(rows, self(new Seen(normal, layout, mask), name + "self_attn."));
        normal = net.layerNorm(rows, name + "norm2", sizes.width());
        rows = residual(rows, cross(new Seen(normal, layout, ""), memory, name));
        normal = net.layerNorm(rows, name + "norm3", sizes.width());
        rows = residual(rows, feedForward(normal, name));
      }
      return net.layerNorm(rows, "decoder.norm", sizes.width());
    }

    /** Tokens [N, T] to rows [N·T, width]. */
    private String embedded(String tokens) {
      String scale = net.number(Math.sqrt(sizes.width()));
      String values = net.add("Mul", net.embedding(tokens, table), scale);
      String used = net.add("Slice", waves, net.longs(0), net.size(tokens, 1), net.longs(0));
      String placed = net.add("Add", values, used);
      return net.dropout(net.reshape(placed, -1, sizes.width()), sizes.dropout());
    }

    private String self(Seen rows, String name) {
      String packed = net.affine(rows.rows(), glorot(name + "in_proj", 3 * sizes.width()));
      List<String> parts = attention.unpack(packed, rows.layout());
      String mixed = attention.mix(parts.get(0), parts.get(1), parts.get(2), rows.mask());
      return net.affine(mixed, glorot(name + "out_proj", sizes.width()));
    }

    private String cross(Seen rows, Seen memory, String block) {
      String name = block + "multihead_attn.";
      String query = net.affine(rows.rows(), glorot(name + "query", sizes.width()));
      String packed = net.affine(memory.rows(), glorot(name + "memory", 2 * sizes.width()));
      List<String> parts = attention.unpackPair(packed, memory.layout());
      String mixed =
          attention.mix(
              attention.heads(query, rows.layout()), parts.get(0), parts.get(1), memory.mask());
      return net.affine(mixed, glorot(name + "out_proj", sizes.width()));
    }

    private String feedForward(String rows, String name) {
      Affine up = Affine.glorot(name + "linear1", sizes.width(), sizes.feedForward());
      Affine down = Affine.glorot(name + "linear2", sizes.feedForward(), sizes.width());
      return net.affine(net.add("Relu", net.affine(rows, up)), down);
    }

    private Affine glorot(String name, int outputs) {
      return Affine.glorot(name, sizes.width(), outputs);
    }

    private String residual(String rows, String branch) {
      return net.add("Add", rows, net.dropout(branch, sizes.dropout()));
    }

    /** Sines and cosines of each place in turn, [context, width]. */
    private static Tensor waves(int context, int width) {
      float[] values = new float[context * width];
      for (int i = 0; i < values.length; i++) {
        int place = i / width;
        int pair = i % width / 2;
        double angle = place * StrictMath.pow(WAVELENGTH, -2.0 * pair / width);
        values[i] = (float) (i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
      }
      return Tensor.ofFloats(values, context, width);
    }
  }
}
