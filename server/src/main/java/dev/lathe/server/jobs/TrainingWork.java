package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.JobProgress;
import dev.lathe.server.JobResult;
import dev.lathe.server.RecipeSource;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What a training job does: learn, release, deploy. */
public final class TrainingWork implements JobWork {
  private static final int SHOWN_LINES = 12;

  private final Registry registry;
  private final TrainingRelease release;

  /**
   * Work whose results go into a registry.
   *
   * @param registry where versions are released
   * @param release turns a result into a version
   */
  public TrainingWork(Registry registry, TrainingRelease release) {
    this.registry = registry;
    this.release = release;
  }

  @Override
  public JobResult run(JobContext context) {
    RecipeSource source = context.recipe();
    Recipe recipe = Recipe.parse(source.yaml(), "recipe.yaml", source.baseDirectory());
    ModelName model = ModelName.parse(recipe.model());
    // A process may have died between the release and the note that the job is done.
    Optional<VersionInfo> released = release.find(model, context.id());
    VersionInfo version = released.orElseGet(() -> trained(recipe, model, context));
    context.log("released " + model + "@" + version.version());
    if (!recipe.deploy().isEmpty()) {
      registry.deploy(model, version.version(), recipe.deploy());
      context.log("deployed " + version.version() + " to " + recipe.deploy());
    }
    Map<String, Double> metrics = version.metadata().lineage().metrics();
    return new JobResult(version.version(), recipe.deploy(), metrics);
  }

  private VersionInfo trained(Recipe recipe, ModelName model, JobContext context) {
    if (context.recipe().isConfined()) {
      // Links may have changed while the job waited.
      new DataRoot(context.recipe().baseDirectory()).require(recipe);
    }
    TrainingRun run = begunOrNew(recipe, context);
    TrainingResult result = run.run(new Teller(context), context.cancel());
    String sample = result.files().getOrDefault(TrainingResult.SAMPLE, "");
    sample.lines().limit(SHOWN_LINES).forEach(line -> context.log("| " + line));
    context.log("trained " + result.steps() + " steps; checking the exported model");
    return release.publish(model, result, context.runDirectory(), context.id());
  }

  private TrainingRun begunOrNew(Recipe recipe, JobContext context) {
    Path run = context.runDirectory();
    Optional<ArchitectureRecipe.Base> base = TrainingBase.of(recipe, registry, run);
    try {
      return base.map(found -> TrainingRun.resume(run, found, context.cancel()))
          .orElseGet(() -> TrainingRun.resume(run, context.cancel()));
    } catch (LatheException e) {
      if (e.code() != TrainError.RUN_NOT_FOUND) {
        throw e;
      }
      return TrainingRun.start(base.map(recipe::withBase).orElse(recipe), run, context.cancel());
    }
  }

  private record Teller(JobContext context) implements TrainingListener {
    @Override
    public void progress(TrainingProgress now) {
      context.progress(
          new JobProgress(
              now.epoch(),
              now.epochs(),
              now.step(),
              now.steps(),
              now.loss(),
              now.metrics(),
              now.pace().examplesPerSecond(),
              Optional.of(now.pace().remaining().toMillis() / 1000.0)));
    }

    @Override
    public void warning(String message) {
      context.log("warning: " + message);
    }
  }
}
