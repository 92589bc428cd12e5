package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An encoder as BERT has it: token, position and type embeddings, blocks of attention to both sides
 * and a feed-forward part with GELU, and scores for the sequence or for every token. x INT64 [N,
 * T], attention_mask INT64 [N, T] with 1 for tokens and 0 for padding.
 *
 * <p>Scores for the sequence come from its first token, by an affine layer with tanh before the
 * last one. All tokens are of type 0; where spans are asked for, an input token_type_ids INT64 [N,
 * T] tells 0 for the question and 1 for the text. Weights are drawn as BERT's: normal with
 * deviation 0.02, biases zero. Parameters bear Hugging Face's names and shapes.
 *
 * @param vocabulary tokens, numbered from 0
 * @param context the largest T
 * @param size width, depth and heads
 * @param dropout ratio left out after embeddings, at the end of each branch and before scores
 * @param norm where normalizations stand
 * @param answer what gets scores
 * @param outputs scores; 2 for spans
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019</a>
 */
public record Encoder(
    int vocabulary, int context, Size size, double dropout, Norm norm, Answer answer, int outputs)
    implements Architecture {
  private static final double DEVIATION = 0.02;
  private static final double EPSILON = 1e-12;

  /** Where normalizations stand. */
  public enum Norm {
    /** Behind the sum of each branch, as in BERT. */
    POST,
    /** Before each branch, and once more behind the last; steadier in training from scratch. */
    PRE
  }

  /**
   * How large a network is.
   *
   * @param width features of a token
   * @param inner features inside the feed-forward part
   * @param layers blocks
   * @param heads attention heads; the width is a multiple
   */
  public record Size(int width, int inner, int layers, int heads) {
    /**
     * Refuses sizes out of range.
     *
     * @throws LatheException BAD_ARCHITECTURE
     */
    public Size {
      Limits.requireHeads("encoder", width, heads);
      Limits.require("encoder: inner", inner, 1, Limits.MOST_FEATURES);
      Limits.require("encoder: layers", layers, 1, Limits.MOST_LAYERS);
    }
  }

  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public Encoder {
    Limits.require("encoder: vocabulary", vocabulary, 1, Limits.MOST_FEATURES);
    Limits.require("encoder: context", context, 1, Limits.MOST_FEATURES);
    Limits.requireRatio("encoder: dropout", dropout);
    Limits.require("encoder: outputs", outputs, 1, Limits.MOST_FEATURES);
    if (answer == Answer.SPAN) {
      Limits.require("encoder: outputs for spans", outputs, 2, 2);
    }
  }

  @Override
  public Model build(long seed) {
    Net net = new Net("encoder", seed);
    String tokens = net.tokens("x", Net.TOKENS);
    String mask = Attention.masked(net, net.tokens(Net.MASK, Net.TOKENS));
    String rows = embeddings(net, tokens);
    Attention attention = new Attention(net, size.heads(), size.width());
    Attention.Layout layout = attention.layout(tokens);
    for (int i = 0; i < size.layers(); i++) {
      String name = "bert.encoder.layer." + i + ".";
      rows =
          residual(
              net,
              rows,
              name + "attention.output",
              x -> attend(net, attention, new Seen(x, layout, mask), name + "attention.self."));
      rows = residual(net, rows, name + "output", x -> feedForward(net, x, name));
    }
    if (norm == Norm.PRE) {
      rows = normalized(net, rows, "bert.encoder.LayerNorm");
    }
    return switch (answer) {
      case SEQUENCE -> sequence(net, rows, tokens);
      case TOKENS -> net.finishPerToken(scores(net, rows, "classifier"), tokens, outputs);
      case SPAN -> net.finishSpans(scores(net, rows, "qa_outputs"), tokens);
    };
  }

  private String embeddings(Net net, String tokens) {
    Fill fill = new Fill.Normal(DEVIATION);
    String name = "bert.embeddings.";
    int width = size.width();
    String words = net.parameter(name + "word_embeddings.weight", fill, vocabulary, width);
    String places = net.parameter(name + "position_embeddings.weight", fill, context, width);
    String types = net.parameter(name + "token_type_embeddings.weight", fill, types(), width);
    String type =
        answer == Answer.SPAN ? net.embedding(net.tokens(Net.TYPES, Net.TOKENS), types) : types;
    String placed = net.add("Add", net.embedding(net.places(tokens), places), type);
    String sum = net.add("Add", net.embedding(tokens, words), placed);
    String rows = normalized(net, net.reshape(sum, -1, width), name + "LayerNorm");
    return net.dropout(rows, dropout);
  }

  private int types() {
    return answer == Answer.SPAN ? 2 : 1;
  }

  /** What a block's attention looks at: rows, how they fall into heads, who is seen. */
  private record Seen(String rows, Attention.Layout layout, String mask) {}

  private String attend(Net net, Attention attention, Seen seen, String name) {
    List<String> heads =
        List.of("query", "key", "value").stream()
            .map(part -> net.affine(seen.rows(), affine(name + part, size.width(), size.width())))
            .map(rows -> attention.heads(rows, seen.layout()))
            .toList();
    return attention.mix(heads.get(0), heads.get(1), heads.get(2), seen.mask());
  }

  private String feedForward(Net net, String rows, String name) {
    Affine wide = affine(name + "intermediate.dense", size.width(), size.inner());
    return net.add("Gelu", net.affine(rows, wide));
  }

  private interface Branch {
    String of(String rows);
  }

  /** A branch, its last affine layer, and the sum with what goes around them. */
  private String residual(Net net, String rows, String name, Branch branch) {
    String layerNorm = name + ".LayerNorm";
    String mixed = branch.of(norm == Norm.PRE ? normalized(net, rows, layerNorm) : rows);
    int inputs = name.endsWith("attention.output") ? size.width() : size.inner();
    String last = net.affine(mixed, affine(name + ".dense", inputs, size.width()));
    String sum = net.add("Add", rows, net.dropout(last, dropout));
    return norm == Norm.PRE ? sum : normalized(net, sum, layerNorm);
  }

  private Model sequence(Net net, String rows, String tokens) {
    String sizes = net.join(net.add("Shape", tokens), net.longs(size.width()));
    String all = net.add("Reshape", rows, sizes);
    String first = net.add("Gather", Map.of("axis", Attribute.of(1L)), all, net.whole(0));
    Affine pooler = affine("bert.pooler.dense", size.width(), size.width());
    String pooled = net.add("Tanh", net.affine(first, pooler));
    return net.finish(scores(net, pooled, "classifier"), Net.perExample(outputs));
  }

  private String scores(Net net, String rows, String name) {
    return net.affine(net.dropout(rows, dropout), affine(name, size.width(), outputs));
  }

  private String normalized(Net net, String rows, String name) {
    return net.layerNorm(rows, name, size.width(), EPSILON);
  }

  private static Affine affine(String name, int inputs, int outputs) {
    return Affine.normal(name, inputs, outputs, DEVIATION);
  }

  /** Hugging Face's {@code config.json}, for {@link Norm#POST}: there is no other BERT there. */
  @Override
  public Map<String, String> files() {
    return norm == Norm.PRE ? Map.of() : Map.of("config.json", config());
  }

  private String config() {
    return String.format(
        Locale.ROOT,
        """
        {
          "architectures": ["%s"],
          "model_type": "bert",
          "vocab_size": %d,
          "max_position_embeddings": %d,
          "type_vocab_size": %d,
          "hidden_size": %d,
          "intermediate_size": %d,
          "num_hidden_layers": %d,
          "num_attention_heads": %d,
          "hidden_act": "gelu",
          "hidden_dropout_prob": %s,
          "attention_probs_dropout_prob": 0.0,
          "layer_norm_eps": 1e-12,
          "num_labels": %d,
          "dtype": "float32"
        }
        """,
        switch (answer) {
          case SEQUENCE -> "BertForSequenceClassification";
          case TOKENS -> "BertForTokenClassification";
          case SPAN -> "BertForQuestionAnswering";
        },
        vocabulary,
        context,
        types(),
        size.width(),
        size.inner(),
        size.layers(),
        size.heads(),
        dropout,
        outputs);
  }
}
