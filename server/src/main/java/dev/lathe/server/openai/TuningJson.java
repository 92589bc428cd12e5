package dev.lathe.server.openai;

import dev.lathe.ir.ErrorKind;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobProgress;
import dev.lathe.server.JobState;
import dev.lathe.server.jobs.JobLog;
import dev.lathe.server.tuning.Tuning;
import dev.lathe.server.tuning.Tunings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Fine-tuning jobs, their events and checkpoints as OpenAI's API tells them. */
final class TuningJson {
  static final String PREFIX = "ftjob-";

  /** Measured on this server, and what the API calls it. */
  private static final Map<String, String> METRICS =
      Map.of(
          "train_loss", "train_loss",
          "validation_loss", "full_valid_loss",
          "validation_accuracy", "full_valid_mean_token_accuracy");

  private TuningJson() {}

  static String id(JobInfo job) {
    return PREFIX + job.id();
  }

  static ObjectNode job(Tunings.Entry entry) {
    Tuning tuning = entry.tuning();
    JobInfo job = entry.job();
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("object", "fine_tuning.job").put("id", id(job)).put("model", tuning.model());
    node.put("created_at", job.created().getEpochSecond());
    if (job.finished().isPresent() && job.state() != JobState.INTERRUPTED) {
      node.put("finished_at", job.finished().get().getEpochSecond());
    } else {
      node.putNull("finished_at");
    }
    optional(node, "fine_tuned_model", made(job));
    node.put("organization_id", job.model().substring(0, job.model().indexOf('/')));
    node.put("status", status(job.state())).put("training_file", tuning.trainingFile());
    optional(node, "validation_file", tuning.validationFile());
    node.putArray("result_files");
    node.putNull("trained_tokens").putNull("estimated_finish");
    node.put("seed", tuning.seed());
    optional(node, "user_provided_suffix", tuning.suffix());
    node.set("hyperparameters", settings(tuning));
    ObjectNode method = node.putObject("method").put("type", "supervised");
    method.putObject("supervised").set("hyperparameters", settings(tuning));
    node.putArray("integrations");
    ObjectNode metadata = node.putObject("metadata");
    tuning.metadata().forEach(metadata::put);
    error(node, job);
    return node;
  }

  private static void error(ObjectNode node, JobInfo job) {
    if (job.state() != JobState.FAILED || job.error().isEmpty()) {
      node.putNull("error");
      return;
    }
    boolean callers = job.errorKind().filter(ErrorKind.INVALID::equals).isPresent();
    ObjectNode error = node.putObject("error");
    error.put("code", callers ? "invalid_training_file" : "server_error");
    error.put("message", job.error().get());
    optional(error, "param", callers ? Optional.of("training_file") : Optional.empty());
  }

  private static void optional(ObjectNode node, String name, Optional<String> text) {
    if (text.isPresent()) {
      node.put(name, text.get());
    } else {
      node.putNull(name);
    }
  }

  private static ObjectNode settings(Tuning tuning) {
    Tuning.Settings settings = tuning.settings();
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("n_epochs", settings.epochs()).put("batch_size", settings.batch());
    return node.put("learning_rate_multiplier", settings.rate());
  }

  private static String status(JobState state) {
    return state == JobState.INTERRUPTED ? "paused" : state.name().toLowerCase(Locale.ROOT);
  }

  private static Optional<String> made(JobInfo job) {
    return job.version().map(version -> job.model() + "@" + version);
  }

  /** An event at its place, so that it has a name that stays. */
  record Event(String id, JobLog.Line line) {}

  static List<Event> events(JobInfo job, List<JobLog.Line> lines) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      events.add(new Event("ftevent-" + job.id() + "-" + i, lines.get(i)));
    }
    return events;
  }

  static ObjectNode event(JobInfo job, Event event) {
    JobLog.Line line = event.line();
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("object", "fine_tuning.job.event").put("id", event.id());
    node.put("created_at", line.at().getEpochSecond());
    Optional<JobState> state = line.state().map(JobState::valueOf);
    boolean failed = state.equals(Optional.of(JobState.FAILED));
    boolean warns = line.message().startsWith("warning: ");
    node.put("level", failed ? "error" : warns ? "warn" : "info");
    node.put("message", message(job, line, state));
    node.put("type", line.progress().isPresent() ? "metrics" : "message");
    ObjectNode data = node.putObject("data");
    line.progress()
        .ifPresent(
            progress -> {
              metrics(data, progress.step(), progress.metrics());
              data.put("total_steps", progress.steps());
            });
    return node;
  }

  private static String message(JobInfo job, JobLog.Line line, Optional<JobState> state) {
    if (state.isPresent()) {
      return switch (state.get()) {
        case QUEUED -> "Files validated, job " + id(job) + " is queued";
        case RUNNING -> "Fine-tuning job started";
        case SUCCEEDED -> "The job has successfully completed";
        case FAILED -> "The job failed: " + line.message();
        case CANCELLED -> "Fine-tuning job cancelled";
        case INTERRUPTED -> "Fine-tuning job paused: the server went away";
      };
    }
    if (line.progress().isPresent()) {
      JobProgress progress = line.progress().get();
      String text =
          String.format(
              Locale.ROOT,
              "Step %d/%d: training loss=%.4f",
              progress.step(),
              progress.steps(),
              progress.loss());
      Double held = progress.metrics().get("validation_loss");
      return held == null
          ? text
          : text + String.format(Locale.ROOT, ", full validation loss=%.4f", held);
    }
    return line.message().startsWith("released ")
        ? "New fine-tuned model created: " + line.message().substring("released ".length())
        : line.message();
  }

  private static void metrics(ObjectNode node, long step, Map<String, Double> measured) {
    node.put("step", step);
    METRICS.forEach(
        (ours, theirs) -> {
          Double value = measured.get(ours);
          if (value != null) {
            node.put(theirs, value);
          }
        });
  }

  /** The only one that is kept is the result. */
  static List<ObjectNode> checkpoints(JobInfo job) {
    Optional<String> made = made(job);
    if (made.isEmpty()) {
      return List.of();
    }
    long step = job.progress().map(JobProgress::step).orElse(0L);
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("object", "fine_tuning.job.checkpoint").put("id", "ftckpt-" + job.id());
    node.put("created_at", job.finished().orElse(job.created()).getEpochSecond());
    node.put("fine_tuned_model_checkpoint", made.get());
    node.put("fine_tuning_job_id", id(job)).put("step_number", step);
    metrics(node.putObject("metrics"), step, job.metrics());
    return List.of(node);
  }
}
