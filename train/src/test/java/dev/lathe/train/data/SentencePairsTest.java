package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.Recipe;
import java.io.BufferedWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePairsTest {
  private static final int LENGTH = 30;
  private static final int BATCH = 8;

  /** Pairs that are known by their first token. */
  private static List<Pair> pairs(int count) {
    SplittableRandom random = new SplittableRandom(6);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              int length = 1 + random.nextInt(20);
              int[] source = new int[length];
              int[] target = new int[Math.max(1, length + random.nextInt(-3, 4))];
              Arrays.fill(source, 7);
              Arrays.fill(target, 9);
              source[0] = 10 + i;
              return new Pair(source, target);
            })
        .toList();
  }

  /** Tokens of a sentence and of its translation. */
  private record Pair(int[] source, int[] target) {
    int length() {
      return Math.max(source.length, target.length);
    }
  }

  private static SentencePairs part(List<Pair> pairs) {
    try (TokenLists.Writer writer = new TokenLists.Writer()) {
      for (Pair pair : pairs) {
        writer.add(pair.source());
        writer.add(pair.target());
      }
      return new SentencePairs(ParallelText.NONE, writer.all(), BATCH, LENGTH);
    }
  }

  /** What a batch holds: its shape, and its lines by column. */
  private record Seen(List<Column> shape, List<List<long[]>> lines) {
    long source() {
      return shape.get(0).dims().getFirst();
    }

    long target() {
      return shape.get(1).dims().getFirst();
    }

    List<Long> ids() {
      return lines.getFirst().stream().map(line -> line[0]).toList();
    }
  }

  private static List<Seen> read(Part part, Cursor cursor) {
    List<Seen> batches = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (boolean more = true; more; ) {
        List<Column> shape = cursor.shaped(part.columns(), BATCH);
        List<MemorySegment> segments =
            shape.stream().map(column -> arena.allocate(BATCH * column.bytes())).toList();
        int count = 0;
        while (count < BATCH && cursor.next(segments, count)) {
          count++;
        }
        more = count == BATCH;
        if (count > 0) {
          batches.add(new Seen(shape, lines(shape, segments, count)));
        }
      }
    }
    cursor.close();
    return batches;
  }

  private static List<List<long[]>> lines(
      List<Column> shape, List<MemorySegment> segments, int count) {
    List<List<long[]>> lines = new ArrayList<>();
    for (int c = 0; c < shape.size(); c++) {
      long bytes = shape.get(c).bytes();
      List<long[]> column = new ArrayList<>();
      for (int n = 0; n < count; n++) {
        column.add(segments.get(c).asSlice(n * bytes, bytes).toArray(ValueLayout.JAVA_LONG));
      }
      lines.add(column);
    }
    return lines;
  }

  @Test
  void anExample_hasStartEndAndPadding() {
    Pair pair = new Pair(new int[] {5, 6, 7, 8}, new int[] {9, 10});
    SentencePairs part = part(List.of(pair));
    Seen seen = read(part, part.inOrder()).getFirst();
    assertThat(seen.lines().get(0).getFirst()).containsExactly(5, 6, 7, 8, 2, 0, 0, 0);
    assertThat(seen.lines().get(1).getFirst()).containsExactly(1, 9, 10, 0);
    assertThat(seen.lines().get(2).getFirst()).containsExactly(9, 10, 2, -1);
  }

  @Test
  void anEpoch_hasEachExampleOnce_inBatchesOfLikeLengths() {
    SentencePairs part = part(pairs(203));
    List<Seen> epoch = read(part, part.shuffled(3, 0));
    assertThat(epoch).hasSize(26);
    assertThat(epoch.getLast().ids()).as("the batch that is not full is the last").hasSize(3);
    List<Long> ids = epoch.stream().flatMap(seen -> seen.ids().stream()).sorted().toList();
    assertThat(ids).isEqualTo(IntStream.range(10, 213).mapToObj(i -> (long) i).toList());
    long used = 0;
    long places = 0;
    for (Seen seen : epoch) {
      assertThat(seen.source() % SentencePairs.STEP + seen.target() % SentencePairs.STEP).isZero();
      places += seen.target() * seen.ids().size();
      used += seen.lines().get(2).stream().flatMapToLong(Arrays::stream).filter(t -> t > 0).count();
    }
    assertThat((double) used / places).as("part that is no padding").isGreaterThan(0.75);
  }

  @Test
  void anEpochsOrder_followsFromSeedAndEpoch_andIsTakenUpAnywhere() {
    SentencePairs part = part(pairs(203));
    List<List<Long>> epoch = ids(read(part, part.shuffled(3, 1)));
    assertThat(ids(read(part, part.shuffled(3, 1)))).isEqualTo(epoch);
    assertThat(ids(read(part, part.shuffled(3, 2)))).isNotEqualTo(epoch);
    assertThat(ids(read(part, part.shuffled(4, 1)))).isNotEqualTo(epoch);
    Cursor later = part.shuffled(3, 1);
    later.skip(5L * BATCH);
    assertThat(ids(read(part, later))).isEqualTo(epoch.subList(5, epoch.size()));
    List<Long> lengths =
        read(part, part.shuffled(3, 1)).stream().map(Seen::target).distinct().toList();
    assertThat(lengths).as("short and long ones take turns").isNotEqualTo(sorted(lengths));
  }

  /** Places of so many tokens and an end. */
  private static int places(int[] tokens) {
    return (tokens.length + SentencePairs.STEP) / SentencePairs.STEP * SentencePairs.STEP;
  }

  @Test
  void order_isByStableSortsOfLengths() {
    List<Pair> pairs = pairs(203);
    SentencePairs part = part(pairs);
    List<Pair> inOrder = pairs.stream().sorted(Comparator.comparingInt(Pair::length)).toList();
    assertThat(flat(read(part, part.inOrder()))).isEqualTo(first(inOrder));
    for (int epoch = 0; epoch < 5; epoch++) {
      Dice dice = new Dice(11, 5, epoch);
      List<Pair> alike =
          IntStream.of(dice.permutation(pairs.size()))
              .mapToObj(inOrder::get)
              .sorted(
                  Comparator.<Pair>comparingInt(pair -> places(pair.target()))
                      .thenComparingInt(pair -> places(pair.source())))
              .toList();
      int full = pairs.size() / BATCH;
      List<Pair> expected = new ArrayList<>();
      for (int place : dice.permutation(full)) {
        expected.addAll(alike.subList(place * BATCH, (place + 1) * BATCH));
      }
      expected.addAll(alike.subList(full * BATCH, pairs.size()));
      assertThat(flat(read(part, part.shuffled(11, epoch)))).isEqualTo(first(expected));
    }
  }

  private static List<Long> flat(List<Seen> batches) {
    return batches.stream().flatMap(seen -> seen.ids().stream()).toList();
  }

  private static List<Long> first(List<Pair> pairs) {
    return pairs.stream().map(pair -> (long) pair.source()[0]).toList();
  }

  @Test
  void lists_areThoseThatWereAdded_emptyOnesToo() {
    List<int[]> added = List.of(new int[0], new int[] {3, 1}, new int[0], new int[] {-1, 7, 2});
    try (TokenLists.Writer writer = new TokenLists.Writer()) {
      assertThat(writer.all().size()).isZero();
      added.forEach(writer::add);
      TokenLists lists = writer.all();
      assertThat(lists.size()).isEqualTo(4);
      for (int i = 0; i < added.size(); i++) {
        assertThat(lists.at(i)).isEqualTo(added.get(i));
        assertThat(lists.length(i)).isEqualTo(added.get(i).length);
      }
    }
    Tokens ends = tokens(-2, 0, 1, 1);
    assertThat(new TokenLists(Tokens.NONE, ends).length(1)).as("beyond 32 bits").isEqualTo(3);
  }

  private static Tokens tokens(int... values) {
    try (Tokens.Writer writer = new Tokens.Writer()) {
      writer.add(values);
      return writer.all();
    }
  }

  @Test
  void sentencesLargerThanTheHeap_arePrepared(@TempDir Path folder) throws Exception {
    int lines = 300_000;
    for (String side : List.of("a", "b")) {
      try (BufferedWriter out = Files.newBufferedWriter(folder.resolve(side))) {
        for (int i = 0; i < lines; i++) {
          out.write("line " + i % 1000 + side + " of many lines, which are much alike\n");
        }
      }
    }
    long size = Files.size(folder.resolve("a")) + Files.size(folder.resolve("b"));
    assertThat(size).isGreaterThan(SmallHeap.BYTES);
    assertThat(SmallHeap.printed(folder, Preparation.class, folder.toString()))
        .contains("prepared " + lines + ", read " + lines);
  }

  /** Prepares sentences, reads a shuffled epoch of them, and prints how many there are. */
  static final class Preparation {
    private Preparation() {}

    static void main(String[] args) {
      String recipe =
          "model: a/b\ntask: translation\ndata:\n  format: parallel\n  train_source: "
              + args[0]
              + "/a\n  train_target: "
              + args[0]
              + "/b\n"
              + "  length: 64\n"
              + "  vocabulary: { kind: bpe, size: 300 }\n"
              + "architecture: { kind: encoder_decoder, layers: 1, heads: 1, width: 8,"
              + " feed_forward: 8 }\n"
              + "optimizer: { kind: sgd, learning_rate: 0.1 }\n"
              + "steps: 1\n"
              + "batch: 8\n";
      Part part = Preparing.of(Recipe.parse(recipe, "recipe", Path.of(""))).train();
      int count = 0;
      try (Arena arena = Arena.ofConfined();
          Cursor cursor = part.shuffled(1, 0)) {
        List<MemorySegment> columns =
            part.columns().stream().map(column -> arena.allocate(column.bytes(), 8)).toList();
        while (cursor.next(columns, 0)) {
          count++;
        }
      }
      System.out.println("prepared " + part.size() + ", read " + count);
    }
  }

  private static List<Long> sorted(List<Long> numbers) {
    return numbers.stream().sorted().toList();
  }

  private static List<List<Long>> ids(List<Seen> batches) {
    return batches.stream().map(Seen::ids).toList();
  }
}
