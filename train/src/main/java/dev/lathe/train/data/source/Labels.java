package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The class names of targets: collected in a first pass, then each with its index. */
final class Labels {
  private static final int MAX_CLASSES = 65_536;
  private static final int MAX_LABEL = 1_024;

  private final Set<String> collected = new TreeSet<>();
  private final Map<String, Integer> indices = new HashMap<>();
  private List<String> names = List.of();

  /** Takes a label, whatever it is. */
  void collect(String label, RecordReader record, int field) {
    if (!collected.add(label)) {
      return;
    }
    if (label.length() > MAX_LABEL || collected.size() > MAX_CLASSES) {
      String limit =
          label.length() > MAX_LABEL
              ? MAX_LABEL + " characters in a label"
              : MAX_CLASSES + " classes";
      throw new LatheException(
          TrainError.TOO_LARGE,
          record.place(field) + ": more than " + limit + " (is the task regression?)");
    }
  }

  /** Gives indices: in numeric order if all are numbers, else in that of Unicode. */
  void number() {
    boolean numbers =
        collected.stream().allMatch(name -> name.matches("[-+]?\\d{1,15}(\\.\\d{1,15})?"));
    Comparator<String> order =
        numbers
            ? Comparator.comparingDouble(Double::parseDouble).thenComparing(name -> name)
            : Comparator.naturalOrder();
    names = collected.stream().sorted(order).toList();
    names.forEach(name -> indices.put(name, indices.size()));
  }

  List<String> names() {
    return names;
  }

  /** The index of a label; BAD_DATA if it has none. */
  int index(String label, RecordReader record, int field) {
    Integer found = indices.get(label);
    if (found == null) {
      throw Numbers.bad(
          record.place(field) + ": label \"" + label + "\" is not among the training labels");
    }
    return found;
  }
}
