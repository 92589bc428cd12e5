package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Digest;
import dev.lathe.train.data.source.CsvSource.Header;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvSourceTest {
  @TempDir Path folder;

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("f.csv"), text, StandardCharsets.UTF_8);
  }

  private static List<String> cells(RecordSource source) {
    List<String> cells = new ArrayList<>();
    source.look(
        (_, records) -> {
          while (records.next()) {
            for (int i = 0; i < source.fields().size(); i++) {
              cells.add(records.text(i));
            }
          }
        });
    return cells;
  }

  @Test
  void quotedCells_keepCommasQuotesAndLines() throws Exception {
    CsvSource source =
        CsvSource.open(
            file("\uFEFFname,\"x,y\"\r\n\"a \"\"b\"\"\",1\n\n\"two\nlines\", 2 \n"), Header.NAMES);
    assertThat(source.fields()).containsExactly(new Field("name", 1), new Field("x,y", 1));
    assertThat(cells(source)).containsExactly("a \"b\"", "1", "two\nlines", "2");
  }

  @Test
  void manyChunks_giveEachRecordOnce_withItsLine() throws Exception {
    StringBuilder text = new StringBuilder("n,\"text\"\n");
    for (int i = 0; i < 60_000; i++) {
      text.append(i).append(",\"line\n").append(i).append("\"\n");
    }
    CsvSource source = CsvSource.open(file(text.toString()), Header.NAMES);
    RecordSource.Chunks chunks = source.look(Rows::drain);
    assertThat(chunks.count()).isGreaterThan(3);
    int expected = 0;
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      try (RecordReader records = chunks.open(chunk)) {
        while (records.next()) {
          assertThat(records.number(0, 0)).isEqualTo(expected);
          assertThat(records.place(1)).endsWith("line " + (2 + 2 * expected) + ": column 2: text");
          expected++;
        }
      }
    }
    assertThat(expected).isEqualTo(60_000);
  }

  @Test
  void raggedRecord_isRefusedWithItsLine() throws Exception {
    CsvSource source = CsvSource.open(file("a,b\n1,2\n3\n"), Header.NAMES);
    assertThatThrownBy(() -> cells(source))
        .hasMessageContaining("f.csv: line 3: column 2: 1 columns (expected: 2)");
  }

  @Test
  void wordWhereANumberIsDue_isRefusedWithLineAndColumn() throws Exception {
    CsvSource source = CsvSource.open(file("a,b\n1,2\n3,red\n4,NaN\n"), Header.NAMES);
    try (RecordReader records = source.look(Rows::drain).open(0)) {
      assertThat(records.next()).isTrue();
      assertThat(records.number(1, 0)).isEqualTo(2f);
      records.next();
      assertThatThrownBy(() -> records.number(1, 0))
          .hasMessageContaining("line 3: column 2: b: \"red\" (expected: a finite number)");
      records.next();
      assertThatThrownBy(() -> records.number(1, 0)).hasMessageContaining("line 4");
    }
  }

  @Test
  void headerTakenForNumbers_getsAHint() throws Exception {
    CsvSource source = CsvSource.open(file("a,b\n1,2\n"), Header.NONE);
    try (RecordReader records = source.look(Rows::drain).open(0)) {
      records.next();
      assertThatThrownBy(() -> records.number(0, 0))
          .hasMessageContaining("or header: true if line 1 names columns");
    }
  }

  @Test
  void unclosedQuote_isRefusedWithItsLine() throws Exception {
    Path file = file("a,b\n1,\"2\n3,4\n");
    assertThatThrownBy(() -> cells(CsvSource.open(file, Header.NAMES)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(TrainError.BAD_DATA))
        .hasMessageContaining("f.csv: not CSV")
        .hasMessageContaining("line 2");
  }

  @Test
  void emptyAbsentOrUtf16_areRefused() throws Exception {
    Path file = file("");
    assertThatThrownBy(() -> CsvSource.open(file, Header.NAMES)).hasMessageContaining("no records");
    assertThatThrownBy(() -> CsvSource.open(folder.resolve("g.csv"), Header.NAMES))
        .hasMessageContaining("no such file");
    Files.write(file, new byte[] {(byte) 0xFE, (byte) 0xFF, 0, 'a', 0, ','});
    assertThatThrownBy(() -> CsvSource.open(file, Header.NAMES)).hasMessageContaining("not CSV");
  }

  @Test
  void fileThatGrewSince_isRefused() throws Exception {
    Path file = file("1,2\n");
    RecordSource.Chunks chunks = CsvSource.open(file, Header.NONE).look(Rows::drain);
    Files.writeString(file, "1,2\n3,4\n");
    assertThatThrownBy(() -> chunks.open(0))
        .hasMessageContaining("f.csv: 8 bytes (expected: 4 as before)");
  }

  @Test
  void linesEndAnyWay_andTheLastNeedNot() throws Exception {
    CsvSource source = CsvSource.open(file("a,b\r1,\"x\ry\"\r\n3,4\n5,6"), Header.NAMES);
    assertThat(cells(source)).containsExactly("1", "x\ry", "3", "4", "5", "6");
    try (RecordReader records = source.look(Rows::drain).open(0)) {
      records.next();
      records.next();
      assertThat(records.place(0)).endsWith("line 4: column 1: a");
      records.next();
      assertThat(records.place(0)).endsWith("line 5: column 1: a");
    }
  }

  @Test
  void recordsOfAnySizeAndEnd_areFoundWhereverChunksEnd() throws Exception {
    Dice dice = new Dice(9);
    StringBuilder text = new StringBuilder();
    List<String> expected = new ArrayList<>();
    while (text.length() < 3_000_000) {
      String cell = "a" + (dice.below(2) == 0 ? "\n\"," : "é").repeat(dice.below(9)) + "x";
      String other = dice.below(1_000) == 0 ? "y".repeat(dice.below(700_000)) : "";
      expected.add(cell);
      expected.add(other);
      text.append('"').append(cell.replace("\"", "\"\"")).append("\",").append(other);
      text.append(List.of("\n", "\r\n", "\r").get(dice.below(3)));
    }
    CsvSource source = CsvSource.open(file(text.toString()), Header.NONE);
    assertThat(cells(source)).isEqualTo(expected);
    List<String> again = new ArrayList<>();
    RecordSource.Chunks chunks = source.look(Rows::drain);
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      try (RecordReader records = chunks.open(chunk)) {
        while (records.next()) {
          again.add(records.text(0));
          again.add(records.text(1));
        }
      }
    }
    assertThat(again).isEqualTo(expected);
    assertThat(chunks.sha256()).isEqualTo(Digest.ofFile(source.file()));
  }

  @Test
  void recordOfMoreThanSixteenMebibytes_isRefused() throws Exception {
    Path file = file("1,2\n3,\"" + "4".repeat(1 << 24) + "\"\n");
    assertThatThrownBy(() -> cells(CsvSource.open(file, Header.NONE)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(TrainError.TOO_LARGE))
        .hasMessageContaining("f.csv: line 2: more than 16777216 bytes in a record");
  }
}
