package dev.lathe.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.server.Lathe;
import dev.lathe.transform.PrependFilling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoringTest {
  private static final String MODEL = "demo/larger";

  @TempDir Path folder;
  private Lathe lathe;

  /** Says which of two numbers is larger, and gives both plus 1. */
  @BeforeEach
  void publish() {
    try (Registry registry = Registry.open(folder.resolve("data/registry"))) {
      publish(registry, MODEL, Dim.of("N"));
      publish(registry, "demo/threes", Dim.of(3));
    }
    lathe = Lathe.open(folder.resolve("data"));
  }

  private static void publish(Registry registry, String name, Dim rows) {
    GraphBuilder graph = new GraphBuilder("larger");
    Shape pair = Shape.of(List.of(rows, Dim.of(2)));
    String x = graph.input("x", ElementType.FLOAT, pair);
    String one = graph.initializer("one", Tensor.scalar(1f));
    graph.append(Node.of("Add", List.of(x, one), List.of("y")));
    graph.append(
        Node.of("ArgMax", List.of(x), List.of("label"))
            .withAttributes(Map.of("axis", Attribute.of(1L), "keepdims", Attribute.of(0L))));
    graph.output("y", ElementType.FLOAT, pair);
    graph.output("label", ElementType.INT64, Shape.of(List.of(rows)));
    Model model = Model.of(graph.build());
    Metadata metadata =
        new Metadata(
            "classification",
            List.of("left", "right"),
            Signature.of(model),
            new Lineage("", List.of(), "", List.of(), Map.of(), 0, "test", Instant.EPOCH));
    registry.publish(
        ModelName.parse(name),
        Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "A model for a test"));
  }

  @AfterEach
  void close() {
    lathe.close();
  }

  private Path csv(int rows) throws IOException {
    StringBuilder text = new StringBuilder("id,a,b\n");
    for (int i = 0; i < rows; i++) {
      text.append("\"r,").append(i).append("\",").append(i % 7).append(',').append(i % 5 + 0.5);
      text.append('\n');
    }
    return Files.writeString(folder.resolve("in.csv"), text);
  }

  private ScoreRequest request(Path input, String output, ScoreRequest.Existing existing) {
    ScoreRequest.Form form =
        new ScoreRequest.Form(
            new Choice(List.of(), List.of("id"), false), List.of("id"), List.of("y"), true, 16);
    return new ScoreRequest(input, folder.resolve(output), form, existing);
  }

  private Scoring.Outcome score(String model, ScoreRequest request) {
    return new Scoring(lathe, lathe.show(model, "v1"), request).run(rows -> {});
  }

  @Test
  void missingNumbers_areWhatTheModelSays_whereTheyMayBe() throws IOException {
    Model filling =
        PrependFilling.apply(
            same(ElementType.FLOAT), "x", Tensor.ofFloats(new float[] {7, 8.5f}, 2));
    lathe.close();
    try (Registry registry = Registry.open(folder.resolve("data/registry"))) {
      Metadata metadata =
          new Metadata("", List.of(), Signature.of(filling), Metadata.NONE.lineage());
      registry.publish(
          ModelName.parse("demo/filling"),
          Release.of(Content.of(OnnxFile.toBytes(filling)), metadata, "A model for a test"));
    }
    lathe = Lathe.open(folder.resolve("data"));
    Path file = Files.writeString(folder.resolve("holes.csv"), "a,b\n1,\nNaN,2\n3,4\n");
    score("demo/filling", holes(file, "filled.csv", true));
    assertThat(Files.readAllLines(folder.resolve("filled.csv")).subList(1, 4))
        .containsExactly("1.0,8.5", "7.0,2.0", "3.0,4.0");
    assertThatThrownBy(() -> score("demo/filling", holes(file, "none.csv", false)))
        .hasMessageContaining("holes.csv: line 2: column 2: b: \"\" (expected: a finite number)");
  }

  private ScoreRequest holes(Path file, String output, boolean holes) {
    ScoreRequest.Form form =
        new ScoreRequest.Form(
            new Choice(List.of(), List.of(), holes), List.of(), List.of(), true, 16);
    return new ScoreRequest(file, folder.resolve(output), form, ScoreRequest.Existing.KEEP);
  }

  private static Model same(ElementType type) {
    GraphBuilder graph = new GraphBuilder("same");
    Shape pair = Shape.of(List.of(Dim.of("N"), Dim.of(2)));
    String x = graph.input("x", type, pair);
    graph.append(Node.of("Identity", List.of(x), List.of("y")));
    graph.output("y", type, pair);
    if (type == ElementType.INT64) {
      graph.append(
          Node.of("Cast", List.of(x), List.of("u"))
              .with("to", Attribute.of((long) ElementType.UINT64.code())));
      graph.output("u", ElementType.UINT64, pair);
    }
    return Model.of(graph.build());
  }

  private List<String> scoreSame(ElementType type, String input, String output) throws IOException {
    lathe.close();
    try (Registry registry = Registry.open(folder.resolve("data/registry"))) {
      Metadata metadata =
          new Metadata("", List.of(), Signature.of(same(type)), Metadata.NONE.lineage());
      registry.publish(
          ModelName.parse("demo/same"),
          Release.of(Content.of(OnnxFile.toBytes(same(type))), metadata, "A model for a test"));
    }
    lathe = Lathe.open(folder.resolve("data"));
    Path file = Files.writeString(folder.resolve("same.csv"), input);
    ScoreRequest.Form form =
        new ScoreRequest.Form(
            new Choice(List.of(), List.of(), false), List.of(), List.of(), true, 16);
    ScoreRequest request =
        new ScoreRequest(file, folder.resolve(output), form, ScoreRequest.Existing.KEEP);
    score("demo/same", request);
    return Files.readAllLines(request.output());
  }

  @Test
  void numbersOf64Bits_areExact() throws IOException {
    List<String> doubles = scoreSame(ElementType.DOUBLE, "a,b\n0.1, 1e-300\n", "d.csv");
    assertThat(doubles.getLast()).isEqualTo("0.1,1.0E-300");
  }

  @Test
  void integersOf64Bits_areExact_withAndWithoutSign() throws IOException {
    String input = "a,b\n9007199254740993,-1\n";
    assertThat(scoreSame(ElementType.INT64, input, "i.jsonl").getLast())
        .contains("[9007199254740993,-1]")
        .contains("[9007199254740993,18446744073709551615]");
  }

  @Test
  void everyRow_isAnsweredInItsPlace() throws IOException {
    ScoreRequest request = request(csv(50), "out.csv", ScoreRequest.Existing.KEEP);
    assertThat(score(MODEL, request)).isEqualTo(new Scoring.Outcome(50, 0));
    List<String> lines = Files.readAllLines(request.output());
    assertThat(lines).hasSize(51).startsWith("id,prediction,y_left,y_right");
    assertThat(lines.get(1)).isEqualTo("\"r,0\",right,1.0,1.5");
    assertThat(lines.get(49)).isEqualTo("\"r,48\",left,7.0,4.5");
    try (var left = Files.list(folder)) {
      assertThat(left.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("data", "in.csv", "out.csv");
    }
  }

  @Test
  void fixedBatch_isFilledAndItsExtraRowsDropped() throws IOException {
    ScoreRequest request = request(csv(50), "out.csv", ScoreRequest.Existing.KEEP);
    ScoreRequest threes = request(csv(50), "threes.csv", ScoreRequest.Existing.KEEP);
    score(MODEL, request);
    score("demo/threes", threes);
    assertThat(threes.output()).hasSameTextualContentAs(request.output());
  }

  @Test
  void jsonLines_becomeJsonLines() throws IOException {
    Path input =
        Files.writeString(folder.resolve("in.jsonl"), "{\"a\": [3, 4]}\n\n{\"a\": [2, 1.5]}\n");
    ScoreRequest.Form form =
        new ScoreRequest.Form(
            new Choice(List.of(), List.of(), false), List.of(), List.of(), true, 16);
    Path output = folder.resolve("out.jsonl");
    score(MODEL, new ScoreRequest(input, output, form, ScoreRequest.Existing.KEEP));
    assertThat(Files.readAllLines(output))
        .containsExactly(
            "{\"prediction\":\"right\",\"y\":[4.0,5.0],\"label\":1}",
            "{\"prediction\":\"left\",\"y\":[3.0,2.5],\"label\":0}");
  }

  @Test
  void stoppedAnywhere_goesOnToTheSameBytes() throws IOException {
    Path input = csv(200);
    ScoreRequest whole = request(input, "whole.csv", ScoreRequest.Existing.KEEP);
    score(MODEL, whole);
    for (int stop = 16; stop < 200; stop += 48) {
      int at = stop;
      String name = "stopped" + stop + ".csv";
      ScoreRequest first = request(input, name, ScoreRequest.Existing.KEEP);
      Scoring scoring = new Scoring(lathe, lathe.show(MODEL, "v1"), first);
      assertThatThrownBy(() -> scoring.run(rows -> stopAt(rows, at))).hasMessage("stopped");
      assertThat(first.output()).doesNotExist();
      // What was written after the last mark is not trusted.
      Files.writeString(ResultFile.part(first.output()), "torn line", StandardOpenOption.APPEND);
      ScoreRequest again = request(input, name, ScoreRequest.Existing.RESUME);
      assertThat(score(MODEL, again)).isEqualTo(new Scoring.Outcome(200, at));
      assertThat(again.output()).hasSameTextualContentAs(whole.output());
    }
  }

  private static void stopAt(long rows, int at) {
    if (rows >= at) {
      throw new IllegalStateException("stopped");
    }
  }

  @Test
  void resultsInTheWay_areNamedAndKept() throws IOException {
    Path input = csv(40);
    ScoreRequest keep = request(input, "out.csv", ScoreRequest.Existing.KEEP);
    score(MODEL, keep);
    assertThatThrownBy(() -> score(MODEL, keep))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("out.csv exists already");
    Files.writeString(keep.output(), "precious");
    score(MODEL, request(input, "out.csv", ScoreRequest.Existing.REPLACE));
    assertThat(Files.readAllLines(keep.output())).hasSize(41);
  }

  @Test
  void otherInputOrModel_isNotGoneOnWith() throws IOException {
    Path input = csv(40);
    ScoreRequest keep = request(input, "out.csv", ScoreRequest.Existing.KEEP);
    Scoring scoring = new Scoring(lathe, lathe.show(MODEL, "v1"), keep);
    assertThatThrownBy(() -> scoring.run(rows -> stopAt(rows, 16))).hasMessage("stopped");
    assertThatThrownBy(() -> score(MODEL, keep)).hasMessageContaining("was begun earlier");
    ScoreRequest resume = request(input, "out.csv", ScoreRequest.Existing.RESUME);
    assertThatThrownBy(() -> score("demo/threes", resume))
        .hasMessageContaining("by demo/larger@v1");
    Files.writeString(input, "r,1,2\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> score(MODEL, resume))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("--force");
  }

  @Test
  void badRow_isNamedAndWhatIsBeforeItKept() throws IOException {
    Path input = csv(40);
    Files.writeString(input, "x,1,nonsense\n", StandardOpenOption.APPEND);
    ScoreRequest keep = request(input, "out.csv", ScoreRequest.Existing.KEEP);
    assertThatThrownBy(() -> score(MODEL, keep))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("line 42")
        .hasMessageContaining("nonsense");
    assertThat(Mark.read(ResultFile.part(keep.output())).rows()).isEqualTo(32);
  }

  @Test
  void columnsThatDoNotFit_areNamed() throws IOException {
    Path input = csv(3);
    ScoreRequest.Form all =
        new ScoreRequest.Form(
            new Choice(List.of(), List.of(), false), List.of(), List.of(), true, 16);
    assertThatThrownBy(
            () ->
                score(
                    MODEL,
                    new ScoreRequest(
                        input, folder.resolve("o.csv"), all, ScoreRequest.Existing.KEEP)))
        .hasMessage(
            "input \"x\": 3 columns (expected: 2; choose them by --columns, or leave some out by"
                + " --without)");
    assertThatThrownBy(() -> Choice.place(List.of(), "height")).hasMessageContaining("height");
    assertThatThrownBy(() -> score(MODEL, request(input, "out.xlsx", ScoreRequest.Existing.KEEP)))
        .hasMessageContaining("out.xlsx (expected: a name that ends with .csv or .jsonl)");
  }
}
