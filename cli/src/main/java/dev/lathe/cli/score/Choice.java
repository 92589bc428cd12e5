package dev.lathe.cli.score;

import dev.lathe.train.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which fields of a record are meant, by names or places from 0.
 *
 * @param columns the fields in their order; empty for all
 * @param without fields that are not meant, where all are
 * @param holes whether the model takes NaN where a number is missing
 */
public record Choice(List<String> columns, List<String> without, boolean holes) {
  /** Copies the lists. */
  public Choice {
    columns = List.copyOf(columns);
    without = List.copyOf(without);
  }

  List<Integer> places(List<Records.Field> fields) {
    if (!columns.isEmpty()) {
      return columns.stream().map(name -> place(fields, name)).toList();
    }
    List<Integer> all = new ArrayList<>(IntStream.range(0, fields.size()).boxed().toList());
    all.removeAll(without.stream().map(name -> place(fields, name)).toList());
    return List.copyOf(all);
  }

  /** Where a field is, by its name, or by its place where no field has such a name. */
  static int place(List<Records.Field> fields, String name) {
    for (int i = 0; i < fields.size(); i++) {
      if (!name.isEmpty() && fields.get(i).name().equals(name)) {
        return i;
      }
    }
    int place = name.matches("\\d{1,6}") ? Integer.parseInt(name) : -1;
    if (place < 0 || place >= fields.size()) {
      String known =
          fields.stream().allMatch(field -> field.name().isEmpty())
              ? "0 to " + (fields.size() - 1)
              : fields.stream()
                  .limit(30)
                  .map(Records.Field::name)
                  .collect(Collectors.joining(", "));
      throw Columns.bad("no column \"" + name + "\" (expected: " + known + ")");
    }
    return place;
  }
}
