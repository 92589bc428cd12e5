package dev.lathe.train.loop;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.Normalization;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.WiringRecipe;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.JoinedPart;
import dev.lathe.train.data.JoinedPart.Slice;
import dev.lathe.train.data.MoreTargets;
import dev.lathe.train.data.Outputs;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.metric.Metric;
import dev.lathe.train.metric.Scoring;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Brings the columns of data to the inputs of a base, and the targets of further objectives beside
 * them.
 *
 * @param data examples with a column for each input, the recipe's own target, and one target for
 *     each further objective
 * @param inputs columns of numbers by the input that takes them; empty if one takes all
 * @param heads the further objectives
 */
record Wiring(PreparedData data, List<Column> inputs, List<Head> heads) {
  /** Examples looked at at once. */
  private static final int CHECKED = 256;

  /**
   * A further objective.
   *
   * @param recipe what the recipe says of it
   * @param target the column of its targets
   * @param data the recipe's examples with this target alone, named {@link Part#TARGET}
   */
  record Head(WiringRecipe.Objective recipe, Column target, PreparedData data) {
    /**
     * The usual metrics of its task, over examples that are held out; none where it looks at the
     * recipe's own scores, or aligns frames.
     */
    Scoring scoring() {
      List<Metric> metrics =
          Metric.usual(recipe.task()).stream()
              .filter(_ -> !recipe.isOfOwnOutput() && !(recipe.loss() instanceof LossRecipe.Ctc))
              .map(name -> Metric.of(name).orElseThrow())
              .filter(Metric::isNumber)
              .toList();
      return Scoring.heldOut(metrics, Losses.question(recipe, data));
    }
  }

  /**
   * Follows a recipe.
   *
   * @param recipe the recipe
   * @param data its examples, all features in one column
   * @throws LatheException BAD_RECIPE naming an input without columns, or an input or output that
   *     there is not, with the nearest one that there is; BAD_DATA for a class that is none
   */
  static Wiring of(Recipe recipe, PreparedData data) {
    WiringRecipe wiring = recipe.wiring();
    if (wiring.equals(WiringRecipe.PLAIN)) {
      return new Wiring(data, List.of(), List.of());
    }
    Optional<Graph> base =
        recipe.architecture() instanceof ArchitectureRecipe.Base own
            ? Optional.of(OnnxFile.read(own.model()).graph())
            : Optional.empty();
    List<Column> inputs = base.map(graph -> inputs(wiring, graph, data)).orElse(List.of());
    Optional<PreparedData> more =
        wiring.hasMoreTargets() ? Optional.of(MoreTargets.of(recipe)) : Optional.empty();
    List<Head> heads = heads(wiring, base, data, more);
    if (inputs.isEmpty() && more.isEmpty()) {
      return new Wiring(data, List.of(), heads);
    }
    List<PreparedData> sources = new ArrayList<>(List.of(data));
    more.ifPresent(sources::add);
    return new Wiring(joined(sources, slices(inputs, heads, data), data.answers()), inputs, heads);
  }

  private static List<Slice> slices(List<Column> inputs, List<Head> heads, PreparedData data) {
    List<Slice> slices = new ArrayList<>();
    int offset = 0;
    for (Column input : inputs) {
      slices.add(new Slice(0, 0, offset, input));
      offset += elements(input);
    }
    List<Column> columns = data.train().columns();
    if (inputs.isEmpty()) {
      slices.add(new Slice(0, 0, 0, columns.getFirst()));
    }
    slices.add(new Slice(0, 1, 0, columns.getLast()));
    int at = 0;
    for (Head head : heads) {
      if (!head.recipe().hasOwnTargets()) {
        slices.add(new Slice(1, 1, at, head.target()));
        at += head.recipe().label().size();
      }
    }
    return slices;
  }

  private static PreparedData joined(
      List<PreparedData> sources, List<Slice> slices, Outputs answers) {
    Function<Function<PreparedData, Part>, Part> join =
        part -> new JoinedPart(sources.stream().map(part).toList(), slices);
    return new PreparedData(
        join.apply(PreparedData::train),
        join.apply(PreparedData::validation),
        join.apply(PreparedData::test),
        sources.getFirst().normalizer(),
        answers,
        sources.getFirst().digests());
  }

