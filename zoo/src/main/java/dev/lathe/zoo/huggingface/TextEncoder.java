package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.zoo.huggingface.Draft.Linear;
import dev.lathe.zoo.huggingface.MultiHead.Seen;
import dev.lathe.zoo.huggingface.MultiHead.Sight;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An encoder as BERT has it, in the ways in which the families after it differ: {@code input_ids},
 * {@code attention_mask} and, where there are types, {@code token_type_ids}, all INT64 [N, T].
 *
 * @param sizes how large it is
 * @param form what its blocks are made of
 * @param words what its parts are called
 * @param head what it gives
 */
record TextEncoder(Sizes sizes, Form form, EncoderWords words, Head head) implements Plan {
  private static final Pattern GAMMA = Pattern.compile("LayerNorm\\.gamma$");
  private static final Pattern BETA = Pattern.compile("LayerNorm\\.beta$");

  /**
   * How large it is.
   *
   * @param vocabulary tokens
   * @param places rows of the table of places
   * @param types types of tokens; 0 for no table
   * @param width features of a token
   * @param inner features inside the feed-forward part
   */
  record Sizes(int vocabulary, int places, int types, int width, int inner) {}

  /**
   * What its blocks are made of.
   *
   * @param layers blocks
   * @param heads attention heads
   * @param activation of the feed-forward part
   * @param epsilon what is added to the variance
   * @param padding the token whose place is its own number, and after which places begin; below 0,
   *     places begin at 0 for all tokens
   */
  record Form(int layers, int heads, String activation, double epsilon, int padding) {}

  /** What comes out. */
  enum Answer {
    /**
     * {@code last_hidden_state} [N, T, width], {@code pooler_output} [N, width] if there is one.
     */
    FEATURES,
    /** {@code logits} [N, labels]. */
    SEQUENCE,
    /** {@code logits} [N, T, labels]. */
    TOKENS,
    /** {@code start_logits} and {@code end_logits} [N, T]. */
    SPAN,
    /** {@code logits} [N, T, vocabulary]. */
    MASKED
  }

  /** What comes out, of how many labels; whether scores of tokens are tied to the embeddings. */
  record Head(Answer answer, int labels, boolean tied) {}

  @Override
  public Model build(Weights weights) {
    weights.rename(
        name ->
            BETA.matcher(GAMMA.matcher(name).replaceFirst("LayerNorm.weight"))
                .replaceFirst("LayerNorm.bias"));
    return new Drawing(this, new Draft("encoder", weights)).model();
  }

  /** The graph under construction. */
  private static final class Drawing {
    private final TextEncoder plan;
    private final Draft draft;
    private final int width;
    private final String prefix;
    private final String tokens;
    private final String mask;
    private final String sizes;

    Drawing(TextEncoder plan, Draft draft) {
      this.plan = plan;
      this.draft = draft;
      this.width = plan.sizes().width();
      String named = plan.words().encoder();
      boolean bare = !draft.weights().has(named + "embeddings.word_embeddings.weight");
      this.prefix = bare && plan.head().answer() == Answer.FEATURES ? "" : named;
      this.tokens = draft.tokens("input_ids", Draft.TOKENS);
      this.mask = draft.tokens(Draft.MASK, Draft.TOKENS);
      this.sizes = draft.add("Shape", tokens);
    }

    Model model() {
      String rows = embeddings();
      String sight = MultiHead.present(draft, mask, tokens);
      MultiHead.Form form = MultiHead.Form.of(width, plan.form().heads());
      MultiHead attention = new MultiHead(draft, form);
      for (int i = 0; i < plan.form().layers(); i++) {
        rows =
            block(
                rows, attention, new Place(prefix + plan.words().block().list() + i + ".", sight));
      }
      switch (plan.head().answer()) {
        case FEATURES -> features(rows);
        case SEQUENCE -> sequence(rows);
        case TOKENS -> perToken(scores(rows));
        case SPAN -> span(scores(rows));
        case MASKED -> masked(rows);
      }
      return draft.finish();
    }

    private String table() {
      return draft.weight(
          prefix + "embeddings.word_embeddings.weight", plan.sizes().vocabulary(), width);
    }

    private String embeddings() {
      String sum = draft.embedding(tokens, table());
      String places =
          draft.weight(
              prefix + "embeddings.position_embeddings.weight", plan.sizes().places(), width);
      sum = draft.add("Add", sum, draft.embedding(places(), places));
      int types = plan.sizes().types();
      if (types > 0) {
        String table =
            draft.weight(prefix + "embeddings.token_type_embeddings.weight", types, width);
        String typed =
            types == 1
                ? table
                : draft.embedding(draft.tokens("token_type_ids", Draft.TOKENS), table);
        sum = draft.add("Add", sum, typed);
      }
      String rows = draft.reshape(sum, -1, width);
      return norm(rows, prefix + "embeddings.LayerNorm");
    }

