package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.source.CsvSource.Header;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  @TempDir Path folder;

  private RecordSource csv(String text) throws Exception {
    Path file = Files.createTempFile(folder, "t", ".csv");
    return CsvSource.open(Files.writeString(file, text), Header.NAMES);
  }

  private static TableSpec spec(String target, Task task) {
    return spec(target, task, Normalization.NONE, Split.NONE);
  }

  private static TableSpec spec(String target, Task task, Normalization norm, Split split) {
    return new TableSpec(List.of(target), List.of(), task, norm, List.of(), split, 1 << 12);
  }

  @Test
  void textLabels_areSortedAndNumbered() throws Exception {
    Table table =
        Table.of(
            csv("kind,a,b\nrose,1,2\naster,3,4\nrose,5,6\n"), spec("kind", Task.CLASSIFICATION));
    assertThat(table.labels()).containsExactly("aster", "rose");
    assertThat(Rows.all(table.part(Role.TRAIN)))
        .containsExactly(List.of(1.0, 2.0, 1.0), List.of(3.0, 4.0, 0.0), List.of(5.0, 6.0, 1.0));
    assertThat(table.part(Role.TRAIN).columns().getFirst().dims()).containsExactly(2L);
    assertThat(table.part(Role.TEST).size()).isZero();
    assertThat(table.sha256()).hasSize(64);
  }

  @Test
  void binaryAndRegression_giveNumbers() throws Exception {
    RecordSource source = csv("a,b\n1,10\n2,9\n3,10\n");
    assertThat(Rows.all(Table.of(source, spec("last", Task.BINARY)).part(Role.TRAIN)))
        .containsExactly(List.of(1.0, 1.0), List.of(2.0, 0.0), List.of(3.0, 1.0));
    assertThat(Rows.all(Table.of(source, spec("0", Task.REGRESSION)).part(Role.TRAIN)))
        .containsExactly(List.of(10.0, 1.0), List.of(9.0, 2.0), List.of(10.0, 3.0));
  }

  @ParameterizedTest
  @EnumSource(Normalization.class)
  void normalization_takesMeanAndSpreadOfTheTrainingPart(Normalization kind) throws Exception {
    StringBuilder text = new StringBuilder("y,a,b\n");
    for (int i = 0; i < 500; i++) {
      text.append(i % 2).append(',').append(1_000 + i % 7).append(',').append(i * i).append('\n');
    }
    RecordSource source = csv(text.toString());
    Split split = new Split(3, 0.2, 0.1);
    Table raw = Table.of(source, spec("y", Task.BINARY, Normalization.NONE, split));
    Table table = Table.of(source, spec("y", Task.BINARY, kind, split));
    List<List<Double>> before = Rows.all(raw.part(Role.TRAIN));
    double[] a = before.stream().mapToDouble(List::getFirst).toArray();
    double[] b = before.stream().mapToDouble(row -> row.get(1)).toArray();
    double[] all = Stream.of(a, b).flatMapToDouble(Arrays::stream).toArray();
    List<List<Double>> after = Rows.all(table.part(Role.TRAIN));
    for (int i = 0; i < after.size(); i++) {
      double expected =
          switch (kind) {
            case NONE -> b[i];
            case SCALE -> b[i] / Arrays.stream(all).max().orElseThrow();
            case STANDARD -> (b[i] - mean(b)) / std(b);
            case STANDARD_ALL -> (b[i] - mean(all)) / std(all);
          };
      assertThat(after.get(i).get(1)).isCloseTo(expected, within(2e-5 * Math.max(1, expected)));
    }
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  private static double mean(double[] all) {
    return Arrays.stream(all).average().orElseThrow();
  }

  private static double std(double[] all) {
    double mean = mean(all);
    return Math.sqrt(Arrays.stream(all).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }

  private static String numbered(int rows) {
    StringBuilder text = new StringBuilder("n,y,pad\n");
    for (int i = 0; i < rows; i++) {
      text.append(i)
          .append(",")
          .append(i % 3)
          .append(",0.000000000000000000000000000000000000000001\n");
    }
    return text.toString();
  }

  @Test
  void parts_shareTheRecordsAmongThem() throws Exception {
    Table table =
        Table.of(
            csv(numbered(20_000)),
            spec("y", Task.CLASSIFICATION, Normalization.NONE, new Split(7, 0.25, 0.1)));
    List<Double> seen = new ArrayList<>();
    for (Role role : Role.values()) {
      Part part = table.part(role);
      List<List<Double>> rows = Rows.all(part);
      assertThat(rows).hasSize(part.size());
      rows.forEach(row -> seen.add(row.getFirst()));
    }
    assertThat(seen.stream().sorted())
        .containsExactlyElementsOf(IntStream.range(0, 20_000).mapToObj(i -> (double) i).toList());
    assertThat(table.part(Role.VALIDATION).size()).isBetween(4_750, 5_250);
    assertThat(table.part(Role.TEST).size()).isBetween(1_850, 2_150);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 9_999, 15_000, 19_700})
  void shuffledEpoch_resumesExactlyAnywhere(int at) throws Exception {
    Table table =
        Table.of(
            csv(numbered(40_000)),
            spec("y", Task.CLASSIFICATION, Normalization.NONE, new Split(1, 0.5, 0)));
    Part part = table.part(Role.TRAIN);
    List<List<Double>> epoch = Rows.of(part, part.shuffled(11, 2), Integer.MAX_VALUE);
    assertThat(epoch).hasSize(part.size()).doesNotHaveDuplicates();
    Cursor cursor = part.shuffled(11, 2);
    cursor.skip(at);
    int end = Math.min(part.size(), at + 300);
    assertThat(Rows.of(part, cursor, 300)).isEqualTo(epoch.subList(at, end));
    assertThat(Rows.of(part, part.shuffled(11, 3), 300)).isNotEqualTo(epoch.subList(0, 300));
    assertThat(Rows.of(part, part.shuffled(12, 2), 300)).isNotEqualTo(epoch.subList(0, 300));
  }

  @Test
  void inOrder_skipsOverChunks() throws Exception {
    Table table = Table.of(csv(numbered(40_000)), spec("y", Task.CLASSIFICATION));
    Part part = table.part(Role.TRAIN);
    List<List<Double>> all = Rows.all(part);
    for (int at : new int[] {1, 4_095, 5_000, 30_001, 40_000, 50_000}) {
      Cursor cursor = part.inOrder();
      cursor.skip(at);
      int from = Math.min(40_000, at);
      assertThat(Rows.of(part, cursor, 10))
          .isEqualTo(all.subList(from, Math.min(40_000, from + 10)));
    }
  }

  @Test
  void testFile_isReadByTheTrainingsLabelsAndConstants() throws Exception {
    Table table =
        Table.of(
            csv("a,y\n1,x\n3,z\n"),
            spec("y", Task.CLASSIFICATION, Normalization.STANDARD, Split.NONE));
    Table test = table.test(csv("a,y\n5,z\n"));
    assertThat(Rows.all(test.part(Role.TEST))).containsExactly(List.of(3.0, 1.0));
    assertThat(test.part(Role.TRAIN).size()).isZero();
    assertThatThrownBy(() -> table.test(csv("a,y\n5,z\n6,w\n")))
        .hasMessageContaining("line 3: column 2: y: label \"w\" is not among the training labels");
    assertThatThrownBy(() -> table.test(csv("a,b,y\n5,1,z\n")))
        .hasMessageContaining("2 features and 1 targets (expected: 1 and 1 as in training)");
  }

  @Test
  void whatCannotBeAnExample_isRefusedBeforeTraining() throws Exception {
    Task task = Task.CLASSIFICATION;
    RecordSource good = csv("a,y\n1,0\n2,1\n");
    assertThatThrownBy(() -> Table.of(csv("a,y\n1,0\n2,\n"), spec("y", task)))
        .hasMessageContaining("line 3: column 2: y: an empty target");
    assertThatThrownBy(() -> Table.of(csv("a,y\n1,0\nx,1\n"), spec("y", task)))
        .hasMessageContaining("line 3: column 1: a: \"x\"");
    assertThatThrownBy(() -> Table.of(csv("a,y\n1,0\n2,0\n"), spec("y", task)))
        .hasMessageContaining("1 classes (expected: at least 2 for task classification)");
    assertThatThrownBy(() -> Table.of(good, spec("z", task)))
        .hasMessageContaining("no column \"z\" (expected: a, y)");
    assertThatThrownBy(() -> Table.of(csv("y,a,b,y\n1,0,1,0\n"), spec("y", task)))
        .hasMessageContaining("columns 1 and 4 are both named \"y\" (expected: one)");
    assertThatThrownBy(() -> Table.of(csv("y\n1\n2\n"), spec("y", task)))
        .hasMessageContaining("1 feature and 1 targets need more columns than 1");
    assertThatThrownBy(
            () ->
                Table.of(
                    good,
                    new TableSpec(
                        List.of("y"),
                        List.of(),
                        task,
                        Normalization.NONE,
                        List.of(2L),
                        Split.NONE,
                        1)))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("data.shape: [2] has 2 elements (expected: 1");
  }

  @Test
  void fileThatLostRecords_isToldWhenItIsRead() throws Exception {
    Path file = Files.writeString(folder.resolve("f.jsonl"), "{\"a\": 1, \"y\": 2}\n".repeat(9));
    Table table = Table.of(JsonLinesSource.open(file), spec("y", Task.REGRESSION));
    Files.writeString(file, "{\"a\": 1, \"y\": 2}\n".repeat(8) + " ".repeat(16) + "\n");
    assertThatThrownBy(() -> Rows.all(table.part(Role.TRAIN)))
        .hasMessageContaining("fewer records than were counted");
  }
}
