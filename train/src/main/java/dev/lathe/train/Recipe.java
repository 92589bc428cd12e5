package dev.lathe.train;

import dev.lathe.train.metric.Metric;
import dev.lathe.train.recipe.RecipeSchema;
import dev.lathe.train.recipe.RecipeText;
import dev.lathe.train.recipe.RecipeWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * What to learn, from what, and how: everything that decides the weights, and where they go.
 *
 * <p>Made from YAML by {@link #read} or {@link #parse}, or in Java from {@link #of} and the {@code
 * with} methods.
 *
 * @param model name of the model to release, {@code namespace/name}
 * @param task what the model is asked
 * @param seed what everything random comes from
 * @param data where examples come from
 * @param architecture the network
 * @param loss what is made small
 * @param optimizer how a gradient becomes a new weight
 * @param schedule how the learning rate changes
 * @param update what is done with gradients around the optimizer
 * @param lora adapters that are trained in place of the weights
 * @param wiring how columns meet a base of several inputs or outputs
 * @param epochs how often each example is seen; 0 leaves it to the steps
 * @param steps when to end, if not with the epochs before; 0 leaves it to the epochs
 * @param batch examples per step
 * @param metrics names of what is measured beside the loss
 * @param written texts of the validation part that metrics such as {@code bleu} look at
 * @param earlyStop when to stop before the last epoch
 * @param checkpointEvery steps between checkpoints
 * @param release the release's commit message, and what lies beside the model
 * @param deploy environment to deploy the release to; empty means none
 * @param source the YAML text, as written or rendered
 * @param directory where relative paths of the text start
 */
