package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesSourceTest {
  @TempDir Path folder;

  private JsonLinesSource open(String text) throws Exception {
    return JsonLinesSource.open(
        Files.writeString(folder.resolve("f.jsonl"), text, StandardCharsets.UTF_8));
  }

  @Test
  void fields_areThoseOfTheFirstRecord_inAnyOrderLater() throws Exception {
    JsonLinesSource source =
        open(
            """
            {"x": [[1, 2], [3.5, -4e1]], "ok": true, "name": "größe"}

            {"name": "b", "x": [5, 6, 7, 8], "ok": false}\r
            """);
    assertThat(source.fields())
        .containsExactly(new Field("x", 4), new Field("ok", 1), new Field("name", 1));
    try (RecordReader records = source.look(Rows::drain).open(0)) {
      assertThat(records.next()).isTrue();
      assertThat(records.number(0, 3)).isEqualTo(-40f);
      assertThat(records.number(1, 0)).isEqualTo(1f);
      assertThat(records.text(1)).isEqualTo("true");
      assertThat(records.text(2)).isEqualTo("größe");
      assertThat(records.next()).isTrue();
      assertThat(records.number(0, 0)).isEqualTo(5f);
      assertThat(records.place(2)).endsWith("f.jsonl: line 3: name");
      assertThat(records.next()).isFalse();
    }
  }

  @Test
  void fieldsThatAreNotWanted_mayBeAnythingAndAbsent() throws Exception {
    String text =
        """
        {"meta": {"a": [1, {"b": null}]}, "x": 1, "tags": ["red", "blue"], "y": 2}
        {"y": 4, "x": 3, "later": {"c": {}}}
        {"x": 5, "meta": "none", "tags": [[]], "y": 6}
        """;
    Path file = Files.writeString(folder.resolve("w.jsonl"), text, StandardCharsets.UTF_8);
    JsonLinesSource source = JsonLinesSource.open(file, Set.of("x", "y"));
    assertThat(source.fields())
        .containsExactly(
            new Field("meta", 0), new Field("x", 1), new Field("tags", 0), new Field("y", 1));
    try (RecordReader records = source.look(Rows::drain).open(0)) {
      for (int i = 1; i < 6; i += 2) {
        assertThat(records.next()).isTrue();
        assertThat(records.number(1, 0)).isEqualTo(i);
        assertThat(records.number(3, 0)).isEqualTo(i + 1f);
      }
      assertThat(records.next()).isFalse();
    }
    assertThatThrownBy(() -> JsonLinesSource.open(file))
        .hasMessageContaining("line 1: meta: an object")
        .hasMessageContaining("name the columns that are used, as data.features does");
    Files.writeString(file, text + "{\"x\": 1}\n");
    assertThatThrownBy(() -> JsonLinesSource.open(file, Set.of("x", "y")).look(Rows::drain))
        .hasMessageContaining("line 4: no \"y\" (expected: as in the first record)");
  }

  @Test
  void manyChunks_giveEachRecordOnce_withItsLine() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      text.append("{\"n\": ").append(i).append(", \"t\": \"xxxxxxxx\"}\n");
    }
    JsonLinesSource source = open(text.toString());
    RecordSource.Chunks chunks = source.look(Rows::drain);
    assertThat(chunks.count()).isGreaterThan(3);
    int expected = 0;
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      try (RecordReader records = chunks.open(chunk)) {
        while (records.next()) {
          assertThat(records.number(0, 0)).isEqualTo(expected++);
          assertThat(records.place(0)).endsWith("line " + expected + ": n");
        }
      }
    }
    assertThat(expected).isEqualTo(50_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'x': 1, 'x': 2, 'y': 1}|line 2: column|Duplicate",
        "{'x': 1}|line 2: no \"y\"|as in the first",
        "{'x': 1, 'y': 2, 'z': 3}|line 2: \"z\"|only fields of the first record",
        "{'x': {}, 'y': 2}|line 2: x: an object|single value",
        "{'x': [1, 2], 'y': 2}|line 2: x: 2 numbers|expected: 1",
        "{'x': [1, 'a'], 'y': 2}|line 2: x: a in an array|numbers only",
        "[1, 2]|line 2: no JSON object|expected",
        "{'x': 1, 'y': 2} 3|line 2: more than one|one object in a line",
        "{'x': 1, 'y'|line 2: column|not JSON",
        "{'x': [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]], 'y': 2}|line 2|nesting depth",
      })
  void otherRecords_areRefusedWithLine(String line, String where, String what) throws Exception {
    JsonLinesSource source = open("{\"x\": 1, \"y\": 2}\n" + line.replace('\'', '"') + "\n");
    source.look(
        (_, records) -> {
          assertThat(records.next()).isTrue();
          assertThatThrownBy(records::next)
              .isInstanceOf(LatheException.class)
              .hasMessageContaining(where)
              .hasMessageContaining(what);
        });
  }

  @Test
  void textWhereANumberIsDue_isRefused() throws Exception {
    JsonLinesSource source = open("{\"x\": 1}\n{\"x\": \"red\"}\n{\"x\": null}\n{\"x\": 1e300}\n");
    source.look(
        (_, records) -> {
          records.next();
          records.next();
          assertThatThrownBy(() -> records.number(0, 0))
              .hasMessageContaining("line 2: x: \"red\" (expected: a finite number)");
          records.next();
          assertThatThrownBy(() -> records.number(0, 0))
              .hasMessageContaining("line 3: x: \"null\"");
          records.next();
          assertThatThrownBy(() -> records.number(0, 0))
              .hasMessageContaining("line 4: x: \"1.0E300\"");
        });
  }

  @Test
  void filesWithoutRecordsOrFields_areRefused() {
    assertThatThrownBy(() -> open("")).hasMessageContaining("no records");
    assertThatThrownBy(() -> open("\n \n")).hasMessageContaining("no records");
    assertThatThrownBy(() -> open("{}\n")).hasMessageContaining("line 1: no fields");
    assertThatThrownBy(() -> JsonLinesSource.open(folder.resolve("g.jsonl")))
        .hasMessageContaining("no such file");
  }

  @Test
  void lineOfMoreThanSixteenMebibytes_isRefused() {
    assertThatThrownBy(
            () -> open("{\"x\": 1}\n{\"x\": \"" + "a".repeat(1 << 24) + "\"}\n").look(Rows::drain))
        .hasMessageContaining("line 2: more than 16777216 bytes in a record");
  }
}
