package dev.lathe.server.openai;

import dev.lathe.prepare.Specials;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Prompts in the four forms that completions and embeddings take. */
final class Prompts {
  private static final int MOST = 2048;

  private Prompts() {}

  /** A text, tokens, an array of texts, or an array of arrays of tokens. */
  static List<int[]> of(AskedModel asked, JsonNode node) {
    int vocabulary = asked.model().vocabulary();
    List<int[]> prompts = new ArrayList<>();
    if (node.isString()) {
      prompts.add(encoded(asked, node.stringValue()));
    } else if (node.isArray() && !node.isEmpty() && node.get(0).isNumber()) {
      prompts.add(TokenArrays.array(TokenArrays.tokens(node, "prompt", vocabulary)));
    } else if (node.isArray() && !node.isEmpty() && node.size() <= MOST) {
      for (int i = 0; i < node.size(); i++) {
        JsonNode one = node.get(i);
        prompts.add(
            one.isString()
                ? encoded(asked, one.stringValue())
                : TokenArrays.array(TokenArrays.tokens(one, "prompt[" + i + "]", vocabulary)));
      }
    } else {
      String found = node.isArray() ? node.size() + " prompts" : Fields.shown(node);
      throw Fields.bad(
          "prompt", found, "a text, tokens, or an array of 1 to " + MOST + " of either");
    }
    for (int[] prompt : prompts) {
      if (prompt.length == 0) {
        throw Fields.bad("prompt", "no tokens", "at least one");
      }
    }
    return prompts;
  }

  private static int[] encoded(AskedModel asked, String text) {
    return asked.tokenizer().encode(text, Specials.WITH).ids();
  }
}
