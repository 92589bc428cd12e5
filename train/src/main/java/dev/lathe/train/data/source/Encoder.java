package dev.lathe.train.data.source;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import dev.lathe.train.data.Normalizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** Writes records as examples: normalized features, then targets as the loss takes them. */
final class Encoder {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Layout layout;
  private final Task task;
  private final Labels labels;
  private final Marks marks;
  private final Normalizer normalizer;
  private final boolean plain;
  private final float[] mean;
  private final float[] std;
  private final float[] fill;

  Encoder(Layout layout, TableSpec spec, Labels labels, Normalizer normalizer) {
    this.layout = layout;
    this.task = spec.task();
    this.marks = new Marks(layout, labels, spec.separator());
    this.labels = labels;
    this.normalizer = normalizer;
    this.plain = normalizer.kind() == Normalization.NONE;
    this.mean = spread(normalizer.mean(), !plain);
    this.std = spread(normalizer.std(), !plain);
    this.fill = spread(normalizer.fill(), normalizer.fills());
  }

  private float[] spread(Tensor constant, boolean wanted) {
    float[] all = new float[wanted ? layout.width() : 0];
    float[] given = constant.toFloats();
    for (int i = 0; i < all.length; i++) {
      all[i] = given[i % given.length];
    }
    return all;
  }

  /** Writes one record's example; raw is space for its features. */
  void write(RecordReader record, float[] raw, List<MemorySegment> columns, int place) {
    layout.features(record, raw);
    for (int i = 0; i < fill.length; i++) {
      raw[i] = Float.isNaN(raw[i]) ? fill[i] : raw[i];
    }
    MemorySegment features = columns.getFirst();
    long at = 4L * place * raw.length;
    for (int i = 0; i < raw.length; i++) {
      features.set(FLOAT, at + 4L * i, plain ? raw[i] : (raw[i] - mean[i]) / std[i]);
    }
    MemorySegment targets = columns.getLast();
    if (task == Task.REGRESSION) {
      numbers(record, targets, place);
    } else if (task == Task.MULTI_LABEL) {
      marks.write(record, targets, place);
    } else if (task == Task.BINARY) {
      targets.set(FLOAT, 4L * place, classOf(record));
    } else {
      targets.set(LONG, 8L * place, classOf(record));
    }
  }

  private int classOf(RecordReader record) {
    return labels.index(layout.label(record), record, layout.targets().getFirst());
  }

  /** BAD_DATA if a record's targets are not what can be written. */
  void requireTarget(RecordReader record) {
    if (task == Task.REGRESSION) {
      layout.targets().forEach(field -> record.number(field, 0));
    } else if (task == Task.MULTI_LABEL) {
      marks.of(record);
    } else {
      classOf(record);
    }
  }

  /** K, numbers or labels of a target. */
  int outputs() {
    return task == Task.MULTI_LABEL ? labels.names().size() : layout.targets().size();
  }

  Labels labels() {
    return labels;
  }

  Normalizer normalizer() {
    return normalizer;
  }

  int width() {
    return layout.width();
  }

  private void numbers(RecordReader record, MemorySegment targets, int place) {
    int count = layout.targets().size();
    for (int k = 0; k < count; k++) {
      float value = record.number(layout.targets().get(k), 0);
      targets.set(FLOAT, 4L * (place * count + k), value);
    }
  }
}
