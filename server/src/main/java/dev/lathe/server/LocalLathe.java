package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Deployment;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.access.KeyStore;
import dev.lathe.server.jobs.JobEvent;
import dev.lathe.server.jobs.JobEvents;
import dev.lathe.server.jobs.Jobs;
import dev.lathe.server.jobs.TrainingRelease;
import dev.lathe.server.jobs.TrainingWork;
import dev.lathe.server.release.FolderRelease;
import dev.lathe.server.release.Packed;
import dev.lathe.server.tasks.TextTasks;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The verbs in this process, over a data directory: {@code registry/} holds the models, {@code
 * jobs/} the jobs, {@code data/} the files that recipes from outside may name.
 *
 * <p>Several processes may have one directory open.
 */
public final class LocalLathe implements Lathe {
  private static final Duration LISTEN = Duration.ofMinutes(1);

  private final Registry registry;
  private final Predictor predictor;
  private final Explaining explaining;
  private final Importing importing;
  private final TextTasks texts;
  private final Jobs jobs;
  private final Views views;
  private final TrainingRelease release;
  private final Path data;
  private final KeyStore keys;

  /** Takes over the predictor, not the registry. */
  LocalLathe(Path data, Registry registry, Predictor predictor, KeyStore keys) {
    InstantSource clock = InstantSource.system();
    this.data = data;
    this.keys = keys;
    this.registry = registry;
    this.predictor = predictor;
    this.explaining = new Explaining(registry);
    this.importing = new Importing(registry, data, System.getenv());
    this.texts = new TextTasks(registry, predictor);
    this.views = new Views(registry);
    this.release = new TrainingRelease(registry, clock);
    TrainingWork work = new TrainingWork(registry, release);
    this.jobs = new Jobs(data.resolve("jobs"), work, clock, new SecureRandom());
  }

  static LocalLathe open(Path dataDirectory) {
    Registry registry = Registry.open(dataDirectory.resolve("registry"));
    KeyStore keys = new KeyStore(dataDirectory, Clock.systemUTC());
    return new LocalLathe(dataDirectory, registry, new SessionPredictor(registry), keys);
  }

  /**
   * The jobs of this data directory.
   *
   * @return the jobs, closed with this
   */
  public Jobs work() {
    return jobs;
  }

  /**
   * The files that recipes from outside may name.
   *
   * @return the directory, which need not exist
   */
  public Path dataFolder() {
    return data.resolve("data");
  }

  /**
   * One model.
   *
   * @param model its name
   * @return the model
   */
  public ModelInfo model(String model) {
    return views.model(ModelName.parse(model));
  }

  /**
   * The real files of a version.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @return a folder to read from only
   */
  public Path files(String model, String version) {
    return registry.materialize(ModelName.parse(model), version);
  }

  /**
   * Accepts a recipe as a job and returns at once.
   *
   * @param recipe the recipe
   * @return the job, queued
   */
  public JobInfo submit(RecipeSource recipe) {
    Recipe parsed = Recipe.parse(recipe.yaml(), recipe.name(), recipe.baseDirectory());
    return jobs.submit(recipe, ModelName.parse(parsed.model()).toString());
  }

  /**
   * Trains on examples in memory, releases the result as a new version and, if the recipe says so,
   * deploys it.
   *
   * @param recipe what to do
   * @param examples what to learn from
   * @param listener hears of progress, on the caller's thread
   * @return the version
   */
  public VersionDetails train(Recipe recipe, Dataset examples, TrainingListener listener) {
    ModelName model = ModelName.parse(recipe.model());
    try (ScratchFolder scratch = ScratchFolder.below(data)) {
      TrainingRun run = TrainingRun.start(recipe, examples, scratch.path().resolve("run"));
      TrainingResult result = run.run(listener, new CancelToken());
      VersionInfo version = release.publish(model, result, scratch.path(), "");
      if (!recipe.deploy().isEmpty()) {
        registry.deploy(model, version.version(), recipe.deploy());
      }
      return views.details(version);
    }
  }

  @Override
  public JobInfo train(RecipeSource recipe, JobListener listener) {
    return follow(submit(recipe), listener);
  }

  @Override
  public JobInfo resume(String jobId, JobListener listener) {
    return follow(jobs.resume(jobId), listener);
  }

  @Override
  public TextTasks texts() {
    return texts;
  }

  @Override
  public KeyStore keys() {
    return keys;
  }

  @Override
  public JobInfo cancel(String jobId) {
    return jobs.cancel(jobId);
  }

  @Override
  public List<JobInfo> jobs() {
    return jobs.list();
  }

  @Override
  public JobInfo job(String jobId) {
    return jobs.get(jobId);
  }

  @Override
  public List<ModelInfo> models() {
    return registry.models().stream().map(views::model).toList();
  }

  @Override
  public List<VersionSummary> log(String model) {
    return views.log(ModelName.parse(model));
  }

  @Override
  public VersionDetails show(String model, String version) {
    return views.details(registry.show(ModelName.parse(model), version));
  }

