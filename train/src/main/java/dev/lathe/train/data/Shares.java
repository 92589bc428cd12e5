package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.TrainError;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Examples shared out by a seed, each part in the order of the file.
 *
 * @param train what is learned from
 * @param validation what is watched
 * @param test what is measured at the end
 * @param <T> an example
 */
record Shares<T>(List<T> train, List<T> validation, List<T> test) {
  private static final long SPLIT = 1;

  /**
   * Shares examples out.
   *
   * @throws LatheException BAD_RECIPE if nothing is left to train on
   */
  static <T> Shares<T> of(List<T> all, long seed, Preparation preparation) {
    int[] order = new Dice(seed, SPLIT).permutation(all.size());
    int tested = (int) (all.size() * preparation.testFraction());
    int kept = tested + (int) (all.size() * preparation.validation());
    if (kept == all.size()) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          "data: " + all.size() + " examples leave nothing to train on after the split");
    }
    return new Shares<>(
        pick(all, Arrays.copyOfRange(order, kept, order.length)),
        pick(all, Arrays.copyOfRange(order, tested, kept)),
        pick(all, Arrays.copyOf(order, tested)));
  }

  /** The same parts of what is made of them. */
  <R> Shares<R> mapped(Function<List<T>, List<R>> making) {
    return new Shares<>(making.apply(train), making.apply(validation), making.apply(test));
  }

  /** All parts, one after the other. */
  List<T> all() {
    return Stream.of(train, validation, test).flatMap(List::stream).toList();
  }

  /** Some of the examples in their order, none of which is copied. */
  private static <T> List<T> pick(List<T> all, int[] rows) {
    Arrays.sort(rows);
    return new Picked<>(all, rows);
  }

  private static final class Picked<T> extends AbstractList<T> implements RandomAccess {
    private final List<T> all;
    private final int[] rows;

    Picked(List<T> all, int[] rows) {
      this.all = all;
      this.rows = rows;
    }

    @Override
    public int size() {
      return rows.length;
    }

    @Override
    public T get(int index) {
      return all.get(rows[index]);
    }
  }
}