public record Recipe(
    String model,
    Task task,
    long seed,
    DataRecipe data,
    ArchitectureRecipe architecture,
    LossRecipe loss,
    OptimizerRecipe optimizer,
    Schedule schedule,
    UpdateRecipe update,
    LoraRecipe lora,
    WiringRecipe wiring,
    int epochs,
    long steps,
    int batch,
    List<String> metrics,
    int written,
    EarlyStop earlyStop,
    int checkpointEvery,
    ReleaseRecipe release,
    String deploy,
    String source,
    Path directory) {
  /** Copies the names. */
  public Recipe {
    metrics = List.copyOf(metrics);
  }

  /**
   * A recipe file. Relative paths in it start at its own folder.
   *
   * @param yaml the file
   * @return the recipe
   * @throws dev.lathe.ir.LatheException FILE_NOT_FOUND, TOO_LARGE or BAD_RECIPE with key, line and
   *     column
   */
  public static Recipe read(Path yaml) {
    Path folder = yaml.toAbsolutePath().normalize().getParent();
    return parse(RecipeText.read(yaml), yaml.toString(), folder);
  }

  /**
   * A recipe's text. Relative paths in it start at the process's folder.
   *
   * @param yaml the text
   * @param where what to call it in errors
   * @return the recipe
   * @throws dev.lathe.ir.LatheException TOO_LARGE or BAD_RECIPE with key, line and column
   */
  public static Recipe parse(String yaml, String where) {
    return parse(yaml, where, Path.of(""));
  }

  /**
   * A recipe's text.
   *
   * @param yaml the text
   * @param where what to call it in errors
   * @param directory where relative paths in it start
   * @return the recipe
   * @throws dev.lathe.ir.LatheException TOO_LARGE or BAD_RECIPE with key, line and column
   */
  public static Recipe parse(String yaml, String where, Path directory) {
    return RecipeText.parse(yaml, where, directory);
  }

  /**
   * The JSON Schema (draft 2020-12) of recipe files.
   *
   * @return the schema as JSON text
   */
  public static String jsonSchema() {
    return RecipeSchema.json();
  }

  /**
   * A recipe with usual settings: Adam at 0.001, 10 epochs, batches of 32, data in memory.
   *
   * @param model name of the model to release
   * @param task what the model is asked
   * @param architecture the network
   * @return the recipe
   */
  public static Recipe of(String model, Task task, ArchitectureRecipe architecture) {
    Recipe usual =
        new Recipe(
            model,
            task,
            1,
            new DataRecipe.InMemory(DataRecipe.Preparation.NONE),
            architecture,
            task.loss(),
            OptimizerRecipe.adam(0.001),
            Schedule.CONSTANT,
            UpdateRecipe.PLAIN,
            LoraRecipe.NONE,
            WiringRecipe.PLAIN,
            10,
            0,
            32,
            Metric.usual(task),
            Metric.WRITTEN,
            EarlyStop.NEVER,
            500,
            ReleaseRecipe.USUAL,
            "",
            "",
            Path.of(""));
    return new Parts(usual).rendered();
  }

  /**
   * This recipe with another loss.
   *
   * @param newLoss what is made small
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withLoss(LossRecipe newLoss) {
    Parts parts = new Parts(this);
    parts.loss = newLoss;
    return parts.rendered();
  }

  /**
   * This recipe with another optimizer.
   *
   * @param newOptimizer the optimizer
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withOptimizer(OptimizerRecipe newOptimizer) {
    Parts parts = new Parts(this);
    parts.optimizer = newOptimizer;
    return parts.rendered();
  }

  /**
   * This recipe with other data.
   *
   * @param newData the data
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withData(DataRecipe newData) {
    Parts parts = new Parts(this);
    parts.data = newData;
    return parts.rendered();
  }

  /**
   * This recipe with another seed.
   *
   * @param newSeed the seed
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withSeed(long newSeed) {
    Parts parts = new Parts(this);
    parts.seed = newSeed;
    return parts.rendered();
  }

  /**
   * This recipe with another schedule.
   *
   * @param newSchedule how the learning rate changes
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withSchedule(Schedule newSchedule) {
    Parts parts = new Parts(this);
    parts.schedule = newSchedule;
    return parts.rendered();
  }

  /**
   * This recipe with another way to use gradients.
   *
   * @param newUpdate what is done with gradients around the optimizer
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withUpdate(UpdateRecipe newUpdate) {
    Parts parts = new Parts(this);
    parts.update = newUpdate;
    return parts.rendered();
  }

  /**
   * This recipe with adapters, which are trained in place of the weights.
   *
   * @param newLora rank, scale, and which weights
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withLora(LoraRecipe newLora) {
    Parts parts = new Parts(this);
    parts.lora = newLora;
    return parts.rendered();
  }

  /**
   * This recipe with a base of several inputs or outputs.
   *
   * @param newWiring which columns its inputs take, and what else is made small
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withWiring(WiringRecipe newWiring) {
    Parts parts = new Parts(this);
    parts.wiring = newWiring;
    return parts.rendered();
  }

  /**
   * This recipe with other metrics.
   *
   * @param newMetrics names of what is measured beside the loss, such as {@code top_5_accuracy}
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if there is no such metric for the task
   */
  public Recipe withMetrics(List<String> newMetrics) {
    Parts parts = new Parts(this);
    parts.metrics = newMetrics;
    return parts.rendered();
  }

  /**
   * This recipe with another rule for stopping.
   *
   * @param newEarlyStop when to stop
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withEarlyStop(EarlyStop newEarlyStop) {
    Parts parts = new Parts(this);
    parts.earlyStop = newEarlyStop;
    return parts.rendered();
  }

  /**
   * This recipe with other checkpoints.
   *
   * @param newCheckpointEvery steps between two
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range or does not fit
   */
  public Recipe withCheckpointEvery(int newCheckpointEvery) {
    Parts parts = new Parts(this);
    parts.checkpointEvery = newCheckpointEvery;
    return parts.rendered();
  }

  /**
   * This recipe with another length.
   *
   * @param newEpochs how often each example is seen
   * @param newBatch examples per step
   * @return a new recipe
   * @throws dev.lathe.ir.LatheException BAD_RECIPE if a value is out of range
   */
  public Recipe withEpochs(int newEpochs, int newBatch) {
    Parts parts = new Parts(this);
    parts.epochs = newEpochs;
    parts.batch = newBatch;
    return parts.rendered();
  }

  /**
   * This recipe, its base being a version whose files are known now. Its text stays the same.
   *
   * @param base the version, and its files
   * @return a new recipe
   */
  public Recipe withBase(ArchitectureRecipe.Base base) {
    Parts parts = new Parts(this);
    parts.architecture = base;
    return parts.whole(source);
  }

  /** What a recipe is made of, to be changed one by one. */
  private static final class Parts {
    private String model;
    private Task task;
    private long seed;
    private DataRecipe data;
    private ArchitectureRecipe architecture;
    private LossRecipe loss;
    private OptimizerRecipe optimizer;
    private Schedule schedule;
    private UpdateRecipe update;
    private LoraRecipe lora;
    private WiringRecipe wiring;
    private int epochs;
    private long steps;
    private int batch;
    private List<String> metrics;
    private int written;
    private EarlyStop earlyStop;
    private int checkpointEvery;
    private ReleaseRecipe release;
    private String deploy;
    private Path directory;

    Parts(Recipe recipe) {
      this.model = recipe.model;
      this.task = recipe.task;
      this.seed = recipe.seed;
      this.data = recipe.data;
      this.architecture = recipe.architecture;
      this.loss = recipe.loss;
      this.optimizer = recipe.optimizer;
      this.schedule = recipe.schedule;
      this.update = recipe.update;
      this.lora = recipe.lora;
      this.wiring = recipe.wiring;
      this.epochs = recipe.epochs;
      this.steps = recipe.steps;
      this.batch = recipe.batch;
      this.metrics = recipe.metrics;
      this.written = recipe.written;
      this.earlyStop = recipe.earlyStop;
      this.checkpointEvery = recipe.checkpointEvery;
      this.release = recipe.release;
      this.deploy = recipe.deploy;
      this.directory = recipe.directory;
    }

    /** A recipe with its text made anew from its parts, and checked as any text is. */
    Recipe rendered() {
      String yaml = RecipeWriter.yaml(whole(""));
      return RecipeText.parse(yaml, "recipe of " + model, directory);
    }

    Recipe whole(String text) {
      return new Recipe(
          model,
          task,
          seed,
          data,
          architecture,
          loss,
          optimizer,
          schedule,
          update,
          lora,
          wiring,
          epochs,
          steps,
          batch,
          metrics,
          written,
          earlyStop,
          checkpointEvery,
          release,
          deploy,
          text,
          directory);
    }
  }
}
