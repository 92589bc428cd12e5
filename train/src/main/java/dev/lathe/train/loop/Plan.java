package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Schedule;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Digest;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.data.source.RegularFile;
import dev.lathe.train.metric.Metric;
import dev.lathe.train.metric.Question;
import dev.lathe.train.metric.Scoring;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.TrainingGraphs;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a run does before it begins: the network with fresh weights and the graphs that train it.
 *
 * @param recipe what to do
 * @param wiring the examples, and what else is asked of the network
 * @param network what is trained
 * @param optimizer how weights change
 * @param graphs step and evaluation graph
 */
public record Plan(
    Recipe recipe, Wiring wiring, Network network, Optimizer optimizer, TrainingGraphs graphs) {
  private static final int MEASURED = 256;

  /** Graphs with more bytes of constants are not written into one array, which ends at 2 GiB. */
  private static final long MOST_AT_ONCE = 1L << 30;

  /** More scores than these are not measured at once, if a step does not have more. */
  private static final long MOST_SCORES = 1L << 26;

  private static final long MOST_BESIDE = 16L << 20;

  /** Names of the model, its weights and what says how it was made. */
  private static final Pattern WRITTEN =
      Pattern.compile("\\..*|.*\\.(yaml|onnx|data|safetensors)", Pattern.CASE_INSENSITIVE);

  /**
   * Makes the plan.
   *
   * @param recipe what to do
   * @param data the examples
   * @return the plan
   * @throws dev.lathe.ir.LatheException if the network cannot be built or trained
   */
  public static Plan of(Recipe recipe, PreparedData data) {
    Wiring wiring = Wiring.of(recipe, data);
    Network network = network(recipe, wiring);
    FrameLabels.require(recipe, wiring, network);
    UpdatePlan update = UpdatePlan.of(recipe, network);
    Model trained = network.forData(data.train().columns());
    List<Objective> objectives = Losses.all(recipe, wiring, network.predictions());
    TrainingGraphs graphs = graphs(objectives, trained, update);
    List<Objective> measured = Losses.measured(objectives);
    if (!measured.equals(objectives)) {
      TrainingGraphs other = graphs(measured, trained, update);
      graphs = new TrainingGraphs(graphs.step(), graphs.accumulation(), other.evaluation());
    }
    Plan plan = new Plan(recipe, wiring, network, update.options().optimizer(), graphs);
    recipe.release().files().forEach(plan::requireBeside);
    Scoring.heldOut(plan.metrics(), plan.measuredQuestion());
    BatchStatistics.of(plan).require(Math.min(plan.batch(), data.train().size()));
    return plan;
  }

  private static TrainingGraphs graphs(List<Objective> objectives, Model model, UpdatePlan update) {
    return TrainingGraphs.of(model, objectives, update.options(), update.parameters());
  }

  /** The examples. */
  PreparedData data() {
    return wiring.data();
  }

  private static Network network(Recipe recipe, Wiring wiring) {
    PreparedData data = wiring.data();
    Network network =
        switch (recipe.architecture()) {
          case ArchitectureRecipe.Base base when recipe.task() == Task.QUESTION_ANSWERING ->
              SpanNetwork.base(base.model(), data.train().columns(), recipe.seed());
          case ArchitectureRecipe.Base base -> Network.base(base, recipe, wiring);
          default -> {
            Model built = Architectures.of(recipe, data).build(recipe.seed());
            yield recipe.task() == Task.QUESTION_ANSWERING
                ? SpanNetwork.fresh(built)
                : Network.fresh(built, wiring.heads().size());
          }
        };
    if (recipe.lora().isWanted()) {
      network = network.adapted(recipe.lora(), recipe.seed());
    }
    long fixed = network.fixedBatch().orElse((long) recipe.batch());
    if (fixed != recipe.batch()) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "base: the model takes batches of %d only, found batch: %d (export it with an open batch, or say batch: %d and update: { batches: %d })"
              .formatted(fixed, recipe.batch(), fixed, Math.ceilDiv(recipe.batch(), fixed)));
    }
    return network;
  }

  /** What belongs beside the graph, text by file name. */
  Map<String, String> files() {
    Map<String, String> files = new TreeMap<>(data().answers().files());
    if (!(recipe.architecture() instanceof ArchitectureRecipe.Base)) {
      files.putAll(Architectures.of(recipe, data()).files());
    }
    return files;
  }

  private void requireBeside(Path file) {
    RegularFile.require(file, MOST_BESIDE);
    String name = String.valueOf(file.getFileName());
    if (files().containsKey(name) || WRITTEN.matcher(name).matches()) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          "release.files: \"" + name + "\" (expected: no file that training writes by itself)");
    }
  }

  /** What is measured: what the recipe asks for, and what steers the run. */
  List<Metric> metrics() {
    Set<String> names = new LinkedHashSet<>(recipe.metrics());
    if (recipe.earlyStop().patience() > 0) {
      names.add(recipe.earlyStop().metric());
    }
    if (recipe.schedule().main() instanceof Schedule.Plateau plateau) {
      names.add(plateau.metric());
    }
    return names.stream().map(name -> Metric.of(name).orElseThrow()).toList();
  }

  /** What the model is asked while it is trained, as far as its answers are measured. */
  Question question() {
    return Losses.question(recipe, data());
  }

  /** What the model is asked where no step follows. */
  Question measuredQuestion() {
    return Losses.measuredQuestion(recipe, data());
  }

  /** Examples per step: the recipe's, but never more than there are. */
  int batch() {
    return Math.toIntExact(
        network.fixedBatch().orElse((long) Math.min(recipe.batch(), data().train().size())));
  }

  /** Whether what the network makes of an example depends on the rest of the batch. */
  boolean looksAtBatches() {
    return !BatchStatistics.of(this).names().isEmpty();
  }

  /** Examples per measurement: as many as the model takes at once, within reason. */
  int measuringBatch(int examples) {
    long each = data().outputs();
    for (long size : data().exampleDims()) {
      each *= recipe.task() == Task.LANGUAGE_MODEL ? size : 1;
    }
    long most = Math.max(batch(), Math.min(MEASURED, MOST_SCORES / each));
    return Math.toIntExact(network.fixedBatch().orElse(Math.min(most, examples)));
  }

  int batchesPerEpoch() {
    return (data().train().size() + batch() - 1) / batch();
  }

  /** The last step of an epoch may have fewer batches than the others. */
  int stepsPerEpoch() {
    int batches = recipe.update().batches();
    return (batchesPerEpoch() + batches - 1) / batches;
  }

  /** Steps of the whole run. */
  long steps() {
    long byEpochs = (long) stepsPerEpoch() * recipe.epochs();
    return recipe.steps() == 0
        ? byEpochs
        : recipe.epochs() == 0 ? recipe.steps() : Math.min(byEpochs, recipe.steps());
  }

  /** Epochs of the whole run, the last one perhaps not whole. */
  int epochs() {
    return Math.toIntExact((steps() + stepsPerEpoch() - 1) / stepsPerEpoch());
  }

  /** The learning rate of a step, from 1. */
  double learningRate(long step) {
    return recipe.optimizer().learningRate() * recipe.schedule().factor(step, steps());
  }

  /** What a checkpoint must agree with: the step graph. */
  String graphDigest() {
    return digest(graphs.step().model(), MOST_AT_ONCE);
  }

  /** A model whose constants are too large for one array is its nodes, and constants one by one. */
  static String digest(Model model, long mostAtOnce) {
    Map<String, Tensor> constants = new TreeMap<>(model.graph().initializers());
    if (constants.values().stream().mapToLong(Tensor::byteSize).sum() <= mostAtOnce) {
      return Digest.ofBytes(MemorySegment.ofArray(OnnxFile.toBytes(model)));
    }
    Digest all = new Digest();
    Model nodes = model.withGraph(model.graph().withInitializers(Map.of()));
    byte[] bytes = OnnxFile.toBytes(nodes);
    all.add(bytes, bytes.length);
    constants.forEach((name, constant) -> all.add(name).add(constant));
    return all.hex();
  }
}
