package dev.lathe.train.metric;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Task;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A batch that was predicted, read once for all metrics. */
final class Answers {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What stands for the target of a place that does not count. */
  static final int NONE = -1;

  private final Question question;
  private final Tensor scores;
  private final Tensor targets;
  private final int count;
  private final int width;
  private int[] classes = {};
  private int[] chosen = {};

  /**
   * Looks at a batch.
   *
   * @param question what was asked
   * @param scores raw scores, FLOAT [B, ..., K]; where classes are places, K is the batch's own
   * @param targets INT64 [B, ...] or FLOAT [B, K]
   * @param count how many of the B examples count
   */
  Answers(Question question, Tensor scores, Tensor targets, int count) {
    this.question = question;
    this.scores = scores;
    this.targets = targets;
    this.count = count;
    boolean places = question.task() == Task.QUESTION_ANSWERING;
    this.width = places ? Math.toIntExact(scores.dim(scores.rank() - 1)) : question.outputs();
  }

  /** Examples that count. */
  int count() {
    return count;
  }

  /** Places of one example. */
  int placesEach() {
    return Math.toIntExact(scores.size() / scores.dim(0) / width);
  }

  /** The target of each place, or {@link #NONE}; [count·places]. */
  int[] classes() {
    if (classes.length == 0) {
      classes = new int[count * placesEach()];
      for (int i = 0; i < classes.length; i++) {
        classes[i] = target(i);
      }
    }
    return classes;
  }

  private int target(int place) {
    if (targets.type() == ElementType.FLOAT) {
      return targets.doubleAt(place) >= 0.5 ? 1 : 0;
    }
    long target = targets.longAt(place);
    return target < 0 || target == question.ignored() ? NONE : Math.toIntExact(target);
  }

  /** The class with the largest score at each place, the first of equals; [count·places]. */
  int[] chosen() {
    if (chosen.length == 0) {
      float[] row = new float[width];
      chosen = new int[count * placesEach()];
      for (int i = 0; i < chosen.length; i++) {
        scores(i, row);
        chosen[i] = question.task() == Task.BINARY ? (row[0] >= 0 ? 1 : 0) : largest(row);
      }
    }
    return chosen;
  }

  private static int largest(float[] row) {
    int best = 0;
    for (int k = 1; k < row.length; k++) {
      if (row[k] > row[best]) {
        best = k;
      }
    }
    return best;
  }

  /** Copies the K scores of a place. */
  void scores(int place, float[] into) {
    row(scores, place, into);
  }

  /** Copies the K target numbers of an example. */
  void numbers(int example, float[] into) {
    row(targets, example, into);
  }

  private static void row(Tensor all, int row, float[] into) {
    MemorySegment.copy(all.data(), FLOAT, 4L * row * into.length, into, 0, into.length);
  }
}
