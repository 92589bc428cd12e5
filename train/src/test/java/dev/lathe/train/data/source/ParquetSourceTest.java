package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.testkit.Python;
import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Digest;
import dev.lathe.train.data.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that pyarrow has written. */
class ParquetSourceTest {
  private static final int ROWS = 5_000;

  private static final String WRITE =
      """
      import sys
      import pyarrow as pa, pyarrow.parquet as pq
      n = 5000
      rows = range(n)
      table = pa.table({
          'i8': pa.array([i % 100 - 50 for i in rows], pa.int8()),
          'i32': pa.array([i * 1000 for i in rows], pa.int32()),
          'i64': pa.array([-i for i in rows], pa.int64()),
          'u32': pa.array([2**32 - 1 - i for i in rows], pa.uint32()),
          'f': pa.array([i / 8 for i in rows], pa.float32()),
          'd': pa.array([i / 3 for i in rows], pa.float64()),
          'b': pa.array([i % 3 == 0 for i in rows], pa.bool_()),
          'kind': pa.array([['rose', 'aster', 'größe'][i % 3] for i in rows], pa.string()),
          'gap': pa.array([None if i == 4321 else float(i) for i in rows], pa.float64()),
          'when': pa.array([i for i in rows], pa.timestamp('ms')),
          'list': pa.array([[i, i] for i in rows], pa.list_(pa.int32())),
      })
      pq.write_table(table, sys.argv[1], compression=sys.argv[2].split('/')[-1],
                     row_group_size=1200, data_page_size=4096,
                     version=sys.argv[3].split('/')[-1],
                     data_page_version=sys.argv[4].split('/')[-1])
      """;

  @TempDir Path folder;

  private Path written(String compression, String version, String pages) {
    Path file = folder.resolve(compression + ".parquet");
    Python.run(
        Python.with("pyarrow"),
        WRITE,
        file,
        Path.of(compression),
        Path.of(version),
        Path.of(pages));
    return file;
  }

