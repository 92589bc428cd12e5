package dev.lathe.cli.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Rows under a heading, columns as wide as they must be, two blanks between them. */
public final class Table {
  private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\u001b]]");
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();

  /**
   * A table with a heading.
   *
   * @param heading one title for each column
   */
  public Table(String... heading) {
    rows.add(heading.clone());
  }

  /**
   * Adds a row.
   *
   * @param cells one for each column; escapes take no width, control characters become blanks
   */
  public void row(String... cells) {
    if (cells.length != rows.getFirst().length) {
      throw new IllegalArgumentException(
          cells.length + " cells (expected: " + rows.getFirst().length + ")");
    }
    rows.add(
        Arrays.stream(cells)
            .map(cell -> CONTROL.matcher(cell).replaceAll(" "))
            .toArray(String[]::new));
  }

  /**
   * The table as text, without blanks at the ends of lines.
   *
   * @return the heading and the rows
   */
  public List<String> lines() {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row[i]));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      line.append(i == 0 ? "" : GAP).append(row[i]);
      line.append(" ".repeat(widths[i] - width(row[i])));
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    String plain = ESCAPE.matcher(cell).replaceAll("");
    return plain.codePointCount(0, plain.length());
  }
}
