package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Missing;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Means;
import dev.lathe.train.data.Normalizer;
import dev.lathe.train.data.Part;
import java.util.List;

/**
 * A source that was looked through once: how many records have which role, which labels there are,
 * and the constants of the normalization, taken from the training part. Every record has been read,
 * so that what is wrong with one is told before training begins.
 */
public final class Table {
  private static final Split ALL_TEST = new Split(0, 0, 1);

  private final RecordSource source;
  private final TableSpec spec;
  private final Split split;
  private final Layout layout;
  private final Counts counts = new Counts();
  private final RecordSource.Chunks chunks;
  private final Encoder encoder;

  private Table(RecordSource source, TableSpec spec) {
    this.source = source;
    this.spec = spec;
    this.split = spec.split();
    this.layout = Layout.of(source, spec);
    Labels labels = startingLabels();
    Statistics statistics = new Statistics(spec.normalization(), layout.width());
    Means means = new Means(spec.missing(), layout.width());
    this.chunks =
        look(
            (record, role, raw) -> {
              if (role == Role.TRAIN) {
                means.add(raw);
                statistics.add(spec.missing() == Missing.ZERO ? zeroed(raw) : raw);
              }
              collect(record, labels);
            });
    labels.number();
    Normalizer normalizer = statistics.normalizer(dims()).filling(means.fill(dims()));
    this.encoder = new Encoder(layout, spec, labels, normalizer);
  }

  /** The same features, zero where one is missing. */
  private static float[] zeroed(float[] raw) {
    for (int i = 0; i < raw.length; i++) {
      raw[i] = Float.isNaN(raw[i]) ? 0 : raw[i];
    }
    return raw;
  }

  private Table(RecordSource source, Table training) {
    this.source = source;
    this.spec = training.spec;
    this.split = ALL_TEST;
    this.layout = Layout.of(source, spec);
    layout.requireLike(training.layout, source.file());
    this.encoder = new Encoder(layout, spec, training.encoder.labels(), training.normalizer());
    this.chunks = look((record, _, _) -> encoder.requireTarget(record));
  }

  /**
   * Looks through a source.
   *
   * @param source the records
   * @param spec how they become examples
   * @return the source with what was found
   * @throws LatheException BAD_DATA with file, line and column if a record cannot be an example;
   *     BAD_RECIPE if the shape does not fit; TOO_LARGE if there are too many records or classes
   */
  public static Table of(RecordSource source, TableSpec spec) {
    Table table = new Table(source, spec);
    if (table.counts.of(Role.TRAIN) == 0) {
      throw Numbers.bad(source.file() + ": no records to train on");
    }
    table.requireClasses();
    return table;
  }

  /**
   * The numbers that a record has as features.
   *
   * @param source the records
   * @param spec which fields are features
   * @return F
   * @throws LatheException BAD_DATA if there are no such fields
   */
  public static int width(RecordSource source, TableSpec spec) {
    return Layout.of(source, spec).width();
  }

  /**
   * Looks through another source whose records are all for the test, by this one's labels and
   * constants.
   *
   * @param test the records
   * @return the source with what was found
   * @throws LatheException as {@link #of}; also for a label that is not among these
   */
  public Table test(RecordSource test) {
    return new Table(test, this);
  }

  /** What is done with each record in a first pass. */
  @FunctionalInterface
  private interface Look {
    void at(RecordReader record, Role role, float[] raw);
  }

  private RecordSource.Chunks look(Look look) {
    float[] raw = new float[layout.width()];
    return source.look(
        (chunk, records) -> {
          for (int i = 0; records.next(); i++) {
            Role role = split.role(chunk, i);
            counts.add(role, chunk);
            layout.features(records, raw);
            look.at(records, role, raw);
          }
        });
  }

  private void collect(RecordReader record, Labels labels) {
    if (spec.task() == Task.REGRESSION) {
      layout.targets().forEach(field -> record.number(field, 0));
    } else if (spec.task() == Task.MULTI_LABEL) {
      new Marks(layout, labels, spec.separator()).of(record);
    } else {
      labels.collect(layout.label(record), record, layout.targets().getFirst());
    }
  }

  private Labels startingLabels() {
    return spec.task() == Task.MULTI_LABEL ? Marks.labels(layout, spec.separator()) : new Labels();
  }

  private long[] dims() {
    return layout.shape(spec).stream().mapToLong(Long::longValue).toArray();
  }

  private void requireClasses() {
    int found = labels().size();
    boolean fits =
        switch (spec.task()) {
          case REGRESSION -> true;
          case BINARY -> found == 2;
          case MULTI_LABEL -> found >= 1;
          case CLASSIFICATION,
              LANGUAGE_MODEL,
              TRANSLATION,
              TEXT_CLASSIFICATION,
              TOKEN_CLASSIFICATION,
              QUESTION_ANSWERING ->
              found >= 2;
        };
    if (!fits) {
      throw Numbers.bad(
          source.file()
              + ": "
              + found
              + " classes (expected: "
              + (spec.task() == Task.BINARY ? "2" : "at least 2")
              + " for task "
              + spec.task().key()
              + ")");
    }
  }

  private int size(Role role) {
    long size = counts.of(role);
    if (size > Integer.MAX_VALUE) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          source.file() + ": " + size + " records (expected: at most " + Integer.MAX_VALUE + ")");
    }
    return (int) size;
  }

  /**
   * The records of one role.
   *
   * @param role the role
   * @return a part that reads the source anew each time; may have no examples
   */
  public Part part(Role role) {
    int[] each = counts.of(role, chunks.count());
    RoleRecords records =
        new RoleRecords(source.file(), chunks, new RoleRecords.Kept(role, split, each), encoder);
    return new TablePart(
        records, layout.columns(spec, encoder.outputs()), size(role), spec.windowBytes());
  }

  /**
   * The numbers or classes that a record has as targets.
   *
   * @return K
   */
  public int targets() {
    return encoder.outputs();
  }

  /**
   * All records of all roles.
   *
   * @return how many there are
   */
  public long records() {
    return counts.of(Role.TRAIN) + counts.of(Role.VALIDATION) + counts.of(Role.TEST);
  }

  /**
   * The class names.
   *
   * @return names by index; empty for regression
   */
  public List<String> labels() {
    return encoder.labels().names();
  }

  /**
   * What is done to raw features.
   *
   * @return its constants
   */
  public Normalizer normalizer() {
    return encoder.normalizer();
  }

  /**
   * Digest of the file.
   *
   * @return 64 lower-case hexadecimal digits
   */
  public String sha256() {
    return chunks.sha256();
  }
}
