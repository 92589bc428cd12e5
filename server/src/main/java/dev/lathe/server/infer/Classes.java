package dev.lathe.server.infer;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.ServerError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Scores to classes, as the classification extension has them: {@code value:index}, or {@code
 * value:index:label} where the model names as many classes as there are scores.
 *
 * @param output whose scores, for messages
 * @param labels names by index; empty if the model has none
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md">Classification
 *     extension</a>
 */
record Classes(String output, List<String> labels) {
  /** A score before another: the higher first, the lower index first among equals, NaN last. */
  private static final Comparator<Score> BEST_FIRST =
      Comparator.comparingInt((Score score) -> Double.isNaN(score.value) ? 1 : 0)
          .thenComparing(Comparator.comparingDouble(Score::value).reversed())
          .thenComparing((a, b) -> Long.compareUnsigned(b.bits, a.bits))
          .thenComparingInt(Score::index);

  /**
   * @param bits the same value where it is a 64-bit integer, made so that unsigned order is the
   *     order of values; else 0
   */
  private record Score(double value, long bits, int index) {}

  /**
   * The best classes of every row.
   *
   * @param scores [N, ...] with all axes after the first flattened to C classes; [C] is one row
   * @param count how many to give, from 1; more than C gives C
   * @return STRING, [N, min(count, C)], or [min(count, C)] for one row; the best come first
   * @throws LatheException BAD_REQUEST if scores are not numbers or a scalar
   */
  Tensor best(Tensor scores, int count) {
    ElementType type = scores.type();
    if (!type.isFloating() && !type.isInteger() || scores.rank() == 0) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "output \""
              + output
              + "\": classification of "
              + scores
              + " (expected: numbers with one axis or more)");
    }
    boolean batched = scores.rank() > 1;
    long rows = batched ? scores.dim(0) : 1;
    int classes = Math.toIntExact(rows == 0 ? 0 : scores.size() / rows);
    int kept = Math.min(count, classes);
    List<String> found = new ArrayList<>(Math.toIntExact(rows * kept));
    for (long row = 0; row < rows; row++) {
      found.addAll(row(scores, row * classes, classes, kept));
    }
    return batched ? Tensor.ofStrings(found, rows, kept) : Tensor.ofStrings(found, kept);
  }

  private List<String> row(Tensor scores, long start, int classes, int kept) {
    PriorityQueue<Score> best = new PriorityQueue<>(kept + 1, BEST_FIRST.reversed());
    for (int index = 0; index < classes; index++) {
      best.add(score(scores, start + index, index));
      if (best.size() > kept) {
        best.poll();
      }
    }
    return best.stream()
        .sorted(BEST_FIRST)
        .map(score -> text(scores, start + score.index, score.index, classes))
        .toList();
  }

  private static Score score(Tensor scores, long at, int index) {
    return switch (scores.type()) {
      case INT64 -> {
        long value = Elements.readLong(ElementType.INT64, scores.data(), at);
        yield new Score(0, value ^ Long.MIN_VALUE, index);
      }
      case UINT64 -> new Score(0, Elements.readLong(ElementType.UINT64, scores.data(), at), index);
      default -> new Score(scores.doubleAt(at), 0, index);
    };
  }

  private String text(Tensor scores, long at, int index, int classes) {
    String value =
        switch (scores.type()) {
          case DOUBLE -> Double.toString(scores.doubleAt(at));
          case UINT64 ->
              Long.toUnsignedString(Elements.readLong(ElementType.UINT64, scores.data(), at));
          default ->
              scores.type().isInteger()
                  ? Long.toString(Elements.readLong(scores.type(), scores.data(), at))
                  : Float.toString((float) scores.doubleAt(at));
        };
    return labels.size() == classes
        ? value + ":" + index + ":" + labels.get(index)
        : value + ":" + index;
  }
}
