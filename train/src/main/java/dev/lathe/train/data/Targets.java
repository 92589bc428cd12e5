package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.TrainError;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Target cells as tensors: class indices with their names, or numbers. */
final class Targets {
  static final int MAX_CLASSES = 65_536;

  private Targets() {}

  /** The class names of a table: in numeric order if all are numbers, else in that of Unicode. */
  static List<String> labels(CsvTable table, Path file) {
    List<String> names =
        table.targets().stream().map(List::getFirst).distinct().limit(MAX_CLASSES + 1L).toList();
    if (names.size() > MAX_CLASSES) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          file + ": more than " + MAX_CLASSES + " classes (is the task regression?)");
    }
    boolean numbers = names.stream().allMatch(Targets::isNumber);
    Comparator<String> order =
        numbers
            ? Comparator.comparingDouble(Double::parseDouble).thenComparing(name -> name)
            : Comparator.naturalOrder();
    return names.stream().sorted(order).toList();
  }

  private static boolean isNumber(String text) {
    return text.matches("[-+]?\\d{1,15}(\\.\\d{1,15})?");
  }

  /** Class indices [N]. */
  static Tensor classes(CsvTable table, List<String> labels, Path file) {
    Map<String, Long> index = new LinkedHashMap<>();
    labels.forEach(label -> index.put(label, (long) index.size()));
    long[] classes = new long[table.targets().size()];
    for (int i = 0; i < classes.length; i++) {
      String name = table.targets().get(i).getFirst();
      Long found = index.get(name);
      if (found == null) {
        throw new LatheException(
            TrainError.BAD_DATA,
            file
                + ": line "
                + table.lines().get(i)
                + ": label \""
                + name
                + "\" is not among the training labels");
      }
      classes[i] = found;
    }
    return Tensor.ofLongs(classes, classes.length);
  }

  /** Numbers [N, K]. */
  static Tensor numbers(CsvTable table, Path file) {
    int width = table.targets().getFirst().size();
    float[] numbers = new float[table.targets().size() * width];
    for (int i = 0; i < numbers.length; i++) {
      String cell = table.targets().get(i / width).get(i % width);
      numbers[i] = number(cell);
      if (!Float.isFinite(numbers[i])) {
        throw new LatheException(
            TrainError.BAD_DATA,
            file
                + ": line "
                + table.lines().get(i / width)
                + ": target \""
                + cell
                + "\" (expected: a finite number, since the task is regression)");
      }
    }
    return Tensor.ofFloats(numbers, numbers.length / width, width);
  }

  private static float number(String cell) {
    try {
      return Float.parseFloat(cell);
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }
}
