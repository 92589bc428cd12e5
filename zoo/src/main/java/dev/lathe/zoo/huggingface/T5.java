package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.huggingface.Draft.Linear;
import dev.lathe.zoo.huggingface.MultiHead.Names;
import dev.lathe.zoo.huggingface.MultiHead.Seen;
import dev.lathe.zoo.huggingface.MultiHead.Sight;

/**
 * An encoder and a decoder as T5 has them: places are told by a bias of scores that depends on how
 * far tokens stand from each other, there are no other biases, and scores are not divided. {@code
 * input_ids}, {@code attention_mask} INT64 [N, S] and {@code decoder_input_ids} INT64 [N, T] to
 * {@code logits} FLOAT [N, T, V]; the encoder alone gives {@code last_hidden_state} [N, S, width].
 *
 * @param sizes how large it is
 * @param feed the feed-forward part
 * @param bias how distances are told apart
 * @param epsilon what is added to the mean square
 * @param scaled whether features are divided by the root of the width before they become scores
 * @param part what there is of it
 */
record T5(Sizes sizes, Feed feed, Bias bias, double epsilon, boolean scaled, Part part)
    implements Plan {
  /** Added to a score that must not count. */
  private static final double NEVER = -1e30;

  /** Tokens, features of a token, attention heads, features of a head, and blocks. */
  record Sizes(int vocabulary, int width, int heads, int features, int layers, int decoderLayers) {}

  /** Features inside, the activation, and whether a second layer gates the first. */
  record Feed(int inner, String activation, boolean gated) {}

  /** Rows of the table of biases, and the distance from which on all are alike. */
  record Bias(int buckets, int farthest) {
    /** Which row holds for each distance, from farthest behind to farthest ahead. */
    Tensor table(boolean ahead) {
      long[] rows = new long[2 * farthest + 1];
      for (int i = 0; i < rows.length; i++) {
        int distance = i - farthest;
        int half = ahead ? buckets / 2 : buckets;
        int first = ahead && distance > 0 ? half : 0;
        int length = ahead ? Math.abs(distance) : -Math.min(distance, 0);
        rows[i] = first + bucket(length, half);
      }
      return Tensor.ofLongs(rows, rows.length);
    }

    /** In single precision, as there. */
    private int bucket(int length, int count) {
      int exact = count / 2;
      if (length < exact) {
        return length;
      }
      float part = (float) Math.log((float) length / exact);
      part = part / (float) Math.log((double) farthest / exact) * (count - exact);
      return Math.min(exact + (int) part, count - 1);
    }
  }

  /** What there is of it. */
  enum Part {
    BOTH,
    ENCODER
  }

  @Override
  public Model build(Weights weights) {
    return new Drawing(this, new Draft("encoder_decoder", weights)).model();
  }

  /** The graph under construction. */
  private static final class Drawing {
    private static final Names LAYERS = new Names("q", "k", "v", "o");
    private static final String HEAD = "lm_head.weight";

    private final T5 plan;
    private final Draft draft;
    private final int width;
    private final MultiHead attention;

    Drawing(T5 plan, Draft draft) {
      this.plan = plan;
      this.draft = draft;
      Sizes sizes = plan.sizes();
      this.width = sizes.width();
      this.attention =
          new MultiHead(
              draft, new MultiHead.Form(width, sizes.heads(), sizes.features(), false, 1));
    }

    Model model() {
      boolean alone = plan.part() == Part.ENCODER;
      String axis = alone ? Draft.TOKENS : "S";
      String source = draft.tokens("input_ids", axis);
      String mask = draft.tokens(Draft.MASK, axis);
      String target = alone ? "" : draft.tokens("decoder_input_ids", Draft.TOKENS);
      String table =
          Transducers.oneOf(
              draft.weights(),
              "shared.weight",
              "encoder.embed_tokens.weight",
              "decoder.embed_tokens.weight");
      draft.weight(table, plan.sizes().vocabulary(), width);
      Seen memory = encoder(source, table, mask);
      if (alone) {
        draft.output(
            "last_hidden_state", perToken(memory.rows(), source, width), Draft.perToken(width));
        return draft.finish();
      }
      String features = decoder(target, table, memory, mask);
      int vocabulary = plan.sizes().vocabulary();
      String scores = perToken(scores(features, table), target, vocabulary);
      draft.output("logits", scores, Draft.perToken(vocabulary));
      return draft.finish();
    }

    /** A head of its own counts whatever the config says: that is how transformers loads it. */
    private String scores(String features, String table) {
      String scaled =
          plan.scaled() ? draft.add("Mul", features, draft.number(1 / Math.sqrt(width))) : features;
      if (draft.weights().has(HEAD) && !draft.weights().same(HEAD, table)) {
        return draft.scores(scaled, draft.weight(HEAD, plan.sizes().vocabulary(), width));
      }
      draft.weights().pass(HEAD);
      return draft.scores(scaled, table);
    }

    private Seen encoder(String tokens, String table, String mask) {
      String rows = draft.reshape(draft.embedding(tokens, table), -1, width);
      String sizes = draft.add("Shape", tokens);
      String bias = bias(tokens, "encoder", true);
      String seen = MultiHead.present(draft, mask);
      Sight sight = Sight.through(draft.add("Where", seen, bias, draft.number(NEVER)));
      for (int i = 0; i < plan.sizes().layers(); i++) {
        String name = "encoder.block." + i + ".layer.";
        Seen normal = new Seen(norm(rows, name + "0.layer_norm"), sizes);
        Names names = LAYERS.under(name + "0.SelfAttention.");
        rows = draft.add("Add", rows, attention.attend(names, normal, normal, sight));
        rows = fed(rows, name + "1.");
      }
      return new Seen(norm(rows, "encoder.final_layer_norm"), sizes);
    }

    private String decoder(String tokens, String table, Seen memory, String mask) {
      String rows = draft.reshape(draft.embedding(tokens, table), -1, width);
      String sizes = draft.add("Shape", tokens);
      Sight own = new Sight(bias(tokens, "decoder", false), true);
      Sight across = Sight.through(MultiHead.present(draft, mask, tokens));
      for (int i = 0; i < plan.sizes().decoderLayers(); i++) {
        String name = "decoder.block." + i + ".layer.";
        Seen normal = new Seen(norm(rows, name + "0.layer_norm"), sizes);
        Names names = LAYERS.under(name + "0.SelfAttention.");
        rows = draft.add("Add", rows, attention.attend(names, normal, normal, own));
        normal = new Seen(norm(rows, name + "1.layer_norm"), sizes);
        names = LAYERS.under(name + "1.EncDecAttention.");
        rows = draft.add("Add", rows, attention.attend(names, normal, memory, across));
        rows = fed(rows, name + "2.");
      }
      return norm(rows, "decoder.final_layer_norm");
    }

    /** FLOAT [1, H, T, T]: what scores of a token for another get by their distance. */
    private String bias(String tokens, String side, boolean ahead) {
      int farthest = plan.bias().farthest();
      String places = draft.places(tokens);
      String distance =
          draft.add(
              "Sub",
              draft.add("Unsqueeze", places, draft.longs(0)),
              draft.add("Unsqueeze", places, draft.longs(1)));
      String near =
          draft.add(
              "Min", draft.add("Max", distance, draft.whole(-farthest)), draft.whole(farthest));
      String index = draft.add("Add", near, draft.whole(farthest));
      String row = draft.add("Gather", draft.constant(plan.bias().table(ahead)), index);
      String table =
          draft.weight(
              side + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
              plan.bias().buckets(),
              plan.sizes().heads());
      String values = draft.transpose(draft.embedding(row, table), 2, 0, 1);
      return draft.add("Unsqueeze", values, draft.longs(0));
    }

    private String fed(String rows, String layer) {
      String normal = norm(rows, layer + "layer_norm");
      String name = layer + "DenseReluDense.";
      String mixed;
      if (plan.feed().gated()) {
        String gate = active(linear(normal, name + "wi_0", width, plan.feed().inner()));
        mixed = draft.add("Mul", gate, linear(normal, name + "wi_1", width, plan.feed().inner()));
      } else {
        mixed = active(linear(normal, name + "wi", width, plan.feed().inner()));
      }
      return draft.add("Add", rows, linear(mixed, name + "wo", plan.feed().inner(), width));
    }

    private String active(String x) {
      return Activations.add(draft, plan.feed().activation(), x);
    }

    private String linear(String rows, String name, int inputs, int outputs) {
      return draft.linear(rows, new Linear(name, inputs, outputs, false));
    }

    private String perToken(String rows, String tokens, int features) {
      return draft.add(
          "Reshape", rows, draft.join(draft.add("Shape", tokens), draft.longs(features)));
    }

    private String norm(String rows, String name) {
      return draft.rmsNorm(rows, name, draft.weight(name + ".weight", width), plan.epsilon());
    }
  }
}
