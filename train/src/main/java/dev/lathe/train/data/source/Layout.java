package dev.lathe.train.data.source;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Missing;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Part;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which fields of a source are features and which are targets.
 *
 * @param fields all fields
 * @param features places of the features
 * @param targets places of the targets
 * @param width F: numbers of all features
 * @param holes whether features may be missing
 */
record Layout(
    List<Field> fields, List<Integer> features, List<Integer> targets, int width, boolean holes) {
  private static final int MAX_WIDTH = 1 << 26;
  private static final Set<Task> TASKS =
      EnumSet.of(Task.CLASSIFICATION, Task.BINARY, Task.MULTI_LABEL, Task.REGRESSION);

  static Layout of(RecordSource source, TableSpec spec) {
    if (!TASKS.contains(spec.task())) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          source.file() + ": task " + spec.task().key() + " (expected: one of " + TASKS + ")");
    }
    List<Integer> targets =
        spec.targets().stream().map(label -> place(source, label)).distinct().toList();
    if (targets.size() > 1 && spec.task() != Task.REGRESSION && spec.task() != Task.MULTI_LABEL) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          source.file() + ": " + targets.size() + " labels (expected: 1, or task regression)");
    }
    List<Integer> features = features(source, spec, targets);
    long width = 0;
    for (int feature : features) {
      width += source.fields().get(feature).width();
    }
    if (features.isEmpty() || targets.isEmpty() || width == 0) {
      throw Numbers.bad(
          source.file()
              + ": 1 feature and "
              + Math.max(1, targets.size())
              + " targets need more columns than "
              + source.fields().size());
    }
    if (width > MAX_WIDTH) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          source.file() + ": " + width + " features (expected: at most " + MAX_WIDTH + ")");
    }
    boolean holes = spec.missing() != Missing.ERROR;
    return new Layout(source.fields(), List.copyOf(features), targets, (int) width, holes);
  }

  private static List<Integer> features(
      RecordSource source, TableSpec spec, List<Integer> targets) {
    if (spec.features().isEmpty()) {
      Set<Integer> taken = Set.copyOf(targets);
      return IntStream.range(0, source.fields().size())
          .filter(i -> !taken.contains(i))
          .boxed()
          .toList();
    }
    List<Integer> features =
        spec.features().stream().map(name -> place(source, name)).distinct().toList();
    targets.stream()
        .filter(features::contains)
        .findFirst()
        .ifPresent(
            both -> {
              throw new LatheException(
                  TrainError.BAD_RECIPE,
                  source.file() + ": column " + (both + 1) + " is a feature and the label");
            });
    return features;
  }

  private static int place(RecordSource source, String label) {
    List<String> names = source.fields().stream().map(Field::name).toList();
    int named = label.isEmpty() ? -1 : source.place(label);
    if (named >= 0) {
      return named;
    }
    int count = names.size();
    int place =
        switch (label) {
          case "first" -> 0;
          case "last" -> count - 1;
          default -> label.matches("\\d{1,9}") ? Integer.parseInt(label) : -1;
        };
    if (place < 0 || place >= count) {
      String known =
          names.stream().allMatch(String::isEmpty)
              ? "0 to " + (count - 1)
              : names.stream().limit(50).collect(Collectors.joining(", "));
      throw Numbers.bad(source.file() + ": no column \"" + label + "\" (expected: " + known + ")");
    }
    return place;
  }

  /** The shape of one example's features. */
  List<Long> shape(TableSpec spec) {
    List<Long> shape = spec.shape().isEmpty() ? List.of((long) width) : spec.shape();
    long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
    if (Tensor.sizeOf(dims) != width) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          "data.shape: "
              + shape
              + " has "
              + Tensor.sizeOf(dims)
              + " elements (expected: "
              + width
              + ", the features of a record)");
    }
    return shape;
  }

  /** What the examples have; K targets each. */
  List<Column> columns(TableSpec spec, long outputs) {
    Column target =
        spec.task() == Task.CLASSIFICATION
            ? new Column(Part.TARGET, ElementType.INT64, List.of())
            : new Column(Part.TARGET, ElementType.FLOAT, List.of(outputs));
    return List.of(new Column(Part.FEATURES, ElementType.FLOAT, shape(spec)), target);
  }

  /** The raw features of a record, in order; NaN where one may be missing and is. */
  void features(RecordReader record, float[] into) {
    int at = 0;
    for (int field : features) {
      int numbers = fields.get(field).width();
      boolean missing = holes && record.isMissing(field);
      for (int i = 0; i < numbers; i++) {
        into[at++] = missing ? Float.NaN : record.number(field, i);
      }
    }
  }

  /** The label of a record; BAD_DATA if it is empty. */
  String label(RecordReader record) {
    int field = targets.getFirst();
    String label = record.text(field);
    if (label.isEmpty()) {
      throw Numbers.bad(record.place(field) + ": an empty target");
    }
    return label;
  }

  /** BAD_DATA if records have not what the training's have. */
  void requireLike(Layout training, Path file) {
    if (width != training.width || targets.size() != training.targets.size()) {
      throw Numbers.bad(
          file
              + ": "
              + width
              + " features and "
              + targets.size()
              + " targets (expected: "
              + training.width
              + " and "
              + training.targets.size()
              + " as in training)");
    }
  }
}
