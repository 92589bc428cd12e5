package dev.lathe.train.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Csv;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A CSV file (RFC 4180) as numbers and target texts. Every cell that is no finite number is an
 * error with file, line and column; columns are counted from 1.
 *
 * @param features numbers of each record, without the target columns
 * @param width features per record
 * @param targets target cells of each record, as written
 * @param lines line of each record, for later errors
 */
record CsvTable(float[] features, int width, List<List<String>> targets, List<Long> lines) {
  private static final int MAX_RECORDS = 50_000_000;

  static CsvTable read(Path file, Csv spec) {
    if (!Files.isRegularFile(file)) {
      throw new LatheException(TrainError.FILE_NOT_FOUND, "data file " + file + ": no such file");
    }
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .detectBomHeader(true)
            .ofCsvRecord(file)) {
      return new Reading(file, spec).all(reader);
    } catch (IOException | UncheckedIOException | CsvParseException e) {
      throw new LatheException(TrainError.BAD_DATA, file + ": not CSV: " + reason(e), e);
    }
  }

  private static String reason(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** One pass over a file. */
  private static final class Reading {
    private final Path file;
    private final Csv spec;
    private final FloatList features = new FloatList();
    private final List<List<String>> targets = new ArrayList<>();
    private final List<Long> lines = new ArrayList<>();
    private List<String> names = List.of();
    private List<Integer> targetColumns = List.of();
    private int columns;

    Reading(Path file, Csv spec) {
      this.file = file;
      this.spec = spec;
    }

    CsvTable all(CsvReader<CsvRecord> reader) {
      boolean first = true;
      for (CsvRecord row : reader) {
        if (first) {
          begin(row);
        }
        if (!first || !spec.header()) {
          add(row);
        }
        first = false;
      }
      if (targets.isEmpty()) {
        throw new LatheException(TrainError.BAD_DATA, file + ": no records");
      }
      return new CsvTable(features.toArray(), columns - targetColumns.size(), targets, lines);
    }

    private void begin(CsvRecord row) {
      columns = row.getFieldCount();
      names = spec.header() ? row.getFields() : List.of();
      targetColumns = spec.label().stream().map(label -> place(label, row)).distinct().toList();
      if (columns <= targetColumns.size()) {
        throw bad(
            row,
            "1 feature and " + targetColumns.size() + " targets need more columns than " + columns);
      }
    }

    private int place(String label, CsvRecord row) {
      int named = names.indexOf(label);
      if (named >= 0) {
        return named;
      }
      int place =
          switch (label) {
            case "first" -> 0;
            case "last" -> columns - 1;
            default -> label.matches("\\d{1,9}") ? Integer.parseInt(label) : -1;
          };
      if (place < 0 || place >= columns) {
        String known = spec.header() ? String.join(", ", names) : "0 to " + (columns - 1);
        throw bad(row, "no column \"" + label + "\" for the label (expected: " + known + ")");
      }
      return place;
    }

    private void add(CsvRecord row) {
      if (row.getFieldCount() != columns) {
        int at = Math.min(row.getFieldCount(), columns) + 1;
        throw bad(row, at, row.getFieldCount() + " columns (expected: " + columns + ")");
      }
      if (targets.size() == MAX_RECORDS) {
        throw new LatheException(
            TrainError.TOO_LARGE, file + ": more than " + MAX_RECORDS + " records");
      }
      for (int c = 0; c < columns; c++) {
        if (!targetColumns.contains(c)) {
          features.add(number(row, c));
        }
      }
      targets.add(targetColumns.stream().map(c -> target(row, c)).toList());
      lines.add(row.getStartingLineNumber());
    }

    private String target(CsvRecord row, int column) {
      String cell = row.getField(column).strip();
      if (cell.isEmpty()) {
        throw bad(row, column + 1, name(column) + "an empty target");
      }
      return cell;
    }

    private float number(CsvRecord row, int column) {
      String cell = row.getField(column).strip();
      try {
        float value = Float.parseFloat(cell);
        if (Float.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw notNumber(row, column, cell);
      }
      throw notNumber(row, column, cell);
    }

    private LatheException notNumber(CsvRecord row, int column, String cell) {
      String shown = cell.length() <= 40 ? cell : cell.substring(0, 40) + "…";
      return bad(
          row,
          column + 1,
          name(column) + "\"" + shown + "\" (expected: a finite number" + hint(row) + ")");
    }

    private String hint(CsvRecord row) {
      boolean first = targets.isEmpty() && !spec.header();
      return first
          ? ", or header: true if line " + row.getStartingLineNumber() + " names columns"
          : "";
    }

    private String name(int column) {
      return column < names.size() ? names.get(column) + ": " : "";
    }

    private LatheException bad(CsvRecord row, String message) {
      return new LatheException(
          TrainError.BAD_DATA, file + ": line " + row.getStartingLineNumber() + ": " + message);
    }

    private LatheException bad(CsvRecord row, int column, String message) {
      return bad(row, "column " + column + ": " + message);
    }
  }
}
