package dev.lathe.generate.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An edge of a tree of beginnings and the node at its end: the tokens that follow those of its
 * parent, and the blocks in which their keys and values are, one after another from a place in the
 * first block on. No two children of a node begin with the same token. The root of a realm has no
 * tokens.
 */
final class PrefixNode {
  private final Map<Integer, PrefixNode> children = new HashMap<>(2);
  private final String realm;
  private final long serial;
  private @Nullable PrefixNode parent;
  private int[] tokens;
  private int length;
  private int offset;
  private int[] blocks;
  private long used;

  private PrefixNode(String realm, long serial, int[] tokens, int[] blocks) {
    this.realm = realm;
    this.serial = serial;
    this.tokens = tokens;
    this.length = tokens.length;
    this.blocks = blocks;
  }

  static PrefixNode root(String realm) {
    return new PrefixNode(realm, 0, new int[0], new int[0]);
  }

  /** Adds what follows this, beginning with a token that no child begins with. */
  PrefixNode add(long number, int[] next, int[] in) {
    PrefixNode child = new PrefixNode(realm, number, next, in);
    adopt(child);
    return child;
  }

  private void adopt(PrefixNode child) {
    child.parent = this;
    children.put(child.tokens[0], child);
  }

  /**
   * Divides this before one of its tokens.
   *
   * @param count how many tokens the first part has, more than 0 and less than all
   * @param number of the first part
   * @param pool where the block that both parts may be in is counted
   * @return the first part, whose only child this is now
   */
  PrefixNode split(int count, long number, Blocks pool) {
    PrefixNode before = parent;
    if (before == null || count <= 0 || count >= length) {
      throw new IllegalStateException("split at " + count + " of " + length);
    }
    int end = offset + count;
    PrefixNode head =
        new PrefixNode(
            realm, number, Arrays.copyOf(tokens, count), Arrays.copyOf(blocks, blocksTo(end)));
    head.offset = offset;
    head.used = used;
    if (end % Decoder.BLOCK != 0) {
      pool.share(blocks[end / Decoder.BLOCK]);
    }
    blocks = Arrays.copyOfRange(blocks, end / Decoder.BLOCK, blocks.length);
    offset = end % Decoder.BLOCK;
    tokens = Arrays.copyOfRange(tokens, count, length);
    length -= count;
    before.adopt(head);
    head.adopt(this);
    return head;
  }

  private static int blocksTo(int place) {
    return (place + Decoder.BLOCK - 1) / Decoder.BLOCK;
  }

  /**
   * Lets the last block go, and the tokens that are in it.
   *
   * @return how many tokens went
   */
  int trim(Blocks pool) {
    int last = blocks.length - 1;
    pool.release(blocks[last]);
    blocks = Arrays.copyOf(blocks, last);
    int left = Math.max(0, last * Decoder.BLOCK - offset);
    int gone = length - left;
    length = left;
    if (2 * length <= tokens.length) {
      tokens = Arrays.copyOf(tokens, length);
    }
    return gone;
  }

  /** Takes this out of the tree. */
  void remove(int first) {
    PrefixNode before = parent;
    if (before != null) {
      before.children.remove(first);
    }
  }

  @Nullable PrefixNode child(int token) {
    return children.get(token);
  }

  Collection<PrefixNode> children() {
    return children.values();
  }

  @Nullable PrefixNode parent() {
    return parent;
  }

  boolean isRoot() {
    return parent == null;
  }

  boolean isLeaf() {
    return children.isEmpty();
  }

  String realm() {
    return realm;
  }

  /** Tokens. */
  int length() {
    return length;
  }

  int token(int index) {
    return tokens[index];
  }

  /** How many of a text's tokens from a place on are this one's. */
  int common(int[] text, int from, int end) {
    int most = Math.min(length, end - from);
    int differs = Arrays.mismatch(tokens, 0, most, text, from, from + most);
    return differs < 0 ? most : differs;
  }

  int[] blocks() {
    return blocks;
  }

  /**
   * Where the keys and values of some of its tokens are: those that are in the block of the first.
   */
  Decoder.Part part(int begin, int end) {
    int place = offset + begin;
    int in = place % Decoder.BLOCK;
    int count = Math.min(end - begin, Decoder.BLOCK - in);
    return new Decoder.Part(blocks[place / Decoder.BLOCK], in, count);
  }

  /** When it was last asked for. */
  long used() {
    return used;
  }

  void use(long now) {
    used = now;
  }

  /** Tells apart what was used at the same time. */
  long serial() {
    return serial;
  }
}
