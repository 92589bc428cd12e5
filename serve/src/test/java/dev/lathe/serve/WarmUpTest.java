package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.registry.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpTest {
  private static final ModelVersion VERSION = new ModelVersion(ModelName.parse("a/b"), "v1");

  private final ComputePool pool = new ComputePool(1);
  @TempDir private Path folder;

  @AfterEach
  void stop() {
    pool.close();
  }

  @Test
  void zeros_areRunAloneAndInGrowingBatches() {
    FakeEngine engine = new FakeEngine(1, Shape.batchOf(3));
    warm(engine, List.of());
    assertThat(engine.batches).startsWith(1L, 1L, 2L, 4L);
    assertThat(engine.batches.stream().mapToLong(rows -> rows).max().orElseThrow())
        .isLessThanOrEqualTo(64);
  }

  @Test
  void samples_takeThePlaceOfZeros() throws IOException {
    write(
        "1.json",
        "[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[[1,2],[3,4]]}]");
    write("2.json", "[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]");
    Files.writeString(folder.resolve("warmup/notes.txt"), "not a sample");
    FakeEngine engine = new FakeEngine(1);
    List<WarmSamples.Sample> samples = WarmSamples.read(folder);
    assertThat(samples).hasSize(2);
    assertThat(samples.getFirst().inputs().get("x").toFloats()).containsExactly(1, 2, 3, 4);
    warm(engine, samples);
    assertThat(engine.batches).startsWith(2L, 1L, 2L, 4L);
  }

  @Test
  void sampleThatCannotBeAnswered_isNamed() throws IOException {
    write("bad.json", "[{\"name\":\"w\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]");
    List<WarmSamples.Sample> samples = WarmSamples.read(folder);
    assertThatThrownBy(() -> warm(new FakeEngine(1), samples))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("warmup/bad.json: input \"x\": missing");
  }

  @Test
  void modelThatCannotRun_isNotWarm() {
    FakeEngine engine = new FakeEngine(1, Shape.batchOf(3));
    engine.breakDown();
    assertThatThrownBy(() -> warm(engine, List.of())).hasMessage("broken");
    FakeEngine uncertain = new FakeEngine(1);
    uncertain.breakDown();
    warm(uncertain, List.of());
  }

  @Test
  void files_thatAreNoRequest_areNamedWithWhatIsWrong() throws IOException {
    assertBad("{", "is no JSON");
    assertBad("{}", "no inputs");
    assertBad(
        "[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1]}]",
        "1 elements (expected: 2");
    assertBad(
        "[{\"name\":\"x\",\"shape\":[1099511627776,1099511627776],\"datatype\":\"FP32\",\"data\":[1]}]",
        "shape");
    assertBad("[{\"name\":\"x\",\"shape\":[-1],\"datatype\":\"FP32\",\"data\":[1]}]", "shape");
    assertBad(
        "[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP31\",\"data\":[1]}]", "datatype \"FP31\"");
    assertBad(
        "[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[\"a\"]}]",
        "expected: a number");
  }

  @Test
  void elementTypes_areRead() throws IOException {
    write(
        "a.json",
        "[{\"name\":\"i\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[9007199254740993]},"
            + "{\"name\":\"b\",\"shape\":[2],\"datatype\":\"BOOL\",\"data\":[true,false]},"
            + "{\"name\":\"s\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"data\":[[\"text\"]]}]");
    var inputs = WarmSamples.read(folder).getFirst().inputs();
    assertThat(inputs.get("i").toLongs()).containsExactly(9007199254740993L);
    assertThat(inputs.get("b").type()).isEqualTo(ElementType.BOOL);
    assertThat(inputs.get("b").doubleAt(0)).isEqualTo(1);
    assertThat(inputs.get("s").strings()).containsExactly("text");
  }

  @Test
  void versionWithoutSamples_hasNone() {
    assertThat(WarmSamples.read(folder)).isEmpty();
  }

  private void assertBad(String content, String message) throws IOException {
    Files.createDirectories(folder.resolve("warmup"));
    String whole = content.startsWith("[") ? "{\"inputs\":" + content + "}" : content;
    Files.writeString(folder.resolve("warmup/s.json"), whole);
    assertThatThrownBy(() -> WarmSamples.read(folder))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("warmup/s.json")
        .hasMessageContaining(message);
  }

  private void write(String name, String inputs) throws IOException {
    Files.createDirectories(folder.resolve("warmup"));
    Files.writeString(folder.resolve("warmup").resolve(name), "{\"inputs\":" + inputs + "}");
  }

  private void warm(FakeEngine engine, List<WarmSamples.Sample> samples) {
    try (Batcher batcher = new Batcher(engine, BatchPolicy.defaults(), pool, timing -> {})) {
      new WarmUp(VERSION, batcher).run(engine.inputs(), samples);
    }
  }
}
