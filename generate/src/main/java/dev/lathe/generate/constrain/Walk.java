package dev.lathe.generate.constrain;

import java.util.Arrays;

/** Marks the tokens of a tree that a place allows. */
final class Walk {
  private final TokenTrie trie;
  private final long[] bits;
  private final Place[] path;
  private int[] pops = new int[16];
  private int popCount;
  private int reach;

  Walk(TokenTrie trie, long[] bits) {
    this.trie = trie;
    this.bits = bits;
    this.path = new Place[trie.longest() + 1];
  }

  /** Marks those below a node, at which the text stands at a place. */
  void run(int from, Place at) {
    int above = trie.depth(from);
    path[0] = at;
    int node = from + 1;
    int stop = trie.stop(from);
    while (node < stop) {
      int depth = trie.depth(node) - above;
      Place before = path[depth - 1];
      Place next = before.next(trie.label(node));
      reach = Math.max(reach, before.reach());
      if (next.dead()) {
        node = trie.stop(node);
        continue;
      }
      path[depth] = next;
      trie.mark(node, bits);
      if (next.mayEnd() && trie.stop(node) > node + 1) {
        pops = popCount == pops.length ? Arrays.copyOf(pops, popCount * 2) : pops;
        pops[popCount++] = node;
      }
      node++;
    }
  }

  /** What was found. */
  Machine.Local local() {
    return new Machine.Local(bits, Arrays.copyOf(pops, popCount), reach);
  }
}
