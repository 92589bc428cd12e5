package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.TextOptions.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Beginnings outside the rows: what is found, what goes, and that it is counted right. */
class PrefixStoreTest {
  private static final int B = Decoder.BLOCK;
  private static final Spot ROW = new Spot(0, 0);

  private final FakeDecoder decoder = new FakeDecoder(1000, List.of(new Arena(1, 1000)), 10);
  private final PrefixStore store = new PrefixStore(decoder);

  private static int[] text(int seed, int length) {
    return new Random(seed).ints(length, 0, 40).toArray();
  }

  private static int[] joined(int[] head, int[] tail) {
    int[] both = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, both, head.length, tail.length);
    return both;
  }

  /** As if a row were taken from a text. */
  private static void keep(PrefixStore store, FakeDecoder decoder, String realm, int[] text) {
    System.arraycopy(text, 0, decoder.content(ROW), 0, text.length);
    store.keep(realm, ROW, text, text.length);
    PrefixChecks.requireWhole(store, decoder);
  }

  private void keep(String realm, int[] text) {
    keep(store, decoder, realm, text);
  }

  private int find(String realm, int[] text) {
    return store.find(realm, text, text.length);
  }

  @Test
  void beginning_isFoundToTheTokenAndInItsRealmAlone() {
    int[] text = text(1, 100);
    keep("a", text);
    assertThat(find("a", text)).isEqualTo(100);
    assertThat(find("a", joined(text, text(2, 50)))).isEqualTo(100);
    assertThat(store.find("a", text, 77)).isEqualTo(77);
    int[] other = text.clone();
    other[45] = 41;
    assertThat(find("a", other)).isEqualTo(45);
    assertThat(find("b", text)).isZero();
    keep("b", other);
    assertThat(find("b", text)).isEqualTo(45);
    assertThat(find("a", text)).isEqualTo(100);
  }

  @Test
  void whatTextsHaveInCommon_isKeptOnce() {
    int[] head = text(1, 2 * B);
    for (int tail = 2; tail < 6; tail++) {
      keep("a", joined(head, text(tail, B)));
    }
    assertThat(store.statistics().tokens()).isEqualTo(2 * B + 4 * B);
    assertThat(store.statistics().bytes()).isEqualTo(6 * decoder.blockBytes());
    assertThat(decoder.saved).isEqualTo(6 * B);
    keep("a", joined(head, text(3, B)));
    assertThat(decoder.saved).as("nothing new").isEqualTo(6 * B);
    int[] within = joined(Arrays.copyOf(head, B / 2), text(9, B));
    keep("a", within);
    assertThat(find("a", within)).isEqualTo(B / 2 + B);
    assertThat(store.statistics().bytes()).isEqualTo(7 * decoder.blockBytes());
  }

  @Test
  void fewTokens_areNotWorthABlock() {
    int[] head = text(1, 40);
    keep("a", text(2, PrefixStore.LEAST_COPY - 1));
    assertThat(store.realms()).isEmpty();
    keep("a", head);
    keep("a", joined(head, text(3, PrefixStore.LEAST_COPY - 1)));
    assertThat(store.statistics().tokens()).isEqualTo(40);
    keep("a", joined(head, text(3, PrefixStore.LEAST_COPY)));
    assertThat(store.statistics().tokens()).isEqualTo(40 + PrefixStore.LEAST_COPY);
  }

  @Test
  void leastRecentlyAskedFor_goesFirstAndFromItsEnd() {
    int[][] texts = IntStream.range(0, 5).mapToObj(i -> text(i + 1, 2 * B)).toArray(int[][]::new);
    for (int[] text : texts) {
      find("a", text);
      keep("a", text);
    }
    assertThat(store.blocks().free()).isZero();
    find("a", texts[0]);
    find("a", texts[2]);
    int[] fresh = text(9, B);
    find("b", fresh);
    keep("b", fresh);
    assertThat(find("b", fresh)).isEqualTo(B);
    assertThat(store.find("a", texts[1], 2 * B)).as("the oldest lost its end").isEqualTo(B);
    int[] longer = text(10, 4 * B);
    find("b", longer);
    keep("b", longer);
    assertThat(find("a", texts[3])).as("oldest").isZero();
    assertThat(find("a", texts[4])).as("next").isZero();
    assertThat(find("a", texts[1])).isEqualTo(B);
    assertThat(find("a", texts[0])).isEqualTo(2 * B);
    assertThat(find("a", texts[2])).isEqualTo(2 * B);
  }

  @Test
  void commonBeginning_outlivesWhatFollowsIt() {
    int[] head = text(1, 3 * B);
    int[] one = joined(head, text(2, 3 * B));
    int[] other = joined(head, text(3, 3 * B));
    keep("a", one);
    keep("a", other);
    int[] fresh = text(4, 7 * B);
    find("a", fresh);
    keep("a", fresh);
    assertThat(find("a", one)).isEqualTo(3 * B);
    assertThat(find("a", other)).isEqualTo(3 * B);
    assertThat(find("a", fresh)).isEqualTo(7 * B);
  }

  /** Who is about to copy a beginning does not lose it to what its row held. */
  @Test
  void whatWasFoundLast_isNotLetGo() {
    int[] wanted = text(1, 6 * B);
    keep("a", wanted);
    assertThat(find("a", wanted)).isEqualTo(6 * B);
    int[] large = text(2, 20 * B);
    keep("a", large);
    assertThat(find("a", wanted)).isEqualTo(6 * B);
    assertThat(find("a", large)).as("as far as there was room").isEqualTo(4 * B);
  }

  @Test
  void withoutBlocks_nothingIsKept() {
    FakeDecoder none = new FakeDecoder(1000, List.of(new Arena(1, 1000)));
    PrefixStore empty = new PrefixStore(none);
    keep(empty, none, "a", text(1, 100));
    assertThat(empty.find("a", text(1, 100), 100)).isZero();
    assertThat(empty.realms()).isEmpty();
  }

  /**
   * Many texts of few letters: what is found is never more than what was kept, nor less with room.
   */
  @Test
  void anything_isFoundAsFarAsItWasKept() {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      int blocks = seed % 3 == 0 ? 4000 : 1 + random.nextInt(30);
      FakeDecoder rows = new FakeDecoder(300, List.of(new Arena(1, 300)), blocks);
      PrefixStore tree = new PrefixStore(rows);
      Map<String, List<int[]>> kept = new HashMap<>();
      for (int i = 0; i < 150; i++) {
        String realm = "r" + random.nextInt(3);
        List<int[]> known = kept.computeIfAbsent(realm, _ -> new ArrayList<>());
        int[] text = drawn(random, known);
        int found = tree.find(realm, text, text.length);
        int shared = known.stream().mapToInt(one -> common(one, text)).max().orElse(0);
        assertThat(found).as("seed %d, text %d", seed, i).isLessThanOrEqualTo(shared);
        if (blocks == 4000) {
          assertThat(found).isGreaterThan(shared - PrefixStore.LEAST_COPY);
        }
        keep(tree, rows, realm, text);
        known.add(text);
      }
    }
  }

  private static int[] drawn(Random random, List<int[]> known) {
    int[] tail = random.ints(random.nextInt(1, 120), 0, 3).toArray();
    if (known.isEmpty() || random.nextInt(4) == 0) {
      return tail;
    }
    int[] head = known.get(random.nextInt(known.size()));
    int[] text = joined(Arrays.copyOf(head, random.nextInt(head.length + 1)), tail);
    return Arrays.copyOf(text, Math.min(300, text.length));
  }

  private static int common(int[] one, int[] other) {
    int most = Math.min(one.length, other.length);
    int differs = Arrays.mismatch(one, 0, most, other, 0, most);
    return differs < 0 ? most : differs;
  }
}
