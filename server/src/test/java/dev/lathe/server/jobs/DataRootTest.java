package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Registry;
import dev.lathe.server.JobProgress;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerError;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The data folder is named relative to the process's directory, as {@code ./lathe-data} is. */
class DataRootTest {
  private static final String CSV = "1,2,3\n4,5,6\n";

  @TempDir private Path folder;

  @BeforeEach
  void files() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.createDirectories(data.resolve("inner"));
    Files.writeString(data.resolve("a.csv"), CSV);
    Files.writeString(data.resolve("inner/b.csv"), CSV);
    Files.createSymbolicLink(data.resolve("inner/c.csv"), Path.of("../a.csv"));
    Path outside = Files.createDirectories(folder.resolve("outside/deep"));
    Files.writeString(folder.resolve("a.csv"), CSV);
    Files.writeString(outside.resolve("secret.csv"), CSV);
    Files.createSymbolicLink(data.resolve("link.csv"), outside.resolve("secret.csv"));
    Files.createSymbolicLink(data.resolve("away"), outside);
  }

  @Test
  void filesBesideTheModel_mustLieInside() {
    String recipe = train("a.csv") + "release: { files: [%s] }\n";
    assertThatCode(() -> require(recipe.formatted("inner/b.csv"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> require(recipe.formatted("../a.csv")))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.DATA_OUTSIDE));
  }

  @Test
  void folderOfABase_mayHaveNoLinkThatLeadsOut() throws IOException {
    Path base = Files.createDirectories(folder.resolve("data/base"));
    String recipe =
        """
        model: demo/m
        task: language_model
        base: base
        data: { format: conversations, train: a.jsonl, length: 8 }
        optimizer: { kind: adam }
        epochs: 1
        """;
    Files.writeString(base.resolve("model.onnx"), "");
    assertThatCode(() -> require(recipe)).doesNotThrowAnyException();
    Files.createSymbolicLink(base.resolve("LICENSE"), folder.resolve("outside/deep/secret.csv"));
    assertOutside(() -> require(recipe));
    assertOutside(() -> require(recipe.replace("base: base", "base: ../outside")));
    assertOutside(() -> require(recipe.replace("a.jsonl", "../a.csv")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.csv", "inner/b.csv", "inner/c.csv", "inner/../a.csv", "missing.csv"})
  void filesInside_areAccepted(String file) {
    assertThatCode(() -> require(train(file))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../a.csv",
        "../../a.csv",
        "inner/../../a.csv",
        "link.csv",
        "away/secret.csv",
        "away/missing.csv",
        // Follows the link first, so that it is outside/secret.csv, not data/a.csv.
        "away/../a.csv",
        "../data-beside/a.csv",
        "/etc/passwd"
      })
  void filesOutside_areRefused(String file) {
    assertOutside(() -> require(train(file)));
    assertOutside(() -> require(watched(file)));
    assertOutside(
        () ->
            require(
                """
                model: demo/m
                task: regression
                data: { format: csv, train: a.csv, label: last }
                base: %s
                optimizer: { kind: sgd, learning_rate: 0.01 }
                epochs: 1
                """
                    .formatted(file)));
  }

  @Test
  void linksInsideAnImageFolder_areRefusedIfTheyLeadOut() throws IOException {
    Path images = Files.createDirectories(root().resolve("images"));
    Path ones = Files.createDirectories(images.resolve("one"));
    Files.writeString(ones.resolve("a.png"), "a");
    Files.createSymbolicLink(ones.resolve("b.png"), Path.of("a.png"));
    assertThatCode(() -> require(images())).doesNotThrowAnyException();
    Path file = Files.createSymbolicLink(ones.resolve("c.png"), folder.resolve("a.csv"));
    assertOutside(() -> require(images()));
    Files.delete(file);
    Files.createSymbolicLink(images.resolve("two"), folder.resolve("outside"));
    assertOutside(() -> require(images()));
  }

  /** The tokenizer beside a base is read, too, and published. */
  @Test
  void linksBesideABase_areRefusedIfTheyLeadOut() throws IOException {
    Files.writeString(root().resolve("base.onnx"), "a");
    Files.writeString(root().resolve("tokenizer.json"), "{}");
    String recipe =
        """
        model: demo/qa
        task: question_answering
        data: { format: questions, train: a.csv, length: 64 }
        base: base.onnx
        optimizer: { kind: adam }
        epochs: 1
        """;
    assertThatCode(() -> require(recipe)).doesNotThrowAnyException();
    Path link = root().resolve("config.json");
    Files.createSymbolicLink(link, folder.resolve("outside/deep/secret.csv").toAbsolutePath());
    assertOutside(() -> require(recipe));
    assertOutside(() -> require(recipe.replace("base.onnx", ".")));
    Files.delete(link);
    assertThatCode(() -> require(recipe)).doesNotThrowAnyException();
    assertOutside(() -> require(recipe.replace("a.csv", "../a.csv")));
  }

  @Test
  void linkThatChangesWhileTheJobWaits_isRefusedWhenItBegins() throws IOException {
    String recipe = train("inner/b.csv");
    require(recipe);
    Files.delete(root().resolve("inner/b.csv"));
    Files.createSymbolicLink(root().resolve("inner/b.csv"), folder.resolve("a.csv"));
    Registry registry = Registry.open(folder.resolve("registry"));
    TrainingWork work =
        new TrainingWork(registry, new TrainingRelease(registry, InstantSource.system()));
    RecipeSource source = new RecipeSource(recipe, root()).confined();
    assertOutside(() -> work.run(new Context(source, folder.resolve("run"))));
  }

  private void require(String yaml) {
    DataRoot root = new DataRoot(root());
    root.require(Recipe.parse(yaml, "recipe", root.path()));
  }

  private Path root() {
    return Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath()).resolve("data");
  }

  private static String train(String file) {
    return """
    model: demo/m
    task: regression
    data: { format: csv, train: %s, label: last }
    architecture: { kind: linear }
    optimizer: { kind: sgd, learning_rate: 0.01 }
    epochs: 1
    """
        .formatted(file);
  }

  private static String watched(String file) {
    return train("a.csv").replace("label: last", "validation_file: " + file);
  }

  private static String images() {
    return """
    model: demo/m
    task: classification
    data: { format: images, train: images, shape: [1, 8, 8] }
    architecture: { kind: linear }
    optimizer: { kind: sgd, learning_rate: 0.01 }
    epochs: 1
    """;
  }

  private static void assertOutside(ThrowingCallable code) {
    assertThatThrownBy(code)
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.DATA_OUTSIDE));
  }

  private record Context(RecipeSource recipe, Path runDirectory) implements JobContext {
    @Override
    public String id() {
      return "job-1";
    }

    @Override
    public CancelToken cancel() {
      return new CancelToken();
    }

    @Override
    public void progress(JobProgress progress) {}

    @Override
    public void log(String line) {}
  }
}
