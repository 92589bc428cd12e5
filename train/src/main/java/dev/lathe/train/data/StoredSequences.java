package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Sequences.Labelled;
import java.util.AbstractList;
import java.util.RandomAccess;

/** Sequences that lie on the disk; whoever asks for one is given a copy. */
final class StoredSequences extends AbstractList<Labelled> implements RandomAccess {
  /** Lists of a sequence: tokens, types, classes. */
  private static final int LISTS = 3;

  private final TokenLists lists;

  private StoredSequences(TokenLists lists) {
    this.lists = lists;
  }

  @Override
  public int size() {
    return (int) (lists.size() / LISTS);
  }

  @Override
  public Labelled get(int index) {
    long first = (long) LISTS * index;
    return new Labelled(lists.at(first), lists.at(first + 1), lists.at(first + 2));
  }

  /** Takes sequences in their order. */
  static final class Writer implements AutoCloseable {
    private final TokenLists.Writer lists = new TokenLists.Writer();
    private int size;

    /**
     * Takes one more.
     *
     * @throws LatheException TOO_LARGE if there are more than a run can count; STORAGE
     */
    void add(Labelled one) {
      if (size == Integer.MAX_VALUE) {
        throw new LatheException(
            TrainError.TOO_LARGE, "more than " + size + " examples (expected: at most so many)");
      }
      lists.add(one.tokens());
      lists.add(one.types());
      lists.add(one.classes());
      size++;
    }

    int size() {
      return size;
    }

    /** All that were taken, for as long as they are reachable. */
    StoredSequences all() {
      return new StoredSequences(lists.all());
    }

    @Override
    public void close() {
      lists.close();
    }
  }
}
