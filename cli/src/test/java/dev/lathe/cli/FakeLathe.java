package dev.lathe.cli;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.DeploymentWish;
import dev.lathe.server.ExplainRequest;
import dev.lathe.server.Explained;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobProgress;
import dev.lathe.server.JobState;
import dev.lathe.server.Keys;
import dev.lathe.server.Lathe;
import dev.lathe.server.ModelInfo;
import dev.lathe.server.Prediction;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.Rollouts;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.server.Texts;
import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionSummary;
import dev.lathe.train.Evaluation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Verbs with known answers that remember what they were asked. */
final class FakeLathe implements Lathe {
  static final Instant NOW = Instant.parse("2030-05-01T12:00:00Z");

  final List<String> asked = new ArrayList<>();
  final FakeKeys keys = new FakeKeys(asked);
  final FakeRollouts rollouts = new FakeRollouts(asked);
  boolean broken;
  JobState outcome = JobState.SUCCEEDED;
  Optional<ErrorKind> errorKind = Optional.empty();
  boolean advanced;
  List<ModelInfo> models =
      List.of(new ModelInfo("demo/digits", 2, Optional.of("v2"), Map.of("prod", "v1")));

  @Override
  public JobInfo train(RecipeSource recipe, JobListener listener) {
    asked.add("train " + recipe.yaml());
    return work(listener);
  }

  @Override
  public JobInfo resume(String jobId, JobListener listener) {
    asked.add("resume " + jobId);
    return work(listener);
  }

  private JobInfo work(JobListener listener) {
    listener.accepted(job(JobState.QUEUED));
    for (int step = 1; step <= 4; step++) {
      Map<String, Double> metrics = Map.of("validation_accuracy", step < 3 ? 0.5 : 0.9);
      listener.progress(
          new JobProgress(
              step < 3 ? 1 : 2, 2, step, 4, 1.0 / step, metrics, 1234, Optional.empty()));
    }
    return job(outcome);
  }

  @Override
  public Texts texts() {
    return new FakeTexts(asked);
  }

  @Override
  public Keys keys() {
    return keys;
  }

  @Override
  public JobInfo cancel(String jobId) {
    asked.add("cancel " + jobId);
    return job(JobState.CANCELLED);
  }

  @Override
  public List<JobInfo> jobs() {
    return List.of(job(outcome));
  }

  @Override
  public JobInfo job(String jobId) {
    return job(outcome);
  }

  @Override
  public List<ModelInfo> models() {
    if (broken) {
      throw new IllegalStateException("broken on purpose");
    }
    return models;
  }

  @Override
  public List<VersionSummary> log(String model) {
    if (!model.equals("demo/digits")) {
      throw new LatheException(ServerError.NOT_FOUND, "model " + model + ": unknown");
    }
    return List.of(
        new VersionSummary(
            model,
            "v2",
            "b".repeat(40),
            NOW.minusSeconds(90),
            "Better\u001b[31m\nand more",
            Map.of("test_accuracy", 0.9875),
            List.of("staging")),
        new VersionSummary(
            model,
            "v1",
            "a".repeat(40),
            NOW.minusSeconds(7200),
            "First",
            Map.of("test_accuracy", 0.97),
            List.of("prod")));
  }

  @Override
  public VersionDetails show(String model, String version) {
    asked.add("show " + model + " " + version);
    return new VersionDetails(
        model,
        version.equals("latest") ? "v2" : version,
        "b".repeat(40),
        NOW.minusSeconds(90),
        "Better",
        "classification",
        List.of("no", "yes"),
        List.of(new VersionDetails.Port("x", "FP32", List.of(-1L, 1L, 2L, 2L))),
        List.of(new VersionDetails.Port("probabilities", "FP32", List.of(-1L, 2L))),
        new VersionDetails.Origin(
            "train", List.of(), Optional.of("recipe.yaml"), List.of(), Map.of(), 42, "lathe"),
        List.of(new VersionDetails.FileEntry("model.onnx", 2048, "lfs", "c".repeat(64))),
        List.of("staging"),
        List.of(
            new Evaluation(
                "test",
                List.of(
                    new Evaluation.ClassScore("no", 0.75, 0.6, 2 / 3.0, 5),
                    new Evaluation.ClassScore("yes", 0.5, 2 / 3.0, 0.5714, 3)),
                List.of(List.of(3L, 2L), List.of(1L, 2L)))));
  }

