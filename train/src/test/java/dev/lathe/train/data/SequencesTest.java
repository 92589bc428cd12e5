package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.data.Sequences.Classes;
import dev.lathe.train.data.Sequences.Labelled;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final int BATCH = 8;
  private static final int LENGTH = 30;

  /** Sequences of many lengths; the first token is the sequence's number. */
  private static Sequences sequences(Classes classes) {
    SplittableRandom random = new SplittableRandom(3);
    List<Labelled> all =
        IntStream.range(0, 101)
            .mapToObj(
                i -> {
                  int[] tokens = new int[1 + random.nextInt(LENGTH)];
                  tokens[0] = i;
                  return new Labelled(tokens, tokens);
                })
            .toList();
    return new Sequences(all, new Sequences.Form(LENGTH, BATCH, 101, classes));
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
