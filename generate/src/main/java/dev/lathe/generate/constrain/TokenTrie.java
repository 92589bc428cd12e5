package dev.lathe.generate.constrain;

import dev.lathe.prepare.Vocabulary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The tokens of a vocabulary by their bytes: a tree in which all tokens that begin alike are asked
 * for at once. Nodes lie in preorder; node 0 is the root. Immutable.
 */
final class TokenTrie {
  /** The first byte of a special token, which no UTF-8 has. */
  private static final int SPECIAL = 0xFF;

  private final byte[][] bytes;

  /** Of each node: the byte that leads to it. */
  private final byte[] labels;

  /** Of each node: how many bytes lead to it. */
  private final short[] depths;

  /** Of each node: one past the last node below it. */
  private final int[] stops;

  /** Of each node: a token that ends there, or -1. */
  private final int[] tokens;

  /** Of each token: another of the same bytes, or -1. */
  private final int[] twins;

  private final int longest;
  private final CharSet alphabet;

  private TokenTrie(byte[][] bytes) {
    this.bytes = bytes;
    int[] order =
        IntStream.range(0, bytes.length)
            .filter(token -> bytes[token].length > 0)
            .boxed()
            .sorted(Comparator.comparing((Integer t) -> bytes[t], Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    int nodes = 1;
    int deepest = 0;
    byte[] last = new byte[0];
    for (int token : order) {
      nodes += bytes[token].length - shared(last, bytes[token]);
      last = bytes[token];
      deepest = Math.max(deepest, last.length);
    }
    labels = new byte[nodes];
    depths = new short[nodes];
    stops = new int[nodes];
    tokens = new int[nodes];
    twins = new int[bytes.length];
    longest = deepest;
    fill(order);
    alphabet = spelled();
  }

  /** The tree of a vocabulary; special tokens are apart from what text can spell. */
  static TokenTrie of(Vocabulary vocabulary) {
    byte[][] bytes = new byte[vocabulary.size()][];
    for (int token = 0; token < bytes.length; token++) {
      bytes[token] = vocabulary.special(token) ? special(token) : cut(vocabulary.bytes(token));
    }
    return new TokenTrie(bytes);
  }

  /** The tree of tokens without special ones. */
  static TokenTrie of(byte[]... tokens) {
    return new TokenTrie(Arrays.stream(tokens).map(TokenTrie::cut).toArray(byte[][]::new));
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

  private static int shared(byte[] a, byte[] b) {
    int at = Arrays.mismatch(a, b);
    return at < 0 ? a.length : at;
  }

  private void fill(int[] order) {
    Arrays.fill(tokens, -1);
    Arrays.fill(twins, -1);
    int[] path = new int[longest + 1];
    int next = 1;
    byte[] last = new byte[0];
    for (int token : order) {
      byte[] now = bytes[token];
      int shared = shared(last, now);
      for (int depth = last.length; depth > shared; depth--) {
        stops[path[depth]] = next;
      }
      for (int depth = shared; depth < now.length; depth++) {
        labels[next] = now[depth];
        depths[next] = (short) (depth + 1);
        path[depth + 1] = next++;
      }
      twins[token] = tokens[path[now.length]];
      tokens[path[now.length]] = token;
      last = now;
    }
    for (int depth = last.length; depth >= 0; depth--) {
      stops[path[depth]] = next;
    }
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
        whole.add(new String(token, java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    boolean all = true;
    for (int b = 0; b < 0xF5; b++) {
      all &= single[b] || b == 0xC0 || b == 0xC1;
    }
    if (all) {
      return CharSet.ALL;
    }
    IntStream.Builder ranges = IntStream.builder();
    for (int code = 0; code <= Character.MAX_CODE_POINT; code++) {
      if (code == 0xD800) {
        code = 0xE000;
      }
      String text = Character.toString(code);
      if (whole.contains(text) || allSingle(text, single)) {
        ranges.add(code).add(code);
      }
    }
    return CharSet.of(ranges.build().toArray());
  }

  private static boolean allSingle(String text, boolean[] single) {
    for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
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

  /** The most bytes of a token. */
  int longest() {
    return longest;
  }

  /** The characters that can be written at all. */
  CharSet alphabet() {
    return alphabet;
  }

  int label(int node) {
    return labels[node] & 0xFF;
  }

  int depth(int node) {
    return depths[node];
  }

  int stop(int node) {
    return stops[node];
  }

  /** Sets the bits of the tokens that end at a node. */
  void mark(int node, long[] bits) {
    for (int token = tokens[node]; token >= 0; token = twins[token]) {
      bits[token >> 6] |= 1L << token;
    }
  }

  /** The node that some bytes lead to, or -1. */
  int find(byte[] path, int from, int to) {
    int node = 0;
    for (int i = from; i < to; i++) {
      int child = node + 1;
      while (child < stops[node] && labels[child] != path[i]) {
        child = stops[child];
      }
      if (child >= stops[node]) {
        return -1;
      }
      node = child;
    }
    return node;
  }
}
