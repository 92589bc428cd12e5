package dev.lathe.generate.constrain;

import dev.lathe.prepare.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The tokens of a vocabulary as bytes, in trees: one of the short tokens, one of the few long ones,
 * so that what a text allows of most tokens is the same wherever nothing ends soon. Immutable.
 */
final class TokenTable {
  /** The most bytes of a short token. */
  private static final int SHORT = 16;

  /** The first byte of a special token, which no UTF-8 has. */
  private static final int SPECIAL = 0xFF;

  private final byte[][] bytes;
  private final List<TokenTrie> tries;
  private final CharSet alphabet;

  private TokenTable(byte[][] bytes) {
    this.bytes = bytes;
    this.tries =
        Stream.<IntPredicate>of(n -> n > 0 && n <= SHORT, n -> n > SHORT)
            .map(
                length ->
                    IntStream.range(0, bytes.length)
                        .filter(token -> length.test(bytes[token].length))
                        .toArray())
            .filter(tokens -> tokens.length > 0)
            .map(tokens -> new TokenTrie(bytes, tokens))
            .toList();
    this.alphabet = spelled();
  }

  /** The tokens of a vocabulary; special ones are apart from what text can spell. */
  static TokenTable of(Vocabulary vocabulary) {
    byte[][] bytes = new byte[vocabulary.size()][];
    for (int token = 0; token < bytes.length; token++) {
      bytes[token] = vocabulary.special(token) ? special(token) : cut(vocabulary.bytes(token));
    }
    return new TokenTable(bytes);
  }

  /** Tokens without special ones. */
  static TokenTable of(byte[]... tokens) {
    return new TokenTable(Arrays.stream(tokens).map(TokenTable::cut).toArray(byte[][]::new));
  }

  /** Nothing for what cannot be in UTF-8, or is longer than a node's depth can say. */
  private static byte[] cut(byte[] bytes) {
    for (byte b : bytes) {
      if ((b & 0xFF) >= 0xF8) {
        return new byte[0];
      }
    }
    return bytes.length > Short.MAX_VALUE ? new byte[0] : bytes;
  }

  /** The bytes that stand for a special token. */
  static byte[] special(int token) {
    return new byte[] {(byte) SPECIAL, (byte) (token >> 16), (byte) (token >> 8), (byte) token};
  }

  /** The characters that tokens can spell without beginning or ending within another. */
  private CharSet spelled() {
    boolean[] single = new boolean[256];
    Set<String> whole = new HashSet<>();
    for (byte[] token : bytes) {
      if (token.length == 1) {
        single[token[0] & 0xFF] = true;
      }
      if (token.length >= 1 && token.length <= 4 && token[0] != (byte) SPECIAL) {
        whole.add(new String(token, StandardCharsets.UTF_8));
      }
    }
    boolean all = true;
    for (int b = 0; b < 0xF5; b++) {
      all &= single[b] || b == 0xC0 || b == 0xC1;
    }
    if (all) {
      return CharSet.ALL;
    }
    int[] codes =
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
            .filter(code -> code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE)
            .filter(code -> spelled(Character.toString(code), whole, single))
            .flatMap(code -> IntStream.of(code, code))
            .toArray();
    return CharSet.of(codes);
  }

  private static boolean spelled(String text, Set<String> whole, boolean[] single) {
    if (whole.contains(text)) {
      return true;
    }
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (!single[b & 0xFF]) {
        return false;
      }
    }
    return true;
  }

  /** V. */
  int size() {
    return bytes.length;
  }

  byte[] bytes(int token) {
    return bytes[token];
  }

  List<TokenTrie> tries() {
    return tries;
  }

  /** The most bytes of a token. */
  int longest() {
    return tries.stream().mapToInt(TokenTrie::longest).max().orElse(0);
  }

  /** The characters that can be written at all. */
  CharSet alphabet() {
    return alphabet;
  }
}