  @Override
  public VersionDetails release(String model, Path source, String message) {
    ModelName name = ModelName.parse(model);
    FolderRelease folders = new FolderRelease(InstantSource.system());
    if (Files.isDirectory(source)) {
      return views.details(registry.publish(name, folders.read(source, message)));
    }
    try (ScratchFolder scratch = ScratchFolder.below(data)) {
      Path alone = Files.createDirectory(scratch.path().resolve("release"));
      Files.copy(source, alone.resolve(Release.MODEL));
      return views.details(registry.publish(name, folders.read(alone, message)));
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          source + ": cannot be read (expected: an ONNX file or a folder)",
          e);
    }
  }

  /**
   * Makes a packed folder the next version of a model.
   *
   * @param model its name
   * @param zip the folder as a ZIP file
   * @param message why the version exists; may be empty
   * @return the version
   */
  public VersionDetails release(String model, InputStream zip, String message) {
    ModelName name = ModelName.parse(model);
    try (ScratchFolder scratch = ScratchFolder.below(data)) {
      Packed.unpack(zip, scratch.path());
      FolderRelease folders = new FolderRelease(InstantSource.system());
      return views.details(registry.publish(name, folders.read(scratch.path(), message)));
    }
  }

  @Override
  public VersionDetails importModel(String model, String source, String message) {
    return importAdapter(model, "", source, message);
  }

  @Override
  public VersionDetails importAdapter(String model, String base, String source, String message) {
    Importing.Wish wish = new Importing.Wish(base, message);
    return views.details(importing.from(ModelName.parse(model), source, wish));
  }

  /**
   * Makes a packed folder of others the next version of a model.
   *
   * @param model its name
   * @param zip the folder as a ZIP file
   * @param base the model that an adapter was made for; empty for a model, or if the adapter says
   * @param message why the version exists; may be empty
   * @return the version
   */
  public VersionDetails importModel(String model, InputStream zip, String base, String message) {
    Importing.Wish wish = new Importing.Wish(base, message);
    return views.details(importing.from(ModelName.parse(model), zip, wish));
  }

  @Override
  public DeploymentInfo deploy(String model, String version, String environment) {
    return rollouts().change(model, DeploymentWish.live(version, environment));
  }

  @Override
  public Rollouts rollouts() {
    return new LocalRollouts(registry, predictor);
  }

  @Override
  public List<DeploymentInfo> deployments(String model) {
    return registry.deployments(ModelName.parse(model)).stream().map(Views::deployment).toList();
  }

  @Override
  public Prediction predict(String model, String version, Map<String, Tensor> inputs) {
    ModelName name = ModelName.parse(model);
    VersionInfo chosen = registry.show(name, version.isEmpty() ? usual(name) : version);
    Map<String, Tensor> outputs = predictor.run(name, chosen.version(), inputs);
    return new Prediction(model, chosen.version(), outputs, chosen.metadata().labels());
  }

  @Override
  public TextReply speak(
      String model, String version, TextQuestion question, Consumer<String> listener) {
    ModelName name = ModelName.parse(model);
    VersionInfo chosen = registry.show(name, version.isEmpty() ? usual(name) : version);
    return predictor.speak(name, chosen.version(), question, listener);
  }

  @Override
  public Explained explain(String model, ExplainRequest request) {
    ModelName name = ModelName.parse(model);
    return explaining.explain(
        registry.show(name, request.version().orElseGet(() -> usual(name))), request);
  }

  @Override
  public void checkout(String model, String version, Path directory) {
    registry.checkout(ModelName.parse(model), version, directory);
  }

  /** Stops running jobs with a checkpoint, then gives everything back. */
  @Override
  public void close() {
    jobs.close();
    texts.close();
    predictor.close();
  }

  private String usual(ModelName model) {
    return registry
        .deployment(model, predictor.environment())
        .map(Deployment::live)
        .orElse("latest");
  }

  private JobInfo follow(JobInfo accepted, JobListener listener) {
    listener.accepted(accepted);
    JobEvents events = jobs.events(accepted.id()).orElse(null);
    long seen = 0;
    while (events != null) {
      for (JobEvent.Numbered event : next(events, seen, accepted.id())) {
        seen = event.number();
        if (event.event() instanceof JobEvent.Done(JobInfo job)) {
          return job;
        }
        tell(listener, event.event());
      }
    }
    return jobs.get(accepted.id());
  }

  private List<JobEvent.Numbered> next(JobEvents events, long seen, String id) {
    try {
      return events.after(seen, LISTEN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      jobs.cancel(id);
      throw new LatheException(
          ServerError.GIVEN_UP, "job " + id + ": asked to stop, the caller was interrupted", e);
    }
  }

  private static void tell(JobListener listener, JobEvent event) {
    switch (event) {
      case JobEvent.Progress(JobProgress progress) -> listener.progress(progress);
      case JobEvent.Log(String line) -> listener.log(line);
      case JobEvent.State _ -> {}
      case JobEvent.Done _ -> {}
    }
  }
}
