package dev.lathe.cli.input;

import dev.lathe.ir.Tensor;
import dev.lathe.server.VersionDetails.Port;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Rows of numbers with commas, semicolons or blanks between them, one row for an example. A first
 * row without any number is a heading and is skipped.
 *
 * @param port the model's only input
 */
record CsvInput(Port port) {
  Map<String, Tensor> read(String text, String where) {
    Batch batch = new Batch(port);
    List<double[]> rows = rows(text, where);
    if (rows.isEmpty()) {
      throw Inputs.bad(where + ": no rows", null);
    }
    int width = rows.getFirst().length;
    double[] all = new double[Math.multiplyExact(rows.size(), width)];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * width, width);
    }
    return Map.of(port.name(), batch.of(all, rows.size()));
  }

  private List<double[]> rows(String text, String where) {
    List<double[]> rows = new ArrayList<>();
    int line = 0;
    for (String row : text.lines().toList()) {
      line++;
      boolean heading = line == 1 && !row.matches(".*[0-9].*");
      if (!row.isBlank() && !heading) {
        rows.add(numbers(row, where + ", line " + line));
      }
    }
    return rows;
  }

  private double[] numbers(String row, String where) {
    String[] cells = row.strip().split("\\s*[,;]\\s*|\\s+", -1);
    long expected = new Batch(port).exampleSize();
    if (expected > 0 && cells.length != expected) {
      String hint = cells.length == expected + 1 ? "; leave out the label" : "";
      throw Inputs.bad(
          where + ": " + cells.length + " columns (expected: " + expected + hint + ")", null);
    }
    double[] numbers = new double[cells.length];
    for (int i = 0; i < cells.length; i++) {
      try {
        numbers[i] = Double.parseDouble(cells[i]);
      } catch (NumberFormatException e) {
        throw Inputs.bad(
            where + ", column " + (i + 1) + ": \"" + cells[i] + "\" (expected: a number)", e);
      }
    }
    return numbers;
  }
}
