package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Csv;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTableTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
  }

  private static Csv spec(Path file, String label, boolean header) {
    return new Csv(file, Path.of(""), List.of(label), header, Preparation.NONE);
  }

  private static Dataset read(Csv spec, Task task) {
    return Sources.of(spec, task).train();
  }

  @Test
  void textLabels_areSortedAndNamed() throws Exception {
    Path file = file("f.csv", "\uFEFFkind,a,b\nrose,1,2\n\"aster, wild\",3,4\r\nrose,-5e1,.5\n");

    Dataset data = read(spec(file, "kind", true), Task.CLASSIFICATION);

    assertThat(data.labels()).containsExactly("aster, wild", "rose");
    assertThat(data.y().toLongs()).containsExactly(1, 0, 1);
    assertThat(data.x().toFloats()).containsExactly(1, 2, 3, 4, -50, 0.5f);
    assertThat(data.x().dims()).containsExactly(3, 2);
    assertThat(data.sha256()).isEqualTo(Digest.ofFile(file)).hasSize(64);
    assertThat(data.source()).isEqualTo("f.csv");
  }

  @Test
  void numericLabels_areInNumericOrder() throws Exception {
    Dataset data =
        read(spec(file("f.csv", "1,10\n2,9\n3,10\n"), "last", false), Task.CLASSIFICATION);
    assertThat(data.labels()).containsExactly("9", "10");
    assertThat(data.y().toLongs()).containsExactly(1, 0, 1);
  }

  @Test
  void labelByPlace_isTakenOut() throws Exception {
    Dataset data = read(spec(file("f.csv", "1,10,2\n3,11,4\n"), "1", false), Task.REGRESSION);
    assertThat(data.x().toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(data.y().toFloats()).containsExactly(10, 11);
    assertThat(data.y().dims()).containsExactly(2, 1);
  }

  @Test
  void severalTargets_keepTheirOrder() throws Exception {
    Path file = file("f.csv", "a,b,c\n1,2,3\n4,5,6\n");
    Csv spec = new Csv(file, Path.of(""), List.of("c", "first"), true, Preparation.NONE);
    Dataset data = read(spec, Task.REGRESSION);
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
        "0;1 | line 1: 1 feature and 1 targets need more columns than 1",
        "1,\"2,0 | not CSV",
      })
  void badCell_isRefusedWithFileLineAndColumn(String rows, String message) throws Exception {
    Path file = file("bad.csv", rows.replace(";", "\n"));
    assertThatThrownBy(() -> read(spec(file, "last", false), Task.CLASSIFICATION))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("bad.csv: ")
        .hasMessageContaining(message)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.BAD_DATA);
  }

  @Test
  void badCellUnderAHeader_namesTheColumn() throws Exception {
    Path file = file("bad.csv", "kind,size\na,1\nb,tall\n");
    assertThatThrownBy(() -> read(spec(file, "kind", true), Task.CLASSIFICATION))
        .hasMessageEndingWith("line 3: column 2: size: \"tall\" (expected: a finite number)");
  }

  @Test
  void unknownLabelColumn_isRefusedWithTheColumnsThereAre() throws Exception {
    Path file = file("f.csv", "a,b\n1,2\n");
    assertThatThrownBy(() -> read(spec(file, "c", true), Task.REGRESSION))
        .hasMessageContaining("no column \"c\" for the label (expected: a, b)");
  }

  @Test
  void emptyFile_isRefused() throws Exception {
    assertThatThrownBy(() -> read(spec(file("e.csv", ""), "last", false), Task.REGRESSION))
        .hasMessageContaining("no records");
    assertThatThrownBy(() -> read(spec(file("h.csv", "a,b\n"), "last", true), Task.REGRESSION))
        .hasMessageContaining("no records");
  }

  @Test
  void missingFile_isNotFound() {
    assertThatThrownBy(() -> read(spec(folder.resolve("none.csv"), "last", false), Task.REGRESSION))
        .hasMessageContaining("no such file")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.FILE_NOT_FOUND);
  }

  @Test
  void textTarget_isRefusedForRegression() throws Exception {
    Path file = file("f.csv", "1,2\n3,tall\n");
    assertThatThrownBy(() -> read(spec(file, "last", false), Task.REGRESSION))
        .hasMessageContaining("line 2: target \"tall\" (expected: a finite number");
  }

  @Test
  void labelOnlyInTheTestFile_isRefused() throws Exception {
    Path train = file("train.csv", "1,a\n2,b\n");
    Path test = file("test.csv", "1,a\n2,c\n");
    Csv spec = new Csv(train, test, List.of("last"), false, Preparation.NONE);
    assertThatThrownBy(() -> Sources.of(spec, Task.CLASSIFICATION))
        .hasMessageContaining("test.csv: line 2: label \"c\" is not among the training labels");
  }
}
