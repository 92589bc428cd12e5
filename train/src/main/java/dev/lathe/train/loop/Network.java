package dev.lathe.train.loop;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.LoraRecipe;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Part;
import dev.lathe.transform.AdapterOptions;
import dev.lathe.transform.InlineFunctions;
import dev.lathe.transform.InsertAdapters;
import dev.lathe.transform.RemoveDeadNodes;
import dev.lathe.transform.UpgradeOpset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is trained: a network from scratch, or somebody's model.
 *
 * @param model the model; the prediction is among its outputs
 * @param released the outputs that the released model keeps; empty for a network from scratch,
 *     whose answers follow the task
 * @param predictions the raw scores that the losses look at, the recipe's own first
 * @param parameters names of the initializers to train
 */
record Network(
    Model model, List<ValueInfo> released, List<String> predictions, Set<String> parameters) {
  private static final String SCORES = "y";

  /**
   * A network from scratch.
   *
   * @param model as an architecture makes it
   * @param further how many losses there are beside the recipe's own; all look at the same scores
   */
  static Network fresh(Model model, int further) {
    Graph graph = model.graph();
    Set<String> parameters = new TreeSet<>(graph.initializers().keySet());
    parameters.removeAll(Trainable.statistics(graph));
    return new Network(model, List.of(), Collections.nCopies(1 + further, SCORES), parameters);
  }

  /**
   * A model from a file.
   *
   * @param base the ONNX file, and whether its last layer stays
   * @param recipe what it is asked: a last Softmax or Sigmoid is left out of the loss, which takes
   *     raw scores
   * @param wiring what it will see, and what else it is asked
   * @throws LatheException UNSUPPORTED_MODEL if the model does not fit the data
   */
  static Network base(ArchitectureRecipe.Base base, Recipe recipe, Wiring wiring) {
    Path file = base.model();
    Task task = recipe.task();
    Model read = withoutFunctions(OnnxFile.read(file));
    if (read.graph().outputs().isEmpty()) {
      throw unsupported(file, "no output (expected: at least one)");
    }
    if (task == Task.TEXT_CLASSIFICATION || task == Task.TOKEN_CLASSIFICATION) {
      int classes = wiring.data().outputs();
      read =
          ClassHead.fitted(
              file, read, new ClassHead.Wanted(task, base.head(), classes, recipe.seed()));
    }
    Graph graph = read.graph();
    if (wiring.inputs().isEmpty()) {
      requireInputs(file, graph, wiring.data().train().columns());
    }
    requireNumbers(file, graph);
    List<String> predictions = new ArrayList<>();
    GraphBuilder scored = GraphBuilder.from(graph);
    RawScores raw = new RawScores(graph, scored);
    List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
    asked(file, graph, recipe, wiring)
        .forEach(
            (output, question) -> {
              String prediction = raw.of(output.name(), question);
              predictions.add(prediction);
              if (graph.output(prediction).isEmpty()) {
                outputs.add(ValueInfo.of(prediction, output.type()));
              }
            });
    Trainable trainable =
        Trainable.of(file, read.withGraph(scored.build().withOutputs(outputs)), predictions);
    List<Column> targets = targets(wiring);
    ReservedNames.requireFree(file, trainable, targets);
    Model open = trainable.model();
    FlatScores flat = new FlatScores(file, open);
    GraphBuilder builder = GraphBuilder.from(open.graph());
    for (int i = 0; i < predictions.size(); i++) {
      predictions.set(i, flat.unfold(builder, predictions.get(i), targets.get(i)));
    }
    return new Network(
        open.withGraph(builder.build()),
        graph.outputs(),
        perObjective(predictions, wiring),
        trainable.parameters());
  }

  /** One prediction for each loss, from one for each output. */
  private static List<String> perObjective(List<String> predictions, Wiring wiring) {
    List<String> all = new ArrayList<>(predictions.subList(0, 1));
    int next = 1;
    for (Wiring.Head head : wiring.heads()) {
      all.add(head.recipe().isOfOwnOutput() ? predictions.getFirst() : predictions.get(next++));
    }
    return List.copyOf(all);
  }

  /** A loss looks for raw scores, and training for weights, in functions too. */
  private static Model withoutFunctions(Model model) {
    return model.functions().isEmpty() ? model : InlineFunctions.apply(UpgradeOpset.apply(model));
  }

  /** Targets of the recipe's own loss, then of each further output. */
  private static List<Column> targets(Wiring wiring) {
    List<Column> targets = new ArrayList<>();
    wiring.data().train().columns().stream()
        .filter(column -> column.name().equals(Part.TARGET))
        .forEach(targets::add);
    wiring.heads().stream()
        .filter(head -> !head.recipe().isOfOwnOutput())
        .forEach(head -> targets.add(head.target()));
    return targets;
  }

  /** What each output is asked; the recipe's own is the first that no further objective takes. */
  private static Map<ValueInfo, Task> asked(Path file, Graph graph, Recipe recipe, Wiring wiring) {
    List<Wiring.Head> others =
        wiring.heads().stream().filter(head -> !head.recipe().isOfOwnOutput()).toList();
    List<String> taken = others.stream().map(head -> head.recipe().output()).toList();
    ValueInfo own =
        graph.outputs().stream()
            .filter(output -> !taken.contains(output.name()))
            .findFirst()
            .orElseThrow(
                () -> unsupported(file, "no output for the recipe's own loss beside " + taken));
    if (!(recipe.loss() instanceof LossRecipe.Ctc)) {
      requireScores(file, own, wiring.data().outputs());
    }
    Map<ValueInfo, Task> asked = new LinkedHashMap<>();
    asked.put(own, recipe.task());
    for (Wiring.Head head : others) {
      ValueInfo output = graph.output(head.recipe().output()).orElseThrow();
      if (!(head.recipe().loss() instanceof LossRecipe.Ctc)) {
        requireScores(file, output, head.data().outputs());
      }
      asked.put(output, head.recipe().task());
    }
    return asked;
  }

  /** A base after training, with its own outputs and without what only the losses need. */
  Model asReleased(Model trained) {
    return RemoveDeadNodes.apply(trained.withGraph(trained.graph().withOutputs(released)));
  }

  /** The raw scores that the recipe's own loss looks at. */
  String prediction() {
    return predictions.getFirst();
  }

  /**
   * The same network with adapters, which are all that is trained of it, but for a new head.
   *
   * @throws LatheException UNKNOWN_VALUE if a pattern matches no weight that takes an adapter,
   *     UNSUPPORTED_FORM if one that it matches takes none
   */
  Network adapted(LoraRecipe lora, long seed) {
    AdapterOptions options =
        new AdapterOptions(lora.rank(), lora.alpha(), lora.dropout(), lora.targets(), seed);
    Model adapted = InsertAdapters.apply(model, options);
    Set<String> trained = new TreeSet<>(InsertAdapters.parameters(adapted));
    parameters.stream().filter(ClassHead.PARAMETERS::contains).forEach(trained::add);
    return new Network(adapted, released, predictions, trained);
  }

  /** Somebody's weights may hold infinities, as masks do, but nothing that is no number. */
  private static void requireNumbers(Path file, Graph graph) {
    graph
        .initializers()
        .forEach(
            (name, tensor) -> {
              for (long i = 0; tensor.type() == ElementType.FLOAT && i < tensor.size(); i++) {
                if (Double.isNaN(tensor.doubleAt(i))) {
                  throw unsupported(
                      file,
                      "initializer \""
                          + name
                          + "\"["
                          + i
                          + "] of "
                          + tensor.size()
                          + ": NaN (expected: a number)");
                }
              }
            });
  }

  private static void requireInputs(Path file, Graph graph, List<Column> columns) {
    List<ValueInfo> inputs = graph.requiredInputs();
    Map<String, Column> named = new LinkedHashMap<>();
    columns.forEach(column -> named.put(column.name(), column));
    if (inputs.stream().allMatch(input -> named.containsKey(input.name()))) {
      inputs.forEach(input -> requireInput(file, input, named.get(input.name())));
      return;
    }
    if (inputs.size() != 1) {
      throw unsupported(
          file,
          "inputs "
              + inputs.stream().map(ValueInfo::name).toList()
              + " (expected: one, or the recipe's key inputs with columns for each)");
    }
    requireInput(file, inputs.getFirst(), columns.getFirst());
  }

  private static void requireInput(Path file, ValueInfo input, Column features) {
    Shape expected = Shape.of(dims(features));
    if (input.tensorType().element() != features.type()
        || !fits(input.tensorType().shape(), expected)) {
      throw unsupported(
          file,
          "input \""
              + input.name()
              + "\" "
              + input.tensorType()
              + " (expected: "
              + features.type()
              + " "
              + expected
              + ", as the data are; "
              + (features.type() == ElementType.INT64
                  ? "data.length gives sequences another length)"
                  : "data.shape gives examples another shape)"));
    }
  }

  private static void requireScores(Path file, ValueInfo output, int expected) {
    Shape shape = output.tensorType().shape();
    boolean fits =
        !shape.ranked()
            || shape.rank() == 0
            || !(shape.dim(shape.rank() - 1) instanceof Dim.Fixed(long found))
            || found == expected
            || expected == 1 && shape.rank() == 1;
    if (!fits) {
      throw unsupported(
          file,
          "output \""
              + output.name()
              + "\" "
              + output.tensorType()
              + " (expected: "
              + expected
              + " scores, as many as the data have classes, tokens or targets; for classes of texts"
              + " or tokens, head: new gives the base a last layer of as many)");
    }
  }

  private static List<Dim> dims(Column column) {
    List<Dim> dims = new ArrayList<>(List.of(Dim.of("N")));
    column.dims().forEach(size -> dims.add(Dim.of(size)));
    return dims;
  }

  private static boolean fits(Shape declared, Shape data) {
    if (!declared.ranked()) {
      return true;
    }
    boolean fits = declared.rank() == data.rank();
    for (int axis = 1; fits && axis < data.rank(); axis++) {
      fits = !declared.dim(axis).isFixed() || declared.dim(axis).equals(data.dim(axis));
    }
    return fits;
  }

  /**
   * The model as it is trained: where a base leaves sizes of its examples open, they are those of
   * the data, as gradients of convolutions need them. It is released as it was.
   */
  Model forData(List<Column> columns) {
    List<ValueInfo> inputs = model.graph().requiredInputs();
    Column features = columns.getFirst();
    if (released.isEmpty() || inputs.size() != 1 || features.type() != ElementType.FLOAT) {
      return model;
    }
    Shape declared = inputs.getFirst().tensorType().shape();
    if (!declared.ranked() || declared.rank() != features.dims().size() + 1) {
      return model;
    }
    List<Dim> dims = dims(features);
    dims.set(0, declared.dim(0));
    ValueInfo known =
        ValueInfo.of(
            inputs.getFirst().name(), new ValueType.TensorType(ElementType.FLOAT, Shape.of(dims)));
    return model.withGraph(
        model
            .graph()
            .withInputs(
                model.graph().inputs().stream()
                    .map(input -> input.name().equals(known.name()) ? known : input)
                    .toList()));
  }

  /** The batch that a model was exported for, if it takes no other. */
  Optional<Long> fixedBatch() {
    Shape shape = model.graph().requiredInputs().getFirst().tensorType().shape();
    return shape.ranked() && shape.rank() > 0 && shape.dim(0) instanceof Dim.Fixed(long size)
        ? Optional.of(size)
        : Optional.empty();
  }

  private static LatheException unsupported(Path file, String what) {
    return new LatheException(TrainError.UNSUPPORTED_MODEL, "base " + file + ": " + what);
  }
}
