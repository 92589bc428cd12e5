package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Dataset;
import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Digest;
import dev.lathe.train.data.source.CsvSource.Header;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadingTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
  }

  private static Dataset read(Path file, String label, boolean header, Task task) {
    return read(file, List.of(label), header, task);
  }

  private static Dataset read(Path file, List<String> label, boolean header, Task task) {
    return Loading.all(open(file, header), spec(label, task));
  }

  private static RecordSource open(Path file, boolean header) {
    return dev.lathe.train.data.source.CsvSource.open(file, header ? Header.NAMES : Header.NONE);
  }

  private static TableSpec spec(List<String> label, Task task) {
    return new TableSpec(
        label, List.of(), task, Normalization.NONE, List.of(), Split.NONE, 1 << 20);
  }

  @Test
  void textLabels_areSortedAndNamed() throws Exception {
    Path file = file("f.csv", "\uFEFFkind,a,b\nrose,1,2\n\"aster, wild\",3,4\r\nrose,-5e1,.5\n");

    Dataset data = read(file, "kind", true, Task.CLASSIFICATION);

    assertThat(data.labels()).containsExactly("aster, wild", "rose");
    assertThat(data.y().toLongs()).containsExactly(1, 0, 1);
    assertThat(data.x().toFloats()).containsExactly(1, 2, 3, 4, -50, 0.5f);
    assertThat(data.x().dims()).containsExactly(3, 2);
    assertThat(data.sha256()).isEqualTo(Digest.ofFile(file)).hasSize(64);
    assertThat(data.source()).isEqualTo("f.csv");
  }

  @Test
  void numericLabels_areInNumericOrder() throws Exception {
    Dataset data = read(file("f.csv", "1,10\n2,9\n3,10\n"), "last", false, Task.CLASSIFICATION);
    assertThat(data.labels()).containsExactly("9", "10");
    assertThat(data.y().toLongs()).containsExactly(1, 0, 1);
  }

  @Test
  void labelByPlace_isTakenOut() throws Exception {
    Dataset data = read(file("f.csv", "1,10,2\n3,11,4\n"), "1", false, Task.REGRESSION);
    assertThat(data.x().toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(data.y().toFloats()).containsExactly(10, 11);
    assertThat(data.y().dims()).containsExactly(2, 1);
  }

  @Test
  void severalTargets_keepTheirOrder() throws Exception {
    Path file = file("f.csv", "a,b,c\n1,2,3\n4,5,6\n");
    Dataset data = read(file, List.of("c", "first"), true, Task.REGRESSION);
    assertThat(data.y().toFloats()).containsExactly(3, 1, 6, 4);
    assertThat(data.x().toFloats()).containsExactly(2, 5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2,0;3,1 | line 2: column 3: 2 columns (expected: 3)",
        "1,2,0;3,4,5,6 | line 2: column 4: 4 columns (expected: 3)",
        "1,2,0;;3,x4,1 | line 3: column 2: \"x4\" (expected: a finite number)",
        "1,2,0;3,NaN,1 | line 2: column 2: \"NaN\" (expected: a finite number)",
        "1,2,0;Infinity,4,1 | line 2: column 1: \"Infinity\" (expected: a finite number)",
        "1,2,0;1e39,4,1 | line 2: column 1: \"1e39\" (expected: a finite number)",
        "1,2,0;3,,1 | line 2: column 2: \"\" (expected: a finite number)",
        "1,2,0;3,4, | line 2: column 3: an empty target",
        "a,b;1,2 | line 1: column 1: \"a\" (expected: a finite number, or header: true if line 1",
        "0;1 | 1 feature and 1 targets need more columns than 1",
        "1,\"2,0 | not CSV: line 1: column 2: a quote that is not closed",
        "1,\"2\"3,0 | not CSV: line 1: column 2: text after a closing quote",
      })
  void badCell_isRefusedWithFileLineAndColumn(String rows, String message) throws Exception {
    Path file = file("bad.csv", rows.replace(";", "\n"));
    assertThatThrownBy(() -> read(file, "last", false, Task.CLASSIFICATION))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("bad.csv: ")
        .hasMessageContaining(message)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.BAD_DATA);
  }

  @Test
  void badCellUnderAHeader_namesTheColumn() throws Exception {
    Path file = file("bad.csv", "kind,size\na,1\nb,tall\n");
    assertThatThrownBy(() -> read(file, "kind", true, Task.CLASSIFICATION))
        .hasMessageEndingWith("line 3: column 2: size: \"tall\" (expected: a finite number)");
  }

  @Test
  void unknownLabelColumn_isRefusedWithTheColumnsThereAre() throws Exception {
    Path file = file("f.csv", "a,b\n1,2\n");
    assertThatThrownBy(() -> read(file, "c", true, Task.REGRESSION))
        .hasMessageContaining("no column \"c\" (expected: a, b)");
  }

  @Test
  void emptyFile_isRefused() throws Exception {
    assertThatThrownBy(() -> read(file("e.csv", ""), "last", false, Task.REGRESSION))
        .hasMessageContaining("no records");
    assertThatThrownBy(() -> read(file("h.csv", "a,b\n"), "last", true, Task.REGRESSION))
        .hasMessageContaining("no records");
  }

  @Test
  void missingFile_isNotFound() {
    assertThatThrownBy(() -> read(folder.resolve("none.csv"), "last", false, Task.REGRESSION))
        .hasMessageContaining("no such file")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.FILE_NOT_FOUND);
  }

  @Test
  void textTarget_isRefusedForRegression() throws Exception {
    Path file = file("f.csv", "1,2\n3,tall\n");
    assertThatThrownBy(() -> read(file, "last", false, Task.REGRESSION))
        .hasMessageContaining("line 2: column 2: \"tall\" (expected: a finite number");
  }

  @Test
  void labelOnlyInTheTestFile_isRefused() throws Exception {
    Path train = file("train.csv", "1,a\n2,b\n");
    Path test = file("test.csv", "1,a\n2,c\n");
    Task task = Task.CLASSIFICATION;
    TableSpec spec = spec(List.of("last"), task);
    List<String> labels = Loading.all(open(train, false), spec).labels();
    assertThatThrownBy(() -> Loading.test(open(test, false), spec, labels))
        .hasMessageEndingWith(
            "test.csv: line 2: column 2: label \"c\" is not among the training labels"
                + " (expected: a, b)");
  }
}
