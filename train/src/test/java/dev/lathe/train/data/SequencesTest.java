package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Normalization;
import dev.lathe.train.data.Sequences.Classes;
import dev.lathe.train.data.Sequences.Labelled;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequencesTest {
  private static final int BATCH = 8;
  private static final int LENGTH = 30;

  /** Sequences of many lengths; the first token is the sequence's number. */
  private static Sequences sequences(Classes classes) {
    return new Sequences(examples(), new Sequences.Form(LENGTH, BATCH, 101, classes));
  }

  private static List<Labelled> examples() {
    SplittableRandom random = new SplittableRandom(3);
    return IntStream.range(0, 101)
        .mapToObj(
            i -> {
              int[] tokens = new int[1 + random.nextInt(LENGTH)];
              tokens[0] = i;
              return new Labelled(tokens, tokens);
            })
        .toList();
  }

  private static List<Labelled> stored(List<Labelled> examples) {
    try (StoredSequences.Writer writer = new StoredSequences.Writer()) {
      examples.forEach(writer::add);
      assertThat(writer.size()).isEqualTo(examples.size());
      return writer.all();
    }
  }

  @Test
  void storedOnes_areThoseThatWereAdded() {
    List<Labelled> examples =
        List.of(
            new Labelled(new int[] {4, 5}, new int[] {0, 1}, new int[] {-1, 6}),
            new Labelled(new int[] {7}, new int[] {2}));
    List<Labelled> stored = stored(examples);
    assertThat(stored).usingRecursiveComparison().isEqualTo(examples);
  }

  @Test
  void storedOnes_giveTheSameBatches_inEveryShare() {
    Preparation preparation = new Preparation(List.of(), 0.2, 0.3, Normalization.NONE);
    Shares<Labelled> held = Shares.of(examples(), 5, preparation);
    Shares<Labelled> stored = Shares.of(stored(examples()), 5, preparation);
    assertThat(stored.validation()).hasSize(20);
    assertThat(stored.test()).hasSize(30);
    Sequences.Form form = new Sequences.Form(LENGTH, BATCH, 101, Classes.OF_TOKEN);
    for (Function<Shares<Labelled>, List<Labelled>> share :
        List.<Function<Shares<Labelled>, List<Labelled>>>of(
            Shares::train, Shares::validation, Shares::test)) {
      Sequences one = new Sequences(share.apply(held), form);
      Sequences other = new Sequences(share.apply(stored), form);
      assertThat(read(other, other.inOrder())).isEqualTo(read(one, one.inOrder()));
      assertThat(read(other, other.shuffled(7, 2))).isEqualTo(read(one, one.shuffled(7, 2)));
    }
  }

  @Test
  void shuffled_isByAStableSortOfLengths() {
    List<Labelled> examples = examples();
    Dice dice = new Dice(7, 4, 2);
    List<Integer> alike =
        IntStream.of(dice.permutation(examples.size()))
            .boxed()
            .sorted(
                Comparator.comparingInt(
                    i -> Math.min(LENGTH, (examples.get(i).tokens().length + 3) / 4 * 4)))
            .toList();
    List<Long> expected = new ArrayList<>();
    int full = examples.size() / BATCH;
    for (int place : dice.permutation(full)) {
      alike.subList(place * BATCH, (place + 1) * BATCH).forEach(i -> expected.add((long) i));
    }
    alike.subList(full * BATCH, alike.size()).forEach(i -> expected.add((long) i));
    Sequences sequences = sequences(Classes.OF_TOKEN);
    assertThat(
            read(sequences, sequences.shuffled(7, 2)).stream()
                .flatMap(batch -> batch.first().stream())
                .toList())
        .isEqualTo(expected);
  }

  @Test
  void examplesLargerThanTheHeap_areSharedOutAndRead(@TempDir Path folder) throws Exception {
    assertThat((long) Stored.COUNT * Stored.TOKENS * 2 * Integer.BYTES)
        .isGreaterThan(2 * SmallHeap.BYTES);
    assertThat(SmallHeap.printed(folder, Stored.class)).contains("read " + Stored.COUNT / 2);
  }

  /** Stores sequences, reads a shuffled epoch of half of them, and prints how many there are. */
  static final class Stored {
    private static final int COUNT = 50_000;
    private static final int TOKENS = 128;

    private Stored() {}

    static void main(String[] args) {
      Shares<Labelled> shares;
      try (StoredSequences.Writer writer = new StoredSequences.Writer()) {
        for (int i = 0; i < COUNT; i++) {
          int[] tokens = new int[TOKENS];
          tokens[0] = i;
          writer.add(new Labelled(tokens, tokens));
        }
        Preparation half = new Preparation(List.of(), 0.25, 0.25, Normalization.NONE);
        shares = Shares.of(writer.all(), 1, half);
      }
      Sequences part =
          new Sequences(
              shares.train(), new Sequences.Form(TOKENS, BATCH, COUNT, Classes.NEXT_TOKEN));
      List<MemorySegment> columns =
          part.columns().stream()
              .map(column -> MemorySegment.ofArray(new long[(int) column.bytes() / 8]))
              .toList();
      int count = 0;
      try (Cursor cursor = part.shuffled(1, 0)) {
        while (cursor.next(columns, 0)) {
          count++;
        }
      }
      System.out.println("read " + count);
    }
  }

  /** A batch: its length, and the first token of each. */
  private record Seen(int length, List<Long> first, long padding) {}

  private static List<Seen> read(Sequences sequences, Cursor cursor) {
    List<Seen> batches = new ArrayList<>();
    try (cursor) {
      while (true) {
        List<Column> shape = cursor.shaped(sequences.columns(), BATCH);
        List<MemorySegment> into =
            shape.stream()
                .map(column -> MemorySegment.ofArray(new long[(int) column.bytes() / 8 * BATCH]))
                .toList();
        int length = shape.getFirst().dims().getFirst().intValue();
        List<Long> first = new ArrayList<>();
        long padding = 0;
        while (first.size() < BATCH && cursor.next(into, first.size())) {
          int row = first.size() * length;
          first.add(into.get(0).getAtIndex(ValueLayout.JAVA_LONG, row));
          for (int i = 0; i < length; i++) {
            long counts = into.get(1).getAtIndex(ValueLayout.JAVA_LONG, row + i);
            long target = into.get(2).getAtIndex(ValueLayout.JAVA_LONG, row + i);
            assertThat(counts == 1).isEqualTo(target >= 0);
            padding += 1 - counts;
          }
        }
        if (first.isEmpty()) {
          return batches;
        }
        batches.add(new Seen(length, first, padding));
      }
    }
  }

  @Test
  void shuffled_givesEachOnceInBatchesOfLikeLengths() {
    Sequences sequences = sequences(Classes.OF_TOKEN);
    List<Seen> batches = read(sequences, sequences.shuffled(1, 0));
    assertThat(batches.stream().flatMap(batch -> batch.first().stream()).sorted().toList())
        .isEqualTo(IntStream.range(0, 101).mapToObj(i -> (long) i).toList());
    assertThat(batches.stream().map(Seen::length).distinct().count()).isGreaterThan(4);
    assertThat(batches).allSatisfy(batch -> assertThat(batch.length()).isLessThanOrEqualTo(LENGTH));
    long alike = batches.stream().mapToLong(Seen::padding).sum();
    long mixed = read(sequences, sequences.inOrder()).stream().mapToLong(Seen::padding).sum();
    assertThat(alike).isLessThan(mixed / 3);
  }

  @Test
  void order_dependsOnSeedAndEpochOnly_andCanBeEnteredAtAnyBatch() {
    Sequences sequences = sequences(Classes.OF_TOKEN);
    List<Seen> batches = read(sequences, sequences.shuffled(1, 3));
    assertThat(read(sequences, sequences.shuffled(1, 4))).isNotEqualTo(batches);
    assertThat(read(sequences, sequences.shuffled(2, 3))).isNotEqualTo(batches);
    Cursor later = sequences.shuffled(1, 3);
    later.skip(5 * BATCH);
    assertThat(read(sequences, later)).isEqualTo(batches.subList(5, batches.size()));
  }

  @Test
  void pieces_areAllOfASequence() {
    int[] tokens = IntStream.range(0, 10).toArray();
    List<Labelled> pieces = Sequences.pieces(new Labelled(tokens, tokens), 4);
    assertThat(pieces).extracting(piece -> piece.tokens().length).containsExactly(4, 4, 2);
    assertThat(pieces.getLast().classes()).containsExactly(8, 9);
  }
}
