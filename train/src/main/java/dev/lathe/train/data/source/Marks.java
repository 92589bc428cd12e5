package dev.lathe.train.data.source;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The labels of records that may have any of them: a column of 0 and 1 for each label, or one
 * column that lists them.
 */
final class Marks {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Layout layout;
  private final Labels labels;
  private final String separator;

  Marks(Layout layout, Labels labels, String separator) {
    this.layout = layout;
    this.labels = labels;
    this.separator = separator;
  }

  /** Labels to begin with: of columns, their names or places; of lists, none yet. */
  static Labels labels(Layout layout, String separator) {
    if (!separator.isEmpty()) {
      return new Labels();
    }
    return Labels.of(layout.targets().stream().map(field -> name(layout, field)).toList());
  }

  private static String name(Layout layout, int field) {
    String name = layout.fields().get(field).name();
    return name.isEmpty() ? Integer.toString(field) : name;
  }

  /**
   * The labels of a record, each by its place in the order of appearance; BAD_DATA if a column
   * holds anything but 0 and 1.
   */
  int[] of(RecordReader record) {
    List<Integer> targets = layout.targets();
    if (separator.isEmpty()) {
      return IntStream.range(0, targets.size()).filter(k -> mark(record, targets.get(k))).toArray();
    }
    int field = targets.getFirst();
    return Arrays.stream(record.text(field).split(Pattern.quote(separator)))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .mapToInt(label -> labels.collect(label, record, field))
        .distinct()
        .toArray();
  }

  private static boolean mark(RecordReader record, int field) {
    float value = record.number(field, 0);
    if (value != 0 && value != 1) {
      throw Numbers.bad(
          record.place(field) + ": " + value + " (expected: 0 or 1, whether the label is there)");
    }
    return value == 1;
  }

  /** Writes a record's labels as K numbers of 0 and 1. */
  void write(RecordReader record, MemorySegment targets, int place) {
    int count = labels.names().size();
    for (int k = 0; k < count; k++) {
      targets.set(FLOAT, 4L * (place * (long) count + k), 0);
    }
    for (int label : of(record)) {
      targets.set(FLOAT, 4L * (place * (long) count + labels.index(label)), 1);
    }
  }
}
