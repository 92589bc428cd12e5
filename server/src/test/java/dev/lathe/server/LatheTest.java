package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainingListener;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The verbs, in this process and over HTTP: one contract, tried on both. */
@Timeout(60)
class LatheTest {
  /** Which implementation is asked. */
  enum Side {
    LOCAL,
    REMOTE
  }

  @TempDir private static Path data;
  @TempDir private Path scratch;
  private static LatheServer server;

  @BeforeAll
  static void start() throws Exception {
    Files.createDirectories(data.resolve("data"));
    Files.writeString(data.resolve("data/line.csv"), csv(64));
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void wholeWay_fromRecipeToPrediction(Side side) throws Exception {
    String model = "demo/way-" + side.name().toLowerCase(Locale.ROOT);
    try (Lathe lathe = open(side)) {
      Recorder heard = new Recorder();
      JobInfo job = lathe.train(source(model, 30, ""), heard);
      assertThat(job.state()).as(job.toString()).isEqualTo(JobState.SUCCEEDED);
      assertThat(job.version()).contains("v1");
      assertThat(job.environment()).contains("prod");
      assertThat(heard.accepted.get().id()).isEqualTo(job.id());
      assertThat(heard.progress).isNotEmpty();
      assertThat(heard.progress.getLast().step()).isEqualTo(heard.progress.getLast().steps());
      assertThat(heard.lines).anyMatch(line -> line.contains("released " + model + "@v1"));

      assertThat(lathe.models()).extracting(ModelInfo::name).contains(model);
      assertThat(lathe.log(model)).extracting(VersionSummary::version).containsExactly("v1");
      VersionDetails version = lathe.show(model, "prod");
      assertThat(version.task()).isEqualTo("regression");
      assertThat(version.origin().recipe()).contains("recipe.yaml");
      assertThat(version.origin().data()).isNotEmpty();
      assertThat(version.message()).contains("Lathe-Job: " + job.id());
      assertThat(lathe.deployments(model)).hasSize(1);
      assertThat(lathe.deploy(model, "v1", "staging").environment()).isEqualTo("staging");

      Tensor x = Tensor.ofFloats(new float[] {1, 2}, 1, 2);
      Prediction answer = lathe.predict(model, "", Map.of("x", x));
      assertThat(answer.version()).isEqualTo("v1");
      assertThat(answer.outputs().get("y").toFloats()[0]).isBetween(2f, 12f);
      assertExplained(lathe, model, answer);

      Path files = scratch.resolve("files");
      lathe.checkout(model, "v1", files);
      assertThat(files.resolve("model.onnx")).exists();
      assertThat(files.resolve("lathe.yaml")).content().contains("regression");
      assertThatThrownBy(() -> lathe.checkout(model, "v1", files))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
    }
  }

  /** The model is a straight line, so that the attributions add up to its answer. */
  private static void assertExplained(Lathe lathe, String model, Prediction answer) {
    Tensor x = Tensor.ofFloats(new float[] {1, 2}, 1, 2);
    Explained explained = lathe.explain(model, ExplainRequest.of("", Map.of("x", x)));
    Explained.Row row = explained.rows().getFirst();
    assertThat(row.score()).isCloseTo(answer.outputs().get("y").doubleAt(0), within(1e-5));
    assertThat(row.attributions().dims()).containsExactly(2);
    assertThat(row.gap()).isCloseTo(0, within(1e-4));
    assertThat(row.attributions().doubleAt(0) + row.attributions().doubleAt(1))
        .isCloseTo(row.score() - row.baselineScore(), within(1e-4));
  }

  @Test
  void bothSides_sayTheSameInJson() {
    String model = "demo/same";
    try (Lathe local = open(Side.LOCAL);
        Lathe remote = open(Side.REMOTE)) {
      JobInfo job = local.train(source(model, 2, ""), JobListener.SILENT);
      assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
      Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[] {0.1f, 0.7f}, 1, 2));
      assertSame(local.models(), remote.models());
      assertSame(local.log(model), remote.log(model));
      assertSame(local.show(model, "v1"), remote.show(model, "v1"));
      assertSame(local.deployments(model), remote.deployments(model));
      assertSame(local.jobs(), remote.jobs());
      assertSame(local.job(job.id()), remote.job(job.id()));
      assertSame(local.predict(model, "v1", inputs), remote.predict(model, "v1", inputs));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancelledJob_isResumedToTheSameModel(Side side) {
    String model = "demo/again-" + side.name().toLowerCase(Locale.ROOT);
    try (Lathe lathe = open(side)) {
      JobInfo whole = lathe.train(source(model, 200, ""), JobListener.SILENT);
      JobListener stopping =
          new JobListener() {
            private String id = "";

            @Override
            public void accepted(JobInfo job) {
              id = job.id();
            }

            @Override
            public void progress(JobProgress progress) {
              lathe.cancel(id);
            }
          };
      JobInfo stopped = lathe.train(source(model, 200, ""), stopping);
      if (stopped.state() == JobState.CANCELLED) {
        stopped = lathe.resume(stopped.id(), JobListener.SILENT);
      }
      assertThat(stopped.state()).isEqualTo(JobState.SUCCEEDED);
      assertThat(file(lathe, model, stopped)).isEqualTo(file(lathe, model, whole));
    }
  }

  @ParameterizedTest
  @EnumSource
  void errors_haveTheSameKinds(Side side) {
    try (Lathe lathe = open(side)) {
      assertKind(ErrorKind.NOT_FOUND, () -> lathe.log("demo/none"));
      assertKind(ErrorKind.INVALID, () -> lathe.log("none"));
      assertKind(ErrorKind.NOT_FOUND, () -> lathe.job("none"));
      assertKind(ErrorKind.INVALID, () -> lathe.train(bad(), JobListener.SILENT));
      assertKind(ErrorKind.NOT_FOUND, () -> lathe.predict("demo/none", "", Map.of()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void damagedVersion_isNeitherRunNorDeployed_andTheMessageSaysWhichFile(Side side)
      throws Exception {
    String model = "demo/damaged-" + side.name().toLowerCase(Locale.ROOT);
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, model, Models.adding(1));
      Models.publish(registry, model, Models.adding(side.ordinal() + 2));
      damage(registry.show(ModelName.parse(model), "v2"));
    }
    try (Lathe lathe = open(side)) {
      lathe.deploy(model, "v1", "prod");
      Map<String, Tensor> x = Map.of("x", Tensor.ofFloats(new float[] {1, 2}, 1, 2));
      for (Runnable use :
          List.<Runnable>of(
              () -> lathe.predict(model, "v2", x), () -> lathe.deploy(model, "v2", "prod"))) {
        assertThatThrownBy(use::run)
            .hasMessageContainingAll(model + "@v2", "model.onnx", "SHA-256", "expected: ")
            .isInstanceOfSatisfying(
                LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
      }
      assertThat(lathe.deployments(model))
          .extracting(DeploymentInfo::version)
          .containsExactly("v1");
      assertThat(lathe.predict(model, "", x).outputs().get("y").toFloats()).containsExactly(2, 3);
    }
  }

  /** Flips one bit in the middle of a version's graph, where it is stored. */
  private static void damage(VersionInfo version) throws Exception {
    String hex =
        version.files().stream()
            .filter(file -> file.path().equals("model.onnx"))
            .findFirst()
            .orElseThrow()
            .digest();
    Path blob =
        data.resolve("registry/blobs/" + hex.substring(0, 2) + "/" + hex.substring(2, 4))
            .resolve(hex);
    blob.toFile().setWritable(true);
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length / 2] ^= 1;
    Files.write(blob, bytes);
  }

  @Test
  void failedTraining_isAFailedJobWithItsReason() {
    try (Lathe lathe = open(Side.LOCAL)) {
      String yaml = source("demo/fails", 1, "").yaml().replace("line.csv", "missing.csv");
      JobInfo job = lathe.train(new RecipeSource(yaml, data.resolve("data")), JobListener.SILENT);
      assertThat(job.state()).isEqualTo(JobState.FAILED);
      assertThat(job.error().orElseThrow()).contains("missing.csv");
      assertThat(job.errorKind()).contains(ErrorKind.NOT_FOUND);
      assertKind(ErrorKind.NOT_FOUND, () -> lathe.log("demo/fails"));
    }
  }

  @Test
  void releasedJobThatDiedBeforeItsNote_isNotReleasedTwice() throws Exception {
    try (Lathe lathe = open(Side.LOCAL)) {
      JobInfo job = lathe.train(source("demo/once", 1, ""), JobListener.SILENT);
      Path state = data.resolve("jobs").resolve(job.id()).resolve("job.json");
      Files.writeString(state, Files.readString(state).replace("\"succeeded\"", "\"running\""));
      assertThat(lathe.job(job.id()).state()).isEqualTo(JobState.INTERRUPTED);
      JobInfo again = lathe.resume(job.id(), JobListener.SILENT);
      assertThat(again.state()).isEqualTo(JobState.SUCCEEDED);
      assertThat(again.version()).contains("v1");
      assertThat(lathe.log("demo/once")).hasSize(1);
    }
  }

  @Test
  void examplesInMemory_becomeAVersion() {
    SplittableRandom random = new SplittableRandom(3);
    float[] x = new float[40];
    float[] y = new float[20];
    for (int i = 0; i < 20; i++) {
      x[2 * i] = (float) random.nextDouble();
      x[2 * i + 1] = (float) random.nextDouble();
      y[i] = 3 * x[2 * i] + 2 * x[2 * i + 1] + 1;
    }
    Dataset examples = Dataset.of(Tensor.ofFloats(x, 20, 2), Tensor.ofFloats(y, 20, 1));
    Recipe recipe = Recipe.of("demo/memory", Task.REGRESSION, new ArchitectureRecipe.Linear());
    try (LocalLathe lathe = Lathe.open(data)) {
      VersionDetails version = lathe.train(recipe, examples, TrainingListener.SILENT);
      assertThat(version.version()).isEqualTo("v1");
      Prediction answer =
          lathe.predict(
              "demo/memory", "v1", Map.of("x", Tensor.ofFloats(new float[] {1, 1}, 1, 2)));
      assertThat(answer.outputs().get("y").size()).isEqualTo(1);
    }
    assertThat(data.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void silentServer_isUnreachable() {
    try (Lathe lathe = Lathe.connect(URI.create("http://127.0.0.1:1"))) {
      assertKind(ErrorKind.UNAVAILABLE, lathe::models);
    }
    assertKind(ErrorKind.INVALID, () -> Lathe.connect(URI.create("ftp://127.0.0.1:8080")));
    assertKind(ErrorKind.INVALID, () -> Lathe.connect(URI.create("localhost:8080")));
  }

  private static Lathe open(Side side) {
    return switch (side) {
      case LOCAL -> Lathe.open(data);
      case REMOTE -> Lathe.connect(server.address());
    };
  }

  private static RecipeSource source(String model, int epochs, String more) {
    String yaml =
        """
        model: %s
        task: regression
        seed: 5
        data: { format: csv, train: line.csv, label: last, validation: 0.25 }
        architecture: { kind: linear }
        optimizer: { kind: adam, learning_rate: 0.05 }
        epochs: %d
        batch: 8
        checkpoint: { every: 10 }
        deploy: prod
        %s
        """
            .formatted(model, epochs, more);
    return new RecipeSource(yaml, data.resolve("data"));
  }

  @ParameterizedTest
  @EnumSource
  void wrongRecipeFile_isNamedInTheError(Side side) throws Exception {
    Path file = Files.writeString(scratch.resolve("digits.yaml"), bad().yaml());
    try (Lathe lathe = open(side)) {
      assertThatThrownBy(() -> lathe.train(RecipeSource.read(file), JobListener.SILENT))
          .isInstanceOf(LatheException.class)
          .hasMessageStartingWith(file + ":2:1: ");
      assertThatThrownBy(() -> lathe.train(bad(), JobListener.SILENT))
          .hasMessageStartingWith("recipe:2:1: ");
    }
  }

  @Test
  void absentServer_isToldInWords() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String address = "http://127.0.0.1:" + port;
    try (Lathe lathe = Lathe.connect(URI.create(address))) {
      assertThatThrownBy(lathe::models)
          .isInstanceOf(LatheException.class)
          .hasMessage("no server answers at " + address + " (connection refused)");
    }
    try (Lathe lathe = Lathe.connect(URI.create("http://lathe.invalid"))) {
      assertThatThrownBy(lathe::models)
          .hasMessage("no server answers at http://lathe.invalid (unknown host)");
    }
  }

  private static RecipeSource bad() {
    return new RecipeSource("model: demo/m\nepoch: 3\n", data.resolve("data"));
  }

  private static String csv(int rows) {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      double a = random.nextDouble();
      double b = random.nextDouble();
      text.append(a).append(',').append(b).append(',').append(3 * a + 2 * b + 1).append('\n');
    }
    return text.toString();
  }

  private static String file(Lathe lathe, String model, JobInfo job) {
    return lathe.show(model, job.version().orElseThrow()).files().stream()
        .filter(file -> file.path().equals("model.onnx"))
        .findFirst()
        .orElseThrow()
        .digest();
  }

  private static void assertSame(Object local, Object remote) {
    assertThat(ApiJson.print(remote)).isEqualTo(ApiJson.print(local));
  }

  private static void assertKind(ErrorKind kind, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  private static final class Recorder implements JobListener {
    private final AtomicReference<JobInfo> accepted = new AtomicReference<>();
    private final List<JobProgress> progress = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    @Override
    public void accepted(JobInfo job) {
      accepted.set(job);
    }

    @Override
    public void progress(JobProgress now) {
      progress.add(now);
    }

    @Override
    public void log(String line) {
      lines.add(line);
    }
  }
}