  private static List<Column> inputs(WiringRecipe wiring, Graph graph, PreparedData data) {
    if (wiring.inputs().isEmpty()) {
      return List.of();
    }
    List<String> known = graph.requiredInputs().stream().map(ValueInfo::name).toList();
    wiring.inputs().keySet().forEach(name -> require("inputs: no input", name, known));
    for (String name : known) {
      if (!wiring.inputs().containsKey(name)) {
        throw bad("inputs: no columns for input \"" + name + "\" (expected: " + known + ")");
      }
    }
    List<Column> columns = new ArrayList<>();
    int all = 0;
    for (Map.Entry<String, List<String>> entry : wiring.inputs().entrySet()) {
      ValueInfo input = graph.input(entry.getKey()).orElseThrow();
      columns.add(column(input, entry.getValue().size(), data));
      all += entry.getValue().size();
    }
    int width = elements(data.train().columns().getFirst());
    if (all != width) {
      throw bad("inputs: " + all + " columns with " + width + " numbers (expected: one in each)");
    }
    return columns;
  }

  private static Column column(ValueInfo input, int width, PreparedData data) {
    ElementType type = input.tensorType().element();
    boolean whole = type == ElementType.INT64;
    if (!whole && type != ElementType.FLOAT) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL, input + " (expected: an input of FLOAT or INT64)");
    }
    if (whole && data.normalizer().kind() != Normalization.NONE) {
      throw bad(
          "data.normalize: with input \""
              + input.name()
              + "\" of INT64 (expected: normalize: none)");
    }
    if (whole && data.normalizer().fills()) {
      throw bad(
          "data.missing: with input \"" + input.name() + "\" of INT64 (expected: missing: error)");
    }
    return new Column(input.name(), type, dims(input, width));
  }

  /** The shape that a model declares for an example, if it has as many numbers. */
  private static List<Long> dims(ValueInfo input, int width) {
    Shape shape = input.tensorType().shape();
    if (!shape.ranked()) {
      return List.of((long) width);
    }
    List<Long> dims = new ArrayList<>();
    long known = 1;
    for (Dim dim : shape.dims().subList(Math.min(1, shape.rank()), shape.rank())) {
      long size = dim instanceof Dim.Fixed(long fixed) ? fixed : -1;
      dims.add(size);
      known *= Math.abs(size);
    }
    long open = dims.stream().filter(size -> size < 0).count();
    boolean fits = open == 0 ? known == width : open == 1 && known > 0 && width % known == 0;
    if (!fits) {
      throw bad(
          "inputs: "
              + width
              + " columns for input \""
              + input.name()
              + "\" "
              + input.tensorType()
              + " (expected: as many as an example has numbers)");
    }
    long rest = width / known;
    return dims.stream().map(size -> size < 0 ? rest : size).toList();
  }

  private static List<Head> heads(
      WiringRecipe wiring, Optional<Graph> base, PreparedData data, Optional<PreparedData> more) {
    List<String> known =
        base.map(graph -> graph.outputs().stream().map(ValueInfo::name).toList()).orElse(List.of());
    List<Head> heads = new ArrayList<>();
    int at = 0;
    for (WiringRecipe.Objective objective : wiring.objectives()) {
      if (!objective.isOfOwnOutput()) {
        require("objectives: no output", objective.output(), known);
      }
      if (objective.hasOwnTargets()) {
        heads.add(new Head(objective, data.train().columns().getLast(), data));
      } else {
        int outputs =
            objective.isOfOwnOutput() ? data.outputs() : outputs(objective, base.orElseThrow());
        heads.add(head(objective, outputs, more.orElseThrow(), at));
        at += objective.label().size();
      }
    }
    return heads;
  }

  /** Scores of an output: classes as it declares them, or as many as there are columns. */
  private static int outputs(WiringRecipe.Objective objective, Graph graph) {
    return objective.task() == Task.CLASSIFICATION
        ? classes(graph, objective.output())
        : objective.label().size();
  }

  /** An objective with columns of its own, from a place among all such columns. */
  private static Head head(
      WiringRecipe.Objective objective, int outputs, PreparedData more, int at) {
    int width = objective.label().size();
    boolean classes = objective.task() == Task.CLASSIFICATION;
    if (!classes && width != outputs && !(objective.loss() instanceof LossRecipe.Ctc)) {
      throw bad(
          "objectives: "
              + width
              + " columns for "
              + objective.name()
              + " (expected: "
              + outputs
              + ", as many as there are scores)");
    }
    Slice numbers =
        new Slice(0, 1, at, new Column(Part.TARGET, ElementType.FLOAT, List.of((long) width)));
    requireTargets(objective, alone(more, numbers, outputs));
    ElementType type = classes ? ElementType.INT64 : ElementType.FLOAT;
    List<Long> dims = classes ? List.of() : List.of((long) width);
    Slice own = new Slice(0, 1, at, new Column(Part.TARGET, type, dims));
    PreparedData alone = alone(more, own, outputs);
    Column target = new Column(Part.TARGET + "/" + objective.name(), type, dims);
    return new Head(objective, target, alone);
  }

  private static PreparedData alone(PreparedData more, Slice targets, int outputs) {
    Slice features = new Slice(0, 0, 0, more.train().columns().getFirst());
    Outputs answers = new Outputs(outputs, List.of(), Map.of());
    return joined(List.of(more), List.of(features, targets), answers);
  }

  private static int classes(Graph graph, String output) {
    Shape shape = graph.output(output).orElseThrow().tensorType().shape();
    if (shape.ranked()
        && shape.rank() == 2
        && shape.dim(1) instanceof Dim.Fixed(long size)
        && size > 1) {
      return Math.toIntExact(size);
    }
    throw bad(
        "objectives: output \"" + output + "\" " + shape + " (expected: [N, K] with K classes)");
  }

  /** Classes lie below K, marks are 0 or 1. */
  private static void requireTargets(WiringRecipe.Objective objective, PreparedData data) {
    long most =
        switch (objective.task()) {
          case CLASSIFICATION -> data.outputs() - 1;
          case BINARY, MULTI_LABEL -> 1;
          case REGRESSION,
              LANGUAGE_MODEL,
              TRANSLATION,
              TEXT_CLASSIFICATION,
              TOKEN_CLASSIFICATION,
              QUESTION_ANSWERING ->
              Long.MAX_VALUE;
        };
    for (Part part : List.of(data.train(), data.validation(), data.test())) {
      if (most < Long.MAX_VALUE && part.size() > 0) {
        requireTargets(objective, part, most);
      }
    }
  }

  private static void requireTargets(WiringRecipe.Objective objective, Part part, long most) {
    try (Batch batch = new Batch(part.columns(), Math.min(CHECKED, part.size()));
        Cursor cursor = part.inOrder()) {
      while (batch.fill(cursor) > 0) {
        requireTargets(objective, batch.column(Part.TARGET).tensor(), most);
      }
    }
  }

  private static void requireTargets(WiringRecipe.Objective objective, Tensor targets, long most) {
    for (long i = 0; i < targets.size(); i++) {
      double value = targets.doubleAt(i);
      if (value < 0 || value > most || value != Math.rint(value)) {
        throw new LatheException(
            TrainError.BAD_DATA,
            "objectives: "
                + objective.name()
                + ": target "
                + value
                + " (expected: 0 to "
                + most
                + ")");
      }
    }
  }

  private static int elements(Column column) {
    return Math.toIntExact(column.dims().stream().reduce(1L, Math::multiplyExact));
  }

  private static void require(String what, String name, List<String> known) {
    if (!known.contains(name)) {
      throw bad(
          what
              + " \""
              + name
              + "\" (expected: "
              + Nearest.hint(name, known)
              + String.join(", ", known)
              + ")");
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_RECIPE, message);
  }

  /** What is subtracted from an input's numbers, or what they are divided by. */
  Map<String, Tensor> perInput(Tensor constants) {
    Map<String, Tensor> parts = new LinkedHashMap<>();
    int at = 0;
    for (Column input : inputs) {
      int width = elements(input);
      if (constants.size() == 1) {
        parts.put(input.name(), constants);
      } else {
        float[] own = Arrays.copyOfRange(constants.toFloats(), at, at + width);
        long[] dims = input.dims().stream().mapToLong(Long::longValue).toArray();
        parts.put(input.name(), Tensor.ofFloats(own, dims));
      }
      at += width;
    }
    return parts;
  }
}
