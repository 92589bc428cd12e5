package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A decoder as Llama has it: token embeddings, blocks of causal attention with rotary positions and
 * shared keys, and a gated feed-forward part, each behind a root-mean-square normalization; no
 * biases. x INT64 [N, T], y FLOAT [N, T, vocabulary].
 *
 * <p>Parameters bear Hugging Face's names and shapes, and are drawn as there: normal with deviation
 * 0.02, scales 1. The graph is of operator set 23, which has attention, rotary positions and the
 * normalization as operators.
 *
 * @param vocabulary tokens, numbered from 0
 * @param context the largest T
 * @param size width, depth and heads
 * @param constants numbers of rotation and normalization
 * @param head what turns features into scores
 * @see <a href="https://arxiv.org/abs/2302.13971">Touvron et al. 2023</a>
 * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al. 2023, shared keys</a>
 */
public record Llama(int vocabulary, int context, Size size, Constants constants, Gpt.Head head)
    implements Architecture {
  private static final long OPSET = 23;
  private static final Fill FILL = new Fill.Normal(0.02);
  private static final int MOST_ANGLES = 1 << 24;

  /**
   * How large a network is.
   *
   * @param width features of a token
   * @param inner features inside the feed-forward part
   * @param layers blocks
   * @param heads heads of queries; the width is an even multiple
   * @param keyHeads heads of keys and values; a divisor of the heads
   */
  public record Size(int width, int inner, int layers, int heads, int keyHeads) {
    /**
     * Refuses sizes out of range.
     *
     * @throws LatheException BAD_ARCHITECTURE
     */
    public Size {
      Limits.requireHeads("llama", width, heads);
      Limits.require("llama: inner", inner, 1, Limits.MOST_FEATURES);
      Limits.require("llama: layers", layers, 1, Limits.MOST_LAYERS);
      Limits.require("llama: key heads", keyHeads, 1, heads);
      if (heads % keyHeads != 0) {
        throw Limits.bad(
            "llama: key heads: " + keyHeads + " (expected: a divisor of the heads " + heads + ")");
      }
      if (width / heads % 2 != 0) {
        throw Limits.bad(
            "llama: features of a head: " + width / heads + " (expected: even, for rotation)");
      }
    }

    /**
     * Usual proportions: each head with keys of its own, and an inner part of 8/3 of the width,
     * rounded up to a multiple of 32.
     *
     * @param width features of a token
     * @param layers blocks
     * @param heads heads of queries, keys and values
     * @return the sizes
     */
    public static Size of(int width, int layers, int heads) {
      return new Size(width, inner(width), layers, heads, heads);
    }

    /**
     * The usual size of the inner part.
     *
     * @param width features of a token
     * @return 8/3 of it, rounded up to a multiple of 32
     */
    public static int inner(int width) {
      return Math.toIntExact((8L * width / 3 + 31) / 32 * 32);
    }

    private int head() {
      return width / heads;
    }
  }

  /**
   * Numbers that the computation depends on.
   *
   * @param theta base of the rotation's wave lengths
   * @param epsilon what is added to the mean square
   */
  public record Constants(double theta, double epsilon) {
    /** 10000 and 10⁻⁵. */
    public static final Constants STANDARD = new Constants(10_000, 1e-5);

    /**
     * Refuses numbers that are not positive.
     *
     * @throws LatheException BAD_ARCHITECTURE
     */
    public Constants {
      if (!(theta > 1 && theta < 1e12) || !(epsilon > 0 && epsilon < 1)) {
        throw Limits.bad(
            "llama: theta " + theta + ", epsilon " + epsilon + " (expected: above 1, 0 to 1)");
      }
    }
  }

  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public Llama {
    Limits.require("llama: vocabulary", vocabulary, 1, Limits.MOST_FEATURES);
    Limits.require("llama: context", context, 1, MOST_ANGLES / (size.head() / 2));
  }

  @Override
  public Model build(long seed) {
    Net net = new Net("llama", seed);
    String tokens = net.tokens("x", Net.TOKENS);
    String table = net.parameter("model.embed_tokens.weight", FILL, vocabulary, size.width());
    String rows = net.reshape(net.embedding(tokens, table), -1, size.width());
    Positions positions = positions(net, tokens);
    for (int i = 0; i < size.layers(); i++) {
      String name = "model.layers." + i + ".";
      String normal = norm(net, rows, name + "input_layernorm");
      rows = net.add("Add", rows, attention(net, normal, name + "self_attn.", positions));
      normal = norm(net, rows, name + "post_attention_layernorm");
      rows = net.add("Add", rows, feedForward(net, normal, name + "mlp."));
    }
    String features = norm(net, rows, "model.norm");
    String scores =
        switch (head) {
          case OWN -> linear(net, features, "lm_head", new Sides(size.width(), vocabulary));
          case TIED -> net.scores(features, table);
        };
    return net.finishPerToken(scores, tokens, vocabulary).withOpset("", OPSET).withIrVersion(11);
  }

  private record Sides(int inputs, int outputs) {}

  /** Sizes of tokens [N, T], their places [N, T], and cosine and sine of the angle at each. */
  private record Positions(String sizes, String places, String cosine, String sine) {}

  private Positions positions(Net net, String tokens) {
    String sizes = net.add("Shape", tokens);
    int half = size.head() / 2;
    float[] cosine = new float[context * half];
    float[] sine = new float[context * half];
    for (int i = 0; i < cosine.length; i++) {
      double frequency = StrictMath.pow(constants.theta(), -(double) (i % half) / half);
      cosine[i] = (float) StrictMath.cos(i / half * frequency);
      sine[i] = (float) StrictMath.sin(i / half * frequency);
    }
    return new Positions(
        sizes,
        net.add("Expand", net.places(tokens), sizes),
        net.constant(Tensor.ofFloats(cosine, context, half)),
        net.constant(Tensor.ofFloats(sine, context, half)));
  }

  private String attention(Net net, String rows, String name, Positions positions) {
    int width = size.width();
    Sides own = new Sides(width, width);
    Sides shared = new Sides(width, size.keyHeads() * size.head());
    String q = perToken(net, linear(net, rows, name + "q_proj", own), positions, width);
    String k =
        perToken(net, linear(net, rows, name + "k_proj", shared), positions, shared.outputs());
    String v =
        perToken(net, linear(net, rows, name + "v_proj", shared), positions, shared.outputs());
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("is_causal", Attribute.of(1L));
    attributes.put("q_num_heads", Attribute.of((long) size.heads()));
    attributes.put("kv_num_heads", Attribute.of((long) size.keyHeads()));
    String mixed =
        net.add(
            "Attention",
            attributes,
            rotated(net, q, positions, size.heads()),
            rotated(net, k, positions, size.keyHeads()),
            v);
    return linear(net, net.reshape(mixed, -1, width), name + "o_proj", own);
  }

  private static String perToken(Net net, String rows, Positions positions, int features) {
    return net.add("Reshape", rows, net.join(positions.sizes(), net.longs(features)));
  }

  private static String rotated(Net net, String x, Positions positions, int heads) {
    return net.add(
        "RotaryEmbedding",
        Map.of("num_heads", Attribute.of((long) heads)),
        x,
        positions.cosine(),
        positions.sine(),
        positions.places());
  }

  private String feedForward(Net net, String rows, String name) {
    Sides wide = new Sides(size.width(), size.inner());
    String gate = linear(net, rows, name + "gate_proj", wide);
    String up = linear(net, rows, name + "up_proj", wide);
    String silu = net.add("Mul", gate, net.add("Sigmoid", gate));
    return linear(
        net, net.add("Mul", silu, up), name + "down_proj", new Sides(size.inner(), size.width()));
  }

  private static String linear(Net net, String rows, String name, Sides sides) {
    return net.affine(
        rows, new Affine(name, sides.inputs(), sides.outputs(), FILL, java.util.Optional.empty()));
  }

  private String norm(Net net, String rows, String name) {
    String scale = net.parameter(name + ".weight", Fill.ONES, size.width());
    Node node = Node.of("RMSNormalization", List.of(rows, scale), List.of(""));
    return net.named(name, node.with("epsilon", Attribute.of((float) constants.epsilon())));
  }

  /** Hugging Face's {@code config.json}, with which the weights can be read there. */
  @Override
  public Map<String, String> files() {
    return Map.of("config.json", config());
  }

  private String config() {
    return String.format(
        Locale.ROOT,
        """
        {
          "architectures": ["LlamaForCausalLM"],
          "model_type": "llama",
          "vocab_size": %d,
          "max_position_embeddings": %d,
          "hidden_size": %d,
          "intermediate_size": %d,
          "num_hidden_layers": %d,
          "num_attention_heads": %d,
          "num_key_value_heads": %d,
          "head_dim": %d,
          "hidden_act": "silu",
          "rms_norm_eps": %s,
          "rope_theta": %s,
          "attention_bias": false,
          "mlp_bias": false,
          "tie_word_embeddings": %s,
          "dtype": "float32"
        }
        """,
        vocabulary,
        context,
        size.width(),
        size.inner(),
        size.layers(),
        size.heads(),
        size.keyHeads(),
        size.head(),
        constants.epsilon(),
        constants.theta(),
        head == Gpt.Head.TIED);
  }
}
