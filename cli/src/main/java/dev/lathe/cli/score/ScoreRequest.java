package dev.lathe.cli.score;

import dev.lathe.ir.LatheException;
import dev.lathe.train.RecordFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A file of examples to be scored.
 *
 * @param input CSV, JSON Lines or Parquet, as its name ends
 * @param output CSV or JSON Lines, as its name ends
 * @param form how rows are read and written
 * @param existing what is done where there is a result already
 */
public record ScoreRequest(Path input, Path output, Form form, Existing existing) {
  /** What is done where there is a result already. */
  public enum Existing {
    /** Refuse. */
    KEEP,
    /** Go on with what was begun. */
    RESUME,
    /** Begin anew. */
    REPLACE
  }

  /**
   * How rows are read and written.
   *
   * @param features which columns the model takes
   * @param kept names of columns that the result repeats
   * @param outputs names of outputs that the result has; empty for all
   * @param heading whether the first line of a CSV file names the columns
   * @param batch rows that share a run
   */
  public record Form(
      Choice features, List<String> kept, List<String> outputs, boolean heading, int batch) {
    private static final int MOST = 65_536;

    /** Copies the lists; refuses a batch out of range. */
    public Form {
      kept = List.copyOf(kept);
      outputs = List.copyOf(outputs);
      if (batch < 1 || batch > MOST) {
        throw new LatheException(
            ScoreError.BAD_FORMAT, "batch " + batch + " (expected: 1 to " + MOST + ")");
      }
    }

    /** All that decides what a line of the result looks like. */
    List<String> words() {
      return List.of(
          features.toString(), kept.toString(), outputs.toString(), Boolean.toString(heading));
    }
  }

  RecordFormat format() {
    return switch (ending(input)) {
      case "csv" -> form.heading() ? RecordFormat.CSV_WITH_HEADER : RecordFormat.CSV;
      case "jsonl", "ndjson" -> RecordFormat.JSONL;
      case "parquet" -> RecordFormat.PARQUET;
      default -> throw unknown(input, "a name that ends with .csv, .jsonl or .parquet");
    };
  }

  Line line(List<String> columns, List<String> outputs) {
    return switch (ending(output)) {
      case "csv" -> new CsvLine(columns, outputs);
      case "jsonl", "ndjson" -> new JsonLine(columns, outputs);
      default -> throw unknown(output, "a name that ends with .csv or .jsonl");
    };
  }

  private static LatheException unknown(Path file, String expected) {
    return new LatheException(ScoreError.BAD_FORMAT, file + " (expected: " + expected + ")");
  }

  private static String ending(Path file) {
    Path name = file.getFileName();
    String text = name == null ? "" : name.toString();
    return text.substring(text.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
