package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The class names of targets: collected in a first pass, then each with its index. Those of a test
 * are known from the training.
 */
final class Labels {
  private static final int MAX_CLASSES = 65_536;
  private static final int MAX_LABEL = 1_024;
  private static final int SHOWN = 20;

  private final Map<String, Integer> appearance = new HashMap<>();
  private final List<String> collected = new ArrayList<>();
  private List<String> names = List.of();
  private int[] indices = new int[0];

  /** Labels that are numbered already; no others are taken. */
  static Labels of(List<String> names) {
    Labels labels = new Labels();
    names.forEach(labels::add);
    labels.names = List.copyOf(names);
    labels.indices = IntStream.range(0, names.size()).toArray();
    return labels;
  }

  private int add(String label) {
    int place = collected.size();
    appearance.put(label, place);
    collected.add(label);
    return place;
  }

  /** Takes a label, whatever it is; returns its place in the order of appearance. */
  int collect(String label, RecordReader record, int field) {
    Integer known = appearance.get(label);
    if (known != null) {
      return known;
    }
    if (!names.isEmpty()) {
      throw unknown(label, record, field);
    }
    if (label.length() > MAX_LABEL || collected.size() == MAX_CLASSES) {
      String limit =
          label.length() > MAX_LABEL
              ? MAX_LABEL + " characters in a label"
              : MAX_CLASSES + " classes";
      throw new LatheException(
          TrainError.TOO_LARGE,
          record.place(field) + ": more than " + limit + " (is the task regression?)");
    }
    return add(label);
  }

  /** Gives indices: in numeric order if all are numbers, else in that of Unicode. */
  void number() {
    if (!names.isEmpty()) {
      return;
    }
    boolean numbers =
        collected.stream().allMatch(name -> name.matches("[-+]?\\d{1,15}(\\.\\d{1,15})?"));
    Comparator<String> order =
        numbers
            ? Comparator.comparingDouble(Double::parseDouble).thenComparing(name -> name)
            : Comparator.naturalOrder();
    names = collected.stream().sorted(order).toList();
    indices = new int[names.size()];
    for (int i = 0; i < indices.length; i++) {
      indices[appearance.getOrDefault(names.get(i), 0)] = i;
    }
  }

  List<String> names() {
    return names;
  }

  /** The index of the label that appeared as the so-many-th. */
  int index(int place) {
    return indices[place];
  }

  /** The index of a label; BAD_DATA if it has none. */
  int index(String label, RecordReader record, int field) {
    Integer found = appearance.get(label);
    if (found == null) {
      throw unknown(label, record, field);
    }
    return indices[found];
  }

  private LatheException unknown(String label, RecordReader record, int field) {
    String known = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return Numbers.bad(
        record.place(field)
            + ": label \""
            + label
            + "\" is not among the training labels (expected: "
            + known
            + (names.size() > SHOWN ? ", … (" + names.size() + " classes)" : "")
            + ")");
  }
}
