package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A model in a GGUF file answers as the same model in a folder of transformers. */
class GgufImportTest {
  @TestFactory
  List<DynamicTest> file_answersAsTheFolder(@TempDir Path folder) throws IOException {
    return compared(Shared.path("fixtures/hf"), folder);
  }

  @TestFactory
  List<DynamicTest> fileOfAModelMadeOnTheSpot_answersAsTheFolder(
      @TempDir Path models, @TempDir Path folder) throws IOException {
    String python = Python.with("torch", "transformers", "safetensors");
    Path wanted = Path.of("granite,phi3-short,phi3-long");
    Python.run(python, script("decoders.py"), models, wanted);
    return compared(models, folder);
  }

  private static List<DynamicTest> compared(Path models, Path folder) throws IOException {
    String python = Python.with("gguf", "numpy", "safetensors");
    Python.run(python, script("gguf_files.py"), models, folder);
    try (Stream<Path> made = Files.list(folder)) {
      return made.sorted()
          .map(
              model ->
                  DynamicTest.dynamicTest(
                      model.getFileName().toString(), () -> assertAnswersAsTheFolder(model)))
          .toList();
    }
  }

  private static String script(String name) throws IOException {
    try (InputStream in = GgufImportTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void assertAnswersAsTheFolder(Path model) throws IOException {
    Path beside = Files.createDirectory(model.resolve("beside"));
    HuggingFace file = HuggingFace.readGguf(model.resolve("model.gguf"), beside);
    HuggingFace folder = HuggingFace.read(model);
    assertThat(file.architecture()).isEqualTo(folder.architecture());
    assertThat(farthest(scores(file), scores(folder))).isLessThan(2e-5);
  }

  private static double farthest(double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    return IntStream.range(0, found.length)
        .mapToDouble(i -> Math.abs(found[i] - expected[i]))
        .max()
        .orElseThrow();
  }

  private static double[] scores(HuggingFace read) {
    Tensor tokens = Tensor.ofLongs(LongStream.range(0, 80).map(i -> i * 31 % 97).toArray(), 2, 40);
    try (Session session = Session.open(read.model(), SessionOptions.defaults())) {
      return session.run(Map.of("input_ids", tokens)).get("logits").toDoubles();
    }
  }
}
