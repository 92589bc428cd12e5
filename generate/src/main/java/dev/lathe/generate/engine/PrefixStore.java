package dev.lathe.generate.engine;

import dev.lathe.generate.EngineStatistics;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Beginnings of texts whose keys and values are kept outside the rows, for whoever begins alike. A
 * radix tree for each realm, a tenant with an adapter, so that what texts have in common is kept
 * once; when there is no room, what was asked for least recently goes, from the ends of the texts.
 *
 * <p>Edges end between any two tokens. Where one is divided, both parts hold on to the block that
 * the cut is in. For one thread.
 */
final class PrefixStore {
  /** Fewer tokens are sooner computed than copied. */
  static final int LEAST_COPY = 16;

  private final Decoder decoder;
  private final Blocks blocks;
  private final Map<String, PrefixNode> realms = new HashMap<>();
  private final TreeSet<PrefixNode> leaves =
      new TreeSet<>(
          Comparator.comparingLong(PrefixNode::used).thenComparingLong(PrefixNode::serial));
  private long tokens;
  private long now;
  private long serial;

  /** Where a text leaves the tree: behind some tokens of it, which end within or at a node. */
  private record Way(PrefixNode node, int within, int depth) {}

  PrefixStore(Decoder decoder) {
    this.decoder = decoder;
    this.blocks = new Blocks(decoder.blocks());
  }

  /** What is kept, in tokens and in whole blocks. */
  EngineStatistics.Prefixes statistics() {
    long bytes = decoder.blockBytes();
    return new EngineStatistics.Prefixes(tokens, blocks.used() * bytes, decoder.blocks() * bytes);
  }

  /**
   * How much of a text is kept. It counts as asked for now: what is kept next takes the place of
   * something else.
   *
   * @param end how many of its tokens matter
   * @return tokens from its beginning
   */
  int find(String realm, int[] text, int end) {
    now++;
    PrefixNode root = realms.get(realm);
    return root == null ? 0 : follow(root, text, end).depth();
  }

  private Way follow(PrefixNode root, int[] text, int end) {
    PrefixNode node = root;
    int depth = 0;
    while (depth < end) {
      PrefixNode child = node.child(text[depth]);
      if (child == null) {
        break;
      }
      int common = child.common(text, depth, end);
      use(child);
      depth += common;
      if (common < child.length()) {
        return new Way(child, common, depth);
      }
      node = child;
    }
    return new Way(node, node.length(), depth);
  }

  private void use(PrefixNode node) {
    boolean leaf = leaves.remove(node);
    node.use(now);
    if (leaf) {
      leaves.add(node);
    }
  }

  /**
   * Copies kept tokens of a text into a row.
   *
   * @param begin what the row holds of them already
   * @param end how many it is to hold; at most as many as {@link #find} found
   */
  void load(Sequence text, Row row, int begin, int end) {
    PrefixNode node = realms.get(text.realm());
    int depth = 0;
    while (depth < end) {
      node = node == null ? null : node.child(text.tokens()[depth]);
      if (node == null) {
        throw new IllegalStateException(depth + " tokens are kept of " + end);
      }
      int last = Math.min(end - depth, node.length());
      for (int i = Math.max(0, begin - depth); i < last; ) {
        Decoder.Part part = node.part(i, last);
        decoder.load(part, row.spot(), depth + i);
        i += part.count();
      }
      depth += node.length();
    }
  }

  /**
   * Keeps what a row holds, as far as there is room without what the text itself shares, and what
   * was found last.
   *
   * @param text its tokens
   * @param end how many of them it holds
   */
  void keep(String realm, Spot row, int[] text, int end) {
    if (decoder.blocks() == 0) {
      return;
    }
    PrefixNode root = realms.computeIfAbsent(realm, PrefixNode::root);
    Way way = follow(root, text, end);
    if (end - way.depth() >= LEAST_COPY) {
      append(way, row, text, end);
    }
    // Making room may have emptied this realm, too, before something was added.
    if (root.isLeaf()) {
      realms.remove(realm);
    } else {
      realms.put(realm, root);
    }
  }

  private void append(Way way, Spot row, int[] text, int end) {
    int begin = way.depth();
    makeRoom((end - begin + Decoder.BLOCK - 1) / Decoder.BLOCK);
    int count = (int) Math.min(end - begin, (long) blocks.free() * Decoder.BLOCK);
    if (count < LEAST_COPY) {
      return;
    }
    PrefixNode node = way.node();
    if (way.within() < node.length()) {
      node = node.split(way.within(), serial++, blocks);
    }
    int[] in = new int[(count + Decoder.BLOCK - 1) / Decoder.BLOCK];
    Arrays.setAll(in, i -> blocks.take());
    leaves.remove(node);
    PrefixNode leaf = node.add(serial++, Arrays.copyOfRange(text, begin, begin + count), in);
    leaf.use(now);
    leaves.add(leaf);
    tokens += count;
    for (int i = 0; i < count; i += Decoder.BLOCK) {
      decoder.save(row, begin + i, leaf.part(i, count));
    }
  }

  /** Lets go what was asked for least recently, but not now, until some blocks are free. */
  private void makeRoom(int wanted) {
    while (blocks.free() < wanted && !leaves.isEmpty() && leaves.first().used() < now) {
      PrefixNode leaf = leaves.first();
      int first = leaf.token(0);
      tokens -= leaf.trim(blocks);
      if (leaf.length() == 0) {
        leaves.remove(leaf);
        leaf.remove(first);
        bereave(leaf.parent());
      }
    }
  }

  private void bereave(@Nullable PrefixNode node) {
    if (node == null || !node.isLeaf()) {
      return;
    }
    if (node.isRoot()) {
      realms.remove(node.realm());
    } else {
      leaves.add(node);
    }
  }

  /** The trees, for those who look after them. */
  Map<String, PrefixNode> realms() {
    return realms;
  }

  Blocks blocks() {
    return blocks;
  }
}