    private String places() {
      int padding = plan.form().padding();
      return padding < 0 ? draft.places(tokens) : Places.afterPadding(draft, tokens, padding);
    }

    /** What a block's names begin with, and what its tokens see. */
    private record Place(String name, String sight) {}

    private String block(String rows, MultiHead attention, Place place) {
      EncoderWords.Block words = plan.words().block();
      Seen seen = new Seen(rows, sizes);
      String name = place.name();
      String mixed =
          attention.attend(words.attention().under(name), seen, seen, Sight.through(place.sight()));
      String attended = norm(draft.add("Add", rows, mixed), name + words.attended());
      String up = linear(attended, name + words.up(), width, plan.sizes().inner());
      String active = Activations.add(draft, plan.form().activation(), up);
      String down = linear(active, name + words.down(), plan.sizes().inner(), width);
      return norm(draft.add("Add", attended, down), name + words.fed());
    }

    private void features(String rows) {
      draft.output("last_hidden_state", perToken(rows, width), Draft.perToken(width));
      String pooler = prefix + "pooler.dense";
      if (plan.words().block() == EncoderWords.Block.BERT
          && draft.weights().has(pooler + ".weight")) {
        String pooled = draft.add("Tanh", linear(first(rows), pooler, width, width));
        draft.output("pooler_output", pooled, perText(width));
      }
    }

    private void sequence(String rows) {
      EncoderWords.Pooled words = plan.words().pooled();
      String dense = plan.words() == EncoderWords.BERT ? prefix + words.dense() : words.dense();
      String pooled =
          Activations.add(draft, words.activation(), linear(first(rows), dense, width, width));
      int labels = plan.head().labels();
      draft.output("logits", linear(pooled, words.scores(), width, labels), perText(labels));
    }

    private String scores(String rows) {
      String name = plan.head().answer() == Answer.SPAN ? "qa_outputs" : "classifier";
      return linear(rows, name, width, plan.head().labels());
    }

    private void perToken(String scores) {
      int labels = plan.head().labels();
      draft.output("logits", perToken(scores, labels), Draft.perToken(labels));
    }

    private void span(String scores) {
      List<String> sides = draft.split(perToken(scores, 2), 2, 2);
      Shape shape = Shape.of(List.of(Dim.of(Draft.BATCH), Dim.of(Draft.TOKENS)));
      draft.output("start_logits", draft.add("Squeeze", sides.get(0), draft.longs(2)), shape);
      draft.output("end_logits", draft.add("Squeeze", sides.get(1), draft.longs(2)), shape);
    }

    private void masked(String rows) {
      EncoderWords.Masked words = plan.words().masked();
      int vocabulary = plan.sizes().vocabulary();
      String activation = plan.words() == EncoderWords.ROBERTA ? "gelu" : plan.form().activation();
      String dense = linear(rows, words.dense(), width, width);
      String normal = norm(Activations.add(draft, activation, dense), words.norm());
      String weight = words.scores() + ".weight";
      if (plan.head().tied()) {
        DecoderGraph.tie(draft.weights(), weight, table());
      }
      if (!words.bias().equals(words.scores() + ".bias")) {
        DecoderGraph.tie(draft.weights(), words.scores() + ".bias", words.bias());
      }
      String table = plan.head().tied() ? table() : draft.weight(weight, vocabulary, width);
      String bias = draft.weight(words.bias(), vocabulary);
      String scores = draft.add("Add", draft.scores(normal, table), bias);
      draft.output("logits", perToken(scores, vocabulary), Draft.perToken(vocabulary));
    }

    /** The first token of each text, [N, width]. */
    private String first(String rows) {
      return draft.add(
          "Gather", Map.of("axis", Attribute.of(1L)), perToken(rows, width), draft.whole(0));
    }

    private String perToken(String rows, int features) {
      return draft.add("Reshape", rows, draft.join(sizes, draft.longs(features)));
    }

    private static Shape perText(int features) {
      return Shape.of(List.of(Dim.of(Draft.BATCH), Dim.of(features)));
    }

    private String linear(String rows, String name, int inputs, int outputs) {
      return draft.linear(rows, new Linear(name, inputs, outputs, true));
    }

    private String norm(String rows, String name) {
      return draft.layerNorm(rows, name, width, plan.form().epsilon());
    }
  }
}
