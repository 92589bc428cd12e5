package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.zoo.huggingface.Draft.Linear;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Attention of many heads, each with keys of its own; queries, keys and values are layers of their
 * own. Tokens are rows, [N·T, width].
 *
 * @param draft the graph
 * @param form how large it is
 */
record MultiHead(Draft draft, Form form) {
  /**
   * How large it is.
   *
   * @param width features of a token
   * @param heads heads
   * @param features features of a head
   * @param biased whether its layers have biases
   * @param scale what scores are multiplied with
   */
  record Form(int width, int heads, int features, boolean biased, double scale) {
    /** Heads that share the width of a token, with scores over the root of their features. */
    static Form of(int width, int heads) {
      int features = width / heads;
      return new Form(width, heads, features, true, 1 / Math.sqrt(features));
    }
  }

  /** The names of the layers of queries, keys and values, and of the one behind. */
  record Names(String query, String key, String value, String out) {
    Names under(String prefix) {
      return new Names(prefix + query, prefix + key, prefix + value, prefix + out);
    }
  }

  /** Tokens as rows, and their sizes INT64 [2]: N, T. */
  record Seen(String rows, String sizes) {}

  /** What may be seen: a mask, or nothing for everything; and whether only what is before. */
  record Sight(String mask, boolean causal) {
    static Sight through(String mask) {
      return new Sight(mask, false);
    }
  }

  /** What each of some tokens takes from others, as rows of the first. */
  String attend(Names names, Seen from, Seen to, Sight sight) {
    int inner = form.heads() * form.features();
    String query = perToken(from, layer(from, names.query(), inner), inner);
    String key = perToken(to, layer(to, names.key(), inner), inner);
    String value = perToken(to, layer(to, names.value(), inner), inner);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("is_causal", Attribute.of(sight.causal() ? 1L : 0L));
    attributes.put("q_num_heads", Attribute.of((long) form.heads()));
    attributes.put("kv_num_heads", Attribute.of((long) form.heads()));
    if ((float) form.scale() != (float) (1 / Math.sqrt(form.features()))) {
      attributes.put("scale", Attribute.of((float) form.scale()));
    }
    String mixed =
        sight.mask().isEmpty()
            ? draft.add("Attention", attributes, query, key, value)
            : draft.add("Attention", attributes, query, key, value, sight.mask());
    String rows = draft.reshape(mixed, -1, inner);
    return draft.linear(rows, new Linear(names.out(), inner, form.width(), form.biased()));
  }

  private String layer(Seen seen, String name, int inner) {
    return draft.linear(seen.rows(), new Linear(name, form.width(), inner, form.biased()));
  }

  private String perToken(Seen seen, String rows, int features) {
    return draft.add("Reshape", rows, draft.join(seen.sizes(), draft.longs(features)));
  }

  /** BOOL [N, 1, 1, S]: which tokens are no padding, where a mask INT64 [N, S] is not 0. */
  static String present(Draft draft, String mask) {
    String present =
        draft.add("Cast", Map.of("to", Attribute.of((long) ElementType.BOOL.code())), mask);
    return draft.add("Unsqueeze", present, draft.longs(1, 2));
  }

  /** BOOL [N, 1, T, S]: the same for each of T tokens that look. */
  static String present(Draft draft, String mask, String lookers) {
    String sizes =
        draft.join(
            draft.size(mask, 0), draft.longs(1), draft.size(lookers, 1), draft.size(mask, 1));
    return draft.add("Expand", present(draft, mask), sizes);
  }
}
