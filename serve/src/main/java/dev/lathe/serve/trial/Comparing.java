package dev.lathe.serve.trial;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.serve.TrialReport.Difference;
import dev.lathe.serve.TrialReport.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares the answers of two versions to one request. Integers, texts, types and shapes must be
 * equal. Of floating-point outputs the place of the largest number along the last axis must be, or,
 * in the other manner and where there is only one number, every number must be near.
 *
 * @param manner what floating-point outputs are compared by
 * @param tolerance how far a number may lie from the live one's, relative to that and absolute
 *     below one
 * @param labels the classes' names by index; may be empty
 */
public record Comparing(Manner manner, double tolerance, List<String> labels) {
  private static final int LONGEST_TEXT = 100;

  /** What floating-point outputs are compared by. */
  public enum Manner {
    /** The place of the largest number along the last axis. */
    LABELS,
    /** All numbers. */
    VALUES
  }

  /**
   * Compares.
   *
   * @param live the live version's outputs
   * @param trial those of the version on trial
   * @return one for each output of either, in the live version's order; of kind NOTHING where it
   *     does not differ
   */
  public List<Difference> compare(Map<String, Tensor> live, Map<String, Tensor> trial) {
    Set<String> names = new LinkedHashSet<>(live.keySet());
    names.addAll(trial.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      Tensor one = live.get(name);
      Tensor other = trial.get(name);
      differences.add(
          one == null || other == null
              ? plain(
                  name,
                  Kind.MISSING,
                  one == null ? "absent" : "there",
                  other == null ? "absent" : "there")
              : compare(name, one, other));
    }
    return differences;
  }

  private Difference compare(String name, Tensor live, Tensor trial) {
    if (live.type() != trial.type()) {
      return plain(name, Kind.TYPE, live.type().toString(), trial.type().toString());
    }
    if (!Arrays.equals(live.dims(), trial.dims())) {
      return plain(name, Kind.SHAPE, Arrays.toString(live.dims()), Arrays.toString(trial.dims()));
    }
    if (!live.type().isFloating()) {
      return exact(name, live, trial);
    }
    boolean labelled = manner == Manner.LABELS && live.rank() > 0 && live.dim(live.rank() - 1) > 1;
    Difference numbers = numbers(name, live, trial);
    return labelled ? labelled(numbers, live, trial) : numbers;
  }

  private static Difference plain(String name, Kind kind, String live, String trial) {
    return new Difference(name, kind, shortened(live), shortened(trial), 0, 1, 0, 0);
  }

  private static Difference exact(String name, Tensor live, Tensor trial) {
    if (live.sameContent(trial)) {
      return new Difference(name, Kind.NOTHING, "", "", 0, 0, 0, 0);
    }
    if (!isExact(live.type())) {
      return plain(name, Kind.VALUE, "other elements", "other elements");
    }
    long first = 0;
    long count = 0;
    for (long i = 0; i < live.size(); i++) {
      if (!text(live, i).equals(text(trial, i))) {
        first = count++ == 0 ? i : first;
      }
    }
    return new Difference(
        name, Kind.VALUE, text(live, first), text(trial, first), first, count, 0, 0);
  }

  private static boolean isExact(ElementType type) {
    return type.isInteger() || type == ElementType.BOOL || type == ElementType.STRING;
  }

  private static String text(Tensor tensor, long place) {
    if (tensor.type() == ElementType.STRING) {
      return shortened(tensor.strings().get(Math.toIntExact(place)));
    }
    long value = tensor.longAt(place);
    return tensor.type() == ElementType.UINT64
        ? Long.toUnsignedString(value)
        : Long.toString(value);
  }

  private Difference numbers(String name, Tensor live, Tensor trial) {
    long count = 0;
    long worst = 0;
    double farthest = -1;
    double absolute = 0;
    double relative = 0;
    for (long i = 0; i < live.size(); i++) {
      double one = live.doubleAt(i);
      double other = trial.doubleAt(i);
      if (one == other || Double.isNaN(one) && Double.isNaN(other)) {
        continue;
      }
      double apart = Math.abs(one - other);
      boolean finite = Double.isFinite(apart);
      if (finite) {
        absolute = Math.max(absolute, apart);
        relative = Math.max(relative, apart / Math.max(Math.abs(one), Math.abs(other)));
      }
      if (!finite || apart > tolerance * Math.max(1, Math.abs(one))) {
        count++;
        double off = finite ? apart : Double.POSITIVE_INFINITY;
        worst = off > farthest ? i : worst;
        farthest = Math.max(off, farthest);
      }
    }
    return count == 0
        ? new Difference(name, Kind.NOTHING, "", "", 0, 0, absolute, relative)
        : new Difference(
            name,
            Kind.VALUE,
            Double.toString(live.doubleAt(worst)),
            Double.toString(trial.doubleAt(worst)),
            worst,
            count,
            absolute,
            relative);
  }

  /** The same figures; what differs are labels. */
  private Difference labelled(Difference numbers, Tensor live, Tensor trial) {
    long width = live.dim(live.rank() - 1);
    long rows = live.size() / width;
    long count = 0;
    long first = 0;
    for (long row = 0; row < rows; row++) {
      if (largest(live, row * width, width) != largest(trial, row * width, width)) {
        first = count++ == 0 ? row : first;
      }
    }
    return new Difference(
        numbers.output(),
        count == 0 ? Kind.NOTHING : Kind.LABEL,
        count == 0 ? "" : label(largest(live, first * width, width)),
        count == 0 ? "" : label(largest(trial, first * width, width)),
        first,
        count,
        numbers.maxAbsolute(),
        numbers.maxRelative());
  }

  /** Of equal ones the first; −1 where a number is none. */
  private static long largest(Tensor tensor, long start, long width) {
    long best = 0;
    for (long i = 0; i < width; i++) {
      double value = tensor.doubleAt(start + i);
      if (Double.isNaN(value)) {
        return -1;
      }
      best = value > tensor.doubleAt(start + best) ? i : best;
    }
    return best;
  }

  private String label(long index) {
    if (index < 0) {
      return "NaN";
    }
    return shortened(index < labels.size() ? labels.get((int) index) : Long.toString(index));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
  }
}
