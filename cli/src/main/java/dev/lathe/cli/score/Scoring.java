package dev.lathe.cli.score;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Lathe;
import dev.lathe.server.Prediction;
import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionDetails.Port;
import dev.lathe.train.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Scores a file: reads its rows, runs a model on as many at a time as share a run, and writes what
 * it answers in the order of the rows. Memory does not grow with the file.
 */
public final class Scoring {
  private final Lathe lathe;
  private final VersionDetails version;
  private final ScoreRequest request;
  private final Records records;
  private final List<Records.Field> fields;
  private final List<Integer> kept;
  private final Line line;
  private final Columns columns;
  private final int batch;

  /**
   * Opens the input and finds the model's columns in it.
   *
   * @param lathe runs the model
   * @param version which
   * @param request the files
   * @throws LatheException BAD_FORMAT, BAD_COLUMNS, or what is wrong with the input
   */
  public Scoring(Lathe lathe, VersionDetails version, ScoreRequest request) {
    this.lathe = lathe;
    this.version = version;
    this.request = request;
    this.line = request.line(request.form().kept(), outputs(version, request));
    this.records = Records.open(request.input(), request.format());
    this.fields = records.fields();
    this.kept = request.form().kept().stream().map(name -> Choice.place(fields, name)).toList();
    this.columns = Columns.of(version.inputs(), fields, request.form().features());
    this.batch = batch(version.inputs(), request.form().batch());
  }

  private static List<String> outputs(VersionDetails version, ScoreRequest request) {
    List<String> all = version.outputs().stream().map(Port::name).toList();
    for (String output : request.form().outputs()) {
      if (!all.contains(output)) {
        throw Columns.bad("output \"" + output + "\" (expected: one of " + all + ")");
      }
    }
    return request.form().outputs().isEmpty() ? all : request.form().outputs();
  }

  /** What the model fixes, else what was asked for. */
  private static int batch(List<Port> ports, int asked) {
    return ports.stream()
        .filter(port -> !port.shape().isEmpty() && port.shape().getFirst() > 0)
        .mapToInt(port -> Math.toIntExact(port.shape().getFirst()))
        .findFirst()
        .orElse(asked);
  }

  /**
   * What was done.
   *
   * @param rows rows of the result
   * @param before those of them that an earlier call did
   */
  public record Outcome(long rows, long before) {}

  /**
   * Scores the file.
   *
   * @param progress hears how many rows are done
   * @return how many there were
   * @throws LatheException IN_THE_WAY, OTHER_WORK, CANNOT_WRITE; BAD_DATA with file and line if a
   *     row cannot be read: the rows before it are kept to be gone on with
   */
  public Outcome run(LongConsumer progress) {
    try (ResultFile result = ResultFile.open(request.output(), mark(), request.existing())) {
      Pass pass = new Pass(result, progress);
      records.read(pass::take);
      pass.end();
      return new Outcome(pass.done, pass.before);
    }
  }

  private Mark mark() {
    Path input = request.input();
    try {
      return new Mark(
          input.toAbsolutePath().normalize().toString(),
          Files.size(input),
          Files.getLastModifiedTime(input).toMillis(),
          version.model(),
          version.version(),
          request.form().words(),
          0,
          0);
    } catch (IOException e) {
      throw new LatheException(ScoreError.OTHER_WORK, input + " cannot be looked at", e);
    }
  }

  /** One pass over the file. */
  private final class Pass {
    private final ResultFile result;
    private final LongConsumer progress;
    private final long before;
    private final Columns.Rows rows = columns.rows(batch);
    private final List<List<String>> repeated = new ArrayList<>();
    private long seen;
    private long done;

    Pass(ResultFile result, LongConsumer progress) {
      this.result = result;
      this.progress = progress;
      this.before = result.done();
      this.done = before;
    }

    void take(Records.Row row) {
      seen++;
      if (seen <= before) {
        return;
      }
      rows.add(row, fields);
      repeated.add(Line.kept(row, kept));
      if (rows.isFull()) {
        score();
      }
    }

    void end() {
      if (rows.count() > 0) {
        score();
      }
      result.finish(done);
      progress.accept(done);
    }

    private void score() {
      int count = rows.count();
      Prediction answer =
          lathe.predict(version.model(), version.version(), rows.tensors(fixed() ? batch : count));
      StringBuilder lines = new StringBuilder(done == 0 ? line.heading(answer) : "");
      for (int i = 0; i < count; i++) {
        line.write(repeated.get(i), answer, i, lines);
      }
      done += count;
      result.add(lines, done);
      rows.clear();
      repeated.clear();
      progress.accept(done);
    }

    /** Whether the model takes no fewer rows than the batch. */
    private boolean fixed() {
      return version.inputs().stream()
          .anyMatch(port -> !port.shape().isEmpty() && port.shape().getFirst() > 0);
    }
  }
}
