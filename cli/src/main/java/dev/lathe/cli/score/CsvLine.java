package dev.lathe.cli.score;

import dev.lathe.ir.Tensor;
import dev.lathe.server.Prediction;
import java.util.ArrayList;
import java.util.List;

/**
 * Comma-separated values (RFC 4180, lines end with LF). An output of one element is a column of its
 * name; one of several is as many columns, {@code name_0} or {@code name_class} where the classes
 * have names.
 *
 * @param kept names of the kept columns
 * @param outputs names of the outputs that are written
 */
record CsvLine(List<String> kept, List<String> outputs) implements Line {
  private static final int MOST_COLUMNS = 4096;

  @Override
  public String heading(Prediction first) {
    List<String> names = new ArrayList<>(kept);
    if (first.label(0).isPresent()) {
      names.add(PREDICTION);
    }
    for (String output : outputs) {
      Tensor tensor = first.outputs().get(output);
      int width = Line.width(tensor);
      boolean classes = width == first.labels().size() && width > 1;
      for (int k = 0; k < width; k++) {
        names.add(width == 1 ? output : output + "_" + (classes ? first.labels().get(k) : k));
      }
    }
    if (names.size() > MOST_COLUMNS) {
      throw Columns.bad(
          names.size()
              + " columns in the result (expected: at most "
              + MOST_COLUMNS
              + "; write .jsonl, or choose by --outputs)");
    }
    StringBuilder line = new StringBuilder();
    names.forEach(name -> cell(name, line));
    return end(line);
  }

  @Override
  public void write(List<String> values, Prediction prediction, int row, StringBuilder into) {
    StringBuilder line = new StringBuilder();
    values.forEach(value -> cell(value, line));
    prediction.label(row).ifPresent(label -> cell(label, line));
    for (String output : outputs) {
      Tensor tensor = prediction.outputs().get(output);
      int width = Line.width(tensor);
      for (int k = 0; k < width; k++) {
        cell(Line.element(tensor, (long) row * width + k), line);
      }
    }
    into.append(end(line));
  }

  /** A cell and the comma after it. */
  private static void cell(String value, StringBuilder line) {
    boolean quoted = value.isEmpty() || value.chars().anyMatch(CsvLine::needsQuotes);
    line.append(quoted ? '"' + value.replace("\"", "\"\"") + '"' : value).append(',');
  }

  private static boolean needsQuotes(int character) {
    return character == ',' || character == '"' || character == '\n' || character == '\r';
  }

  private static String end(StringBuilder line) {
    if (!line.isEmpty()) {
      line.setLength(line.length() - 1);
    }
    return line.append('\n').toString();
  }
}