  @Override
  public VersionDetails importModel(String model, String source, String message) {
    asked.add("import " + model + " " + source + " " + message);
    return show(model, "v1");
  }

  @Override
  public VersionDetails importAdapter(String model, String base, String source, String message) {
    if (base.isEmpty()) {
      return importModel(model, source, message);
    }
    asked.add("import " + model + " of " + base + " " + source + " " + message);
    return show(model, "v1");
  }

  @Override
  public VersionDetails release(String model, Path source, String message) {
    asked.add("release " + model + " " + source + " " + message);
    return show(model, "v2");
  }

  @Override
  public DeploymentInfo deploy(String model, String version, String environment) {
    return rollouts.change(model, DeploymentWish.live(version, environment));
  }

  @Override
  public Rollouts rollouts() {
    return rollouts;
  }

  @Override
  public List<DeploymentInfo> deployments(String model) {
    return List.of(
        new DeploymentInfo(
            model,
            "prod",
            "v1",
            "d".repeat(40),
            NOW.minusSeconds(5),
            Optional.empty(),
            Optional.of("v2")));
  }

  @Override
  public Prediction predict(String model, String version, Map<String, Tensor> inputs) {
    asked.add("predict " + model + " " + version + " " + inputs.get("x"));
    Map<String, Tensor> outputs =
        Map.of(
            "probabilities",
            Tensor.ofFloats(new float[] {0.25f, 0.75f}, 1, 2),
            "label",
            Tensor.ofLongs(new long[] {1}, 1));
    return new Prediction(model, version, outputs, List.of("no", "yes"));
  }

  @Override
  public TextReply speak(
      String model, String version, TextQuestion question, Consumer<String> listener) {
    asked.add("speak " + model + " " + version + " " + question);
    if (question.prompt().equals("refuse") || question.turns().size() > 5) {
      throw new LatheException(ServerError.BAD_REQUEST, "prompt: too long");
    }
    List.of(" an", " answer").forEach(listener);
    return new TextReply(model, "v1", " an answer", "stop", 3, 1, 2);
  }

  @Override
  public Explained explain(String model, ExplainRequest request) {
    asked.add("explain " + model + " " + request.version().orElse("") + " " + request.inputs());
    Tensor attributions = Tensor.ofFloats(new float[] {0.5f, -0.25f}, 2);
    Explained.Row row = new Explained.Row(1, Optional.of("yes"), 0.75, 0.5, 0, attributions);
    return new Explained(
        model, request.version().orElse(""), "x", "probabilities", "occlusion", List.of(row));
  }

  @Override
  public void checkout(String model, String version, Path directory) {
    asked.add("checkout " + model + " " + version + " " + directory);
  }

  @Override
  public void close() {
    asked.add("close");
  }

  private JobInfo job(JobState state) {
    boolean good = state == JobState.SUCCEEDED;
    return new JobInfo(
        "job-1",
        "demo/digits",
        state,
        NOW.minusSeconds(60),
        Optional.of(NOW.minusSeconds(59)),
        Optional.of(NOW.minusSeconds(9)),
        advanced
            ? Optional.of(new JobProgress(1, 2, 3, 4, 0.5, Map.of(), 1234, Optional.empty()))
            : Optional.empty(),
        good ? Optional.of("v2") : Optional.empty(),
        Optional.empty(),
        good ? Map.of("test_accuracy", 0.9875) : Map.of(),
        state == JobState.FAILED ? Optional.of("loss is NaN at step 7") : Optional.empty(),
        errorKind);
  }
}