  private static TableSpec spec(String label, List<String> features, Task task) {
    return new TableSpec(
        List.of(label),
        features,
        task,
        Normalization.NONE,
        List.of(),
        new Split(3, 0.2, 0),
        1 << 12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd"})
  void valuesAreThoseThatWereWritten_howeverCompressed(String compression) {
    for (String version : List.of("1.0", "2.6")) {
      Path file = written(compression, version, version.equals("1.0") ? "1.0" : "2.0");
      ParquetSource source = ParquetSource.open(file);
      assertThat(source.fields().stream().map(Field::name))
          .startsWith("i8", "i32", "i64", "u32", "f", "d", "b", "kind", "gap", "when");
      int[] row = {0};
      RecordSource.Chunks chunks =
          source.look(
              (_, records) -> {
                while (records.next()) {
                  int i = row[0]++;
                  assertThat(records.number(0, 0)).isEqualTo(i % 100 - 50);
                  assertThat(records.number(1, 0)).isEqualTo(i * 1000f);
                  assertThat(records.number(2, 0)).isEqualTo(-i);
                  assertThat(records.number(3, 0)).isEqualTo((float) ((1L << 32) - 1 - i));
                  assertThat(records.number(4, 0)).isEqualTo(i / 8f);
                  assertThat(records.number(5, 0)).isEqualTo((float) (i / 3.0));
                  assertThat(records.number(6, 0)).isEqualTo(i % 3 == 0 ? 1 : 0);
                  assertThat(records.text(7))
                      .isEqualTo(List.of("rose", "aster", "größe").get(i % 3));
                  assertThat(records.text(2)).isEqualTo(Integer.toString(-i));
                  assertThat(records.text(6)).isEqualTo(Boolean.toString(i % 3 == 0));
                }
              });
      assertThat(row[0]).isEqualTo(ROWS);
      assertThat(chunks.count()).isEqualTo(5);
      assertThat(chunks.sha256()).isEqualTo(Digest.ofFile(file));
      try (RecordReader records = chunks.open(2)) {
        records.next();
        records.next();
        assertThat(records.number(2, 0)).isEqualTo(-2_401);
        assertThat(records.place(5))
            .endsWith("none.parquet: row 2402: d".replace("none", compression));
      }
    }
  }

  @Test
  void chosenColumns_becomeExamples_shuffledAndResumed() {
    Path file = written("snappy", "2.6", "1.0");
    Table table =
        Table.of(
            ParquetSource.open(file), spec("kind", List.of("i32", "f", "b"), Task.CLASSIFICATION));
    assertThat(table.labels()).containsExactly("aster", "größe", "rose");
    Part part = table.part(Role.TRAIN);
    List<List<Double>> epoch = Rows.of(part, part.shuffled(1, 0), ROWS);
    assertThat(epoch).hasSize(part.size()).doesNotHaveDuplicates();
    assertThat(epoch).allMatch(row -> row.get(0) == row.get(1) * 8000);
    Cursor cursor = part.shuffled(1, 0);
    cursor.skip(2_000);
    assertThat(Rows.of(part, cursor, 50)).isEqualTo(epoch.subList(2_000, 2_050));
  }

  @Test
  void nullsAndOtherTypes_areRefusedWithRowAndColumn() {
    Path file = written("zstd", "2.6", "1.0");
    assertThatThrownBy(
            () -> Table.of(ParquetSource.open(file), spec("i8", List.of("gap"), Task.REGRESSION)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(TrainError.BAD_DATA))
        .hasMessageContaining("zstd.parquet: row 4322: gap: \"\" (expected: a finite number)");
    assertThatThrownBy(
            () -> Table.of(ParquetSource.open(file), spec("i8", List.of("when"), Task.REGRESSION)))
        .hasMessageContaining("row 1: when: INT64 ")
        .hasMessageContaining("(expected: single whole or real numbers, booleans or text)");
    assertThatThrownBy(
            () ->
                Table.of(
                    ParquetSource.open(file),
                    spec("i8", List.of("list.list.element"), Task.REGRESSION)))
        .hasMessageContaining("repeated INT32");
    assertThatThrownBy(
            () -> Table.of(ParquetSource.open(file), spec("none", List.of(), Task.REGRESSION)))
        .hasMessageContaining("no column \"none\" (expected: i8, i32");
    assertThatThrownBy(
            () -> Table.of(ParquetSource.open(file), spec("i8", List.of("kind"), Task.REGRESSION)))
        .hasMessageContaining("row 1: kind: \"rose\" (expected: a finite number)");
  }

  @Test
  void brokenFiles_areRefused() throws Exception {
    Path text = Files.writeString(folder.resolve("t.parquet"), "a,b\n1,2\n");
    assertThatThrownBy(() -> ParquetSource.open(text))
        .hasMessageContaining("t.parquet: Parquet cannot be read");
    assertThatThrownBy(() -> ParquetSource.open(folder.resolve("none")))
        .hasMessageContaining("no such file");
    Files.writeString(text, "");
    assertThatThrownBy(() -> ParquetSource.open(text)).hasMessageContaining("cannot be read");
  }

  @Test
  void damagedBytes_areToldAsSuch() throws Exception {
    byte[] whole = Files.readAllBytes(written("snappy", "2.6", "1.0"));
    int refused = 0;
    for (int at = 100; at < whole.length; at += whole.length / 40) {
      byte[] bytes = whole.clone();
      Arrays.fill(bytes, at, Math.min(bytes.length, at + 40), (byte) 0x5A);
      Path file = Files.write(folder.resolve("damaged.parquet"), bytes);
      try {
        Loading.all(
            ParquetSource.open(file), spec("kind", List.of("d", "i32"), Task.CLASSIFICATION));
      } catch (LatheException e) {
        refused++;
        assertThat(e).hasMessageContaining("damaged.parquet");
      }
    }
    assertThat(refused).isPositive();
  }
}
