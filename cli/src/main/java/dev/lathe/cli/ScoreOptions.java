package dev.lathe.cli;

import dev.lathe.cli.score.Choice;
import dev.lathe.cli.score.ScoreRequest;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of {@code lathe predict} that concern whole files. */
final class ScoreOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Score every row of the input, a .csv, .jsonl or .parquet file of any size, and write"
              + " what is answered to FILE, .csv or .jsonl.")
  private @Nullable Path output;

  @Option(
      names = "--columns",
      paramLabel = "NAME",
      split = ",",
      description = "The columns that the model takes, in its order, by name or place from 0.")
  private List<String> columns = List.of();

  @Option(
      names = "--without",
      paramLabel = "NAME",
      split = ",",
      description = "Columns that the model does not take; it takes all others.")
  private List<String> without = List.of();

  @Option(
      names = "--missing",
      description =
          "Numbers may be missing: for an empty cell, NaN or null the model gets NaN, as one does"
              + " whose recipe has data.missing.")
  private boolean holes;

  @Option(
      names = "--keep",
      paramLabel = "NAME",
      split = ",",
      description = "Columns that the result repeats, such as a row's id.")
  private List<String> kept = List.of();

  @Option(
      names = "--outputs",
      paramLabel = "NAME",
      split = ",",
      description = "The model's outputs that the result has (default: all).")
  private List<String> outputs = List.of();

  @Option(names = "--no-header", description = "The first line of a CSV file is a row.")
  private boolean headless;

  @Option(
      names = "--batch",
      paramLabel = "ROWS",
      defaultValue = "256",
      description = "Rows that share a run (default: ${DEFAULT-VALUE}).")
  private int batch = 256;

  @Option(
      names = "--resume",
      description = "Go on with a result that an earlier call left unfinished.")
  private boolean resume;

  @Option(names = "--force", description = "Replace a result that is there.")
  private boolean force;

  /** Whether a whole file is to be scored. */
  boolean given() {
    if (output == null
        && (resume || force || headless || holes || !kept.isEmpty() || !columns.isEmpty())) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--columns, --missing, --keep, --no-header, --resume and --force need --output FILE");
    }
    return output != null;
  }

  ScoreRequest request(String input) {
    if (resume && force) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--resume and --force (expected: one of them)");
    }
    if (output == null) {
      throw new IllegalStateException("no output was given");
    }
    ScoreRequest.Existing existing =
        resume
            ? ScoreRequest.Existing.RESUME
            : force ? ScoreRequest.Existing.REPLACE : ScoreRequest.Existing.KEEP;
    ScoreRequest.Form form =
        new ScoreRequest.Form(new Choice(columns, without, holes), kept, outputs, !headless, batch);
    return new ScoreRequest(Path.of(input), output, form, existing);
  }
}
