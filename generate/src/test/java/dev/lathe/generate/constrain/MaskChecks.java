package dev.lathe.generate.constrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.TokenConstraint;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/** Small vocabularies, and walks along masks. */
final class MaskChecks {
  private MaskChecks() {}

  static TokenTable vocabulary(String... tokens) {
    byte[][] bytes = new byte[tokens.length][];
    for (int i = 0; i < tokens.length; i++) {
      bytes[i] = tokens[i].getBytes(StandardCharsets.UTF_8);
    }
    return TokenTable.of(bytes);
  }

  /** Every byte that UTF-8 has, and some longer tokens. */
  static TokenTable bytesAnd(String... tokens) {
    byte[][] bytes = new byte[256 + tokens.length][];
    for (int i = 0; i < 256; i++) {
      bytes[i] = new byte[] {(byte) i};
    }
    for (int i = 0; i < tokens.length; i++) {
      bytes[256 + i] = tokens[i].getBytes(StandardCharsets.UTF_8);
    }
    return TokenTable.of(bytes);
  }

  static Place start(Form form, TokenTable trie) {
    Budget budget = new Budget();
    Automaton automaton = Automaton.of(Rule.of("root", form), trie.alphabet(), budget);
    return new Machine(automaton, trie, Optional.empty()).start();
  }

  static boolean has(long[] bits, int token) {
    return token >> 6 < bits.length && (bits[token >> 6] >> token & 1) == 1;
  }

  /** Whether the form allows a text, byte by byte. */
  static boolean accepts(Place start, String text) {
    Place at = start;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      at = at.next(b & 0xFF);
      if (at.dead()) {
        return false;
      }
    }
    return at.mayEnd();
  }

  /** From where, with which tokens, how far. */
  record Walk(Place start, TokenTable trie, int tokens) {}

  /**
   * Walks at random and checks each mask: a token is allowed just if the text with it can become
   * one that is allowed.
   */
  static String walk(Walk walk, Predicate<String> viable, Random random) {
    TokenTable trie = walk.trie();
    StringBuilder text = new StringBuilder();
    TokenConstraint at = walk.start();
    for (int step = 0; step < walk.tokens(); step++) {
      long[] bits = at.allowed();
      int[] allowed = new int[trie.size()];
      int count = 0;
      for (int token = 0; token < trie.size(); token++) {
        String next = text + new String(trie.bytes(token), StandardCharsets.UTF_8);
        assertThat(has(bits, token))
            .as(
                "after \"%s\": token \"%s\"",
                text, new String(trie.bytes(token), StandardCharsets.UTF_8))
            .isEqualTo(viable.test(next));
        if (has(bits, token)) {
          allowed[count++] = token;
        }
      }
      if (count == 0 || at.mayEnd() && random.nextInt(4) == 0) {
        assertThat(at.mayEnd()).as("\"%s\" may end", text).isTrue();
        return text.toString();
      }
      int token = allowed[random.nextInt(count)];
      text.append(new String(trie.bytes(token), StandardCharsets.UTF_8));
      at = at.after(token);
    }
    return text.toString();
  }
}
