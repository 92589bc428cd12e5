package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.EngineStatistics;
import java.util.Map;

/** What is so in a store of beginnings whatever was asked of it. */
final class PrefixChecks {
  private final PrefixStore store;
  private final FakeDecoder decoder;
  private final int[] holders;
  private long tokens;

  private PrefixChecks(PrefixStore store, FakeDecoder decoder) {
    this.store = store;
    this.decoder = decoder;
    this.holders = new int[decoder.blocks()];
  }

  /** Blocks hold what the trees say, each is held as often as is counted, and figures are right. */
  static void requireWhole(PrefixStore store, FakeDecoder decoder) {
    new PrefixChecks(store, decoder).check();
  }

  private void check() {
    for (Map.Entry<String, PrefixNode> realm : store.realms().entrySet()) {
      PrefixNode root = realm.getValue();
      assertThat(root.isRoot()).isTrue();
      assertThat(root.realm()).isEqualTo(realm.getKey());
      assertThat(root.isLeaf()).as("an empty realm").isFalse();
      root.children().forEach(child -> check(root, child));
    }
    int used = 0;
    for (int block = 0; block < holders.length; block++) {
      assertThat(store.blocks().holders(block))
          .as("holders of %d", block)
          .isEqualTo(holders[block]);
      used += holders[block] > 0 ? 1 : 0;
    }
    assertThat(store.blocks().used()).isEqualTo(used);
    assertThat(store.statistics())
        .isEqualTo(
            new EngineStatistics.Prefixes(
                tokens, used * decoder.blockBytes(), decoder.blocks() * decoder.blockBytes()));
  }

  private void check(PrefixNode parent, PrefixNode node) {
    assertThat(node.parent()).isSameAs(parent);
    assertThat(node.length()).isPositive();
    assertThat(parent.child(node.token(0))).isSameAs(node);
    tokens += node.length();
    for (int block : node.blocks()) {
      holders[block]++;
    }
    for (int i = 0; i < node.length(); i++) {
      assertThat(decoder.kept(node.part(i, i + 1))).isEqualTo(node.token(i));
    }
    Decoder.Part last = node.part(node.length() - 1, node.length());
    assertThat(last.block())
        .as("no block beyond")
        .isEqualTo(node.blocks()[node.blocks().length - 1]);
    assertThat(node.used()).isLessThanOrEqualTo(parent.isRoot() ? Long.MAX_VALUE : parent.used());
    node.children().forEach(child -> check(node, child));
  }
}
