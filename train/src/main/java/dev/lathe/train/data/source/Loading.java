package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Dataset;
import dev.lathe.train.Task;
import dev.lathe.train.data.FloatList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a source of which all fits into memory, once. */
public final class Loading {
  private final TableSpec spec;
  private final Layout layout;
  private final Labels labels;
  private final FloatList features = new FloatList();
  private final FloatList numbers = new FloatList();
  private final List<int[]> lists = new ArrayList<>();
  private int[] classes = new int[1024];
  private int count;

  private Loading(RecordSource source, TableSpec spec, Labels labels) {
    this.spec = spec;
    this.layout = Layout.of(source, spec);
    this.labels = labels;
  }

  /**
   * Reads all records, raw and in their order.
   *
   * @param source the records
   * @param spec which fields are features and targets
   * @return features FLOAT [N, F], targets INT64 [N] or FLOAT [N, K]
   * @throws LatheException BAD_DATA with file, line and column if a record cannot be an example;
   *     TOO_LARGE if there are too many numbers or classes
   */
  public static Dataset all(RecordSource source, TableSpec spec) {
    Layout layout = Layout.of(source, spec);
    Labels labels =
        spec.task() == Task.MULTI_LABEL ? Marks.labels(layout, spec.separator()) : new Labels();
    return new Loading(source, spec, labels).read(source);
  }

  /**
   * Reads all records of a test file, by the labels of the training.
   *
   * @param source the records
   * @param spec which fields are features and targets
   * @param labels the classes of the training; empty for regression
   * @return as {@link #all}
   * @throws LatheException as {@link #all}; also for a label that is not among these
   */
  public static Dataset test(RecordSource source, TableSpec spec, List<String> labels) {
    return new Loading(source, spec, Labels.of(labels)).read(source);
  }

  private Dataset read(RecordSource source) {
    float[] raw = new float[layout.width()];
    RecordSource.Chunks chunks =
        source.look(
            (_, records) -> {
              while (records.next()) {
                layout.features(records, raw);
                features.addAll(raw);
                target(records);
                count++;
              }
            });
    if (count == 0) {
      throw Numbers.bad(source.file() + ": no records");
    }
    Tensor x = features.toTensor(count, layout.width());
    String name = String.valueOf(source.file().getFileName());
    if (spec.task() == Task.REGRESSION) {
      Tensor y = numbers.toTensor(count, layout.targets().size());
      return new Dataset(x, y, List.of(), name, chunks.sha256());
    }
    labels.number();
    if (spec.task() == Task.MULTI_LABEL) {
      return new Dataset(x, marks(), labels.names(), name, chunks.sha256());
    }
    long[] indices = new long[count];
    for (int i = 0; i < count; i++) {
      indices[i] = labels.index(classes[i]);
    }
    return new Dataset(x, Tensor.ofLongs(indices, count), labels.names(), name, chunks.sha256());
  }

  private Tensor marks() {
    int width = labels.names().size();
    float[] marks = new float[Math.multiplyExact(count, width)];
    for (int i = 0; i < count; i++) {
      for (int place : lists.get(i)) {
        marks[i * width + labels.index(place)] = 1;
      }
    }
    return Tensor.ofFloats(marks, count, width);
  }

  private void target(RecordReader record) {
    if (spec.task() == Task.MULTI_LABEL) {
      lists.add(new Marks(layout, labels, spec.separator()).of(record));
      return;
    }
    if (spec.task() == Task.REGRESSION) {
      layout.targets().forEach(field -> numbers.add(record.number(field, 0)));
      return;
    }
    if (count == classes.length) {
      classes = Arrays.copyOf(classes, 2 * count);
    }
    classes[count] = labels.collect(layout.label(record), record, layout.targets().getFirst());
  }
}
