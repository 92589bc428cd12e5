package dev.lathe.generate.constrain;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Tokens by their bytes: a tree in which all tokens that begin alike are asked for at once. Nodes
 * lie in preorder; node 0 is the root. Immutable.
 */
final class TokenTrie {
  private static final int[] NONE = {};

  /** Of each node: the byte that leads to it. */
  private final byte[] labels;

  /** Of each node: how many bytes lead to it. */
  private final short[] depths;

  /** Of each node: one past the last node below it. */
  private final int[] stops;

  /** Of each node: the token that ends there, -1 for none, -2 - i for several at i of twins. */
  private final int[] tokens;

  private int[][] twins = {};
  private final int longest;

  /** The tree of some of the tokens whose bytes are given; each has at least one. */
  TokenTrie(byte[][] bytes, int[] some) {
    int[] order =
        IntStream.of(some)
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
    longest = deepest;
    fill(bytes, order);
  }

  private static int shared(byte[] a, byte[] b) {
    int at = Arrays.mismatch(a, b);
    return at < 0 ? a.length : at;
  }

  private void fill(byte[][] bytes, int[] order) {
    Arrays.fill(tokens, -1);
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
      put(path[now.length], token);
      last = now;
    }
    for (int depth = last.length; depth >= 0; depth--) {
      stops[path[depth]] = next;
    }
  }

  private void put(int node, int token) {
    int known = tokens[node];
    if (known == -1) {
      tokens[node] = token;
      return;
    }
    int[] before = known >= 0 ? new int[] {known} : twins[-2 - known];
    int[] both = Arrays.copyOf(before, before.length + 1);
    both[before.length] = token;
    twins = Arrays.copyOf(twins, twins.length + 1);
    twins[twins.length - 1] = both;
    tokens[node] = -1 - twins.length;
  }

  /** The most bytes of a token. */
  int longest() {
    return longest;
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
    int token = tokens[node];
    if (token >= 0) {
      bits[token >> 6] |= 1L << token;
      return;
    }
    for (int twin : token == -1 ? NONE : twins[-2 - token]) {
      bits[twin >> 6] |= 1L << twin;
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
