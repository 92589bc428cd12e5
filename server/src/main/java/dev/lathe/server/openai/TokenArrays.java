package dev.lathe.server.openai;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Tokens as requests write them. */
final class TokenArrays {
  private static final int LONGEST = 1 << 20;

  private TokenArrays() {}

  /** An array of tokens of a vocabulary. */
  static List<Integer> tokens(JsonNode node, String param, int vocabulary) {
    if (!node.isArray() || node.size() > LONGEST) {
      throw Fields.bad(param, Fields.shown(node), "an array of at most " + LONGEST + " tokens");
    }
    List<Integer> tokens = new ArrayList<>(node.size());
    for (JsonNode one : node) {
      boolean known = one.isInt() && one.intValue() >= 0 && one.intValue() < vocabulary;
      if (!known) {
        throw Fields.bad(param, Fields.shown(one), "tokens from 0 to " + (vocabulary - 1));
      }
      tokens.add(one.intValue());
    }
    return tokens;
  }

  static int[] array(List<Integer> tokens) {
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }
}
