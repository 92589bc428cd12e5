package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.InferShapes;
import dev.lathe.transform.RemoveDeadNodes;
import dev.lathe.transform.TransformError;
import dev.lathe.transform.TypedModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cuts an encoder and a decoder apart, where the decoder attends to the encoder: keys and values of
 * each layer depend on the source alone and are made once. Not safe for use by several threads.
 */
public final class EncoderSplit {
  private static final String TARGET = "decoder_input_ids";
  private static final String SOURCE = "input_ids";

  /** What models trained here call the same. */
  private static final Map<String, String> OTHER_NAMES = Map.of("x", SOURCE, "previous", TARGET);

  private final Model whole;
  private final Set<String> ofTarget = new HashSet<>();
  private final Set<String> ofSource = new HashSet<>();
  private final Map<String, String> crossed = new LinkedHashMap<>();
  private final Map<String, Long> heads = new LinkedHashMap<>();
  private String mask = "";

  private EncoderSplit(Model whole) {
    this.whole = whole;
  }

  /**
   * Both parts.
   *
   * @param encoder source and mask to keys and values of each layer, FLOAT [N, H, M, D], and to a
   *     mask of its own if it takes none
   * @param decoder target, mask, keys and values FLOAT [N, M, H·D] to logits: a plain form
   */
  public record Parts(Model encoder, Model decoder) {}

  /**
   * Cuts.
   *
   * @param given inputs {@code input_ids}, {@code attention_mask} and {@code decoder_input_ids}, or
   *     {@code x} and {@code previous}, where the padding is known by its tokens; one output
   * @return both parts
   * @throws LatheException UNSUPPORTED_FORM naming the node that reads the encoder otherwise
   */
  public static Parts of(Model given) {
    Model renamed = renamed(given);
    Graph graph = renamed.graph();
    Set<String> inputs = new HashSet<>();
    graph.requiredInputs().forEach(input -> inputs.add(input.name()));
    inputs.remove(CacheNames.MASK);
    boolean known = inputs.equals(Set.of(SOURCE, TARGET)) && graph.outputs().size() == 1;
    if (!known) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          "encoder and decoder: inputs "
              + graph.requiredInputs().stream().map(ValueInfo::name).toList()
              + ", outputs "
              + graph.outputs().stream().map(ValueInfo::name).toList()
              + " (expected: input_ids, attention_mask, decoder_input_ids, or x, previous; one"
              + " output)");
    }
    return new EncoderSplit(WrittenOut.read(renamed, TARGET, SOURCE)).cut();
  }

  /** The model with the names that are known here for its inputs. */
  private static Model renamed(Model given) {
    Graph graph = given.graph();
    boolean other =
        graph.inputs().stream().anyMatch(input -> OTHER_NAMES.containsKey(input.name()))
            && OTHER_NAMES.values().stream().noneMatch(name -> isValue(graph, name));
    if (!other) {
      return given;
    }
    List<ValueInfo> inputs =
        graph.inputs().stream()
            .map(in -> ValueInfo.of(OTHER_NAMES.getOrDefault(in.name(), in.name()), in.type()))
            .toList();
    List<Node> nodes =
        graph.nodes().stream()
            .map(
                node ->
                    node.withInputs(
                        node.inputs().stream()
                            .map(in -> OTHER_NAMES.getOrDefault(in, in))
                            .toList()))
            .toList();
    return given.withGraph(graph.withInputs(inputs).withNodes(nodes));
  }

  private static boolean isValue(Graph graph, String name) {
    return graph.input(name).isPresent()
        || graph.initializers().containsKey(name)
        || graph.nodes().stream().anyMatch(node -> node.outputs().contains(name));
  }

  private Parts cut() {
    ofTarget.add(TARGET);
    ofSource.add(SOURCE);
    for (Node node : whole.graph().nodes()) {
      mark(node, ofTarget);
      mark(node, ofSource);
    }
    for (Node node : whole.graph().nodes()) {
      if (isOfTarget(node)) {
        cross(node);
      }
    }
    if (crossed.isEmpty()) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          "encoder and decoder: no attention to the encoder (expected: in every layer)");
    }
    if (mask.isEmpty() && whole.graph().input(CacheNames.MASK).isEmpty()) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          "encoder and decoder: nothing hides padding (expected: attention_mask, or a mask FLOAT"
              + " [N, 1, 1, S] of the source's)");
    }
    return new Parts(encoder(), decoder());
  }

  private static void mark(Node node, Set<String> marked) {
    if (node.inputs().stream().anyMatch(marked::contains)) {
      marked.addAll(node.outputs());
    }
  }

  private boolean isOfTarget(Node node) {
    return ofTarget.contains(node.output(0));
  }

  private void cross(Node node) {
    for (int i = 0; i < node.inputs().size(); i++) {
      String value = node.input(i);
      if (!ofSource.contains(value) || ofTarget.contains(value)) {
        continue;
      }
      if (i == 0 && node.qualifiedOp().equals("Expand") && (mask.isEmpty() || mask.equals(value))) {
        mask = value;
        continue;
      }
      if (!node.qualifiedOp().equals("Attention") || i != 1 && i != 2) {
        throw TokenRules.refuse(
            node, "it reads \"" + value + "\" of the encoder (expected: attention alone does)");
      }
      int layer = crossed.size() / 2;
      String name = i == 1 ? CacheNames.crossKey(layer) : CacheNames.crossValue(layer);
      if (crossed.putIfAbsent(value, name) != null) {
        throw TokenRules.refuse(node, "it reads \"" + value + "\" again (expected: once)");
      }
      heads.put(value, node.intAttribute("kv_num_heads", 0));
    }
  }

  private Model encoder() {
    Graph graph = whole.graph();
    TypedModel typed = InferShapes.apply(whole);
    List<Node> nodes =
        new ArrayList<>(graph.nodes().stream().filter(node -> !isOfTarget(node)).toList());
    List<ValueInfo> outputs = new ArrayList<>();
    crossed.forEach(
        (value, name) -> {
          long count = heads.get(value);
          long width = width(typed, value);
          String sizes = name + "/heads";
          nodes.add(
              Node.of("Constant", List.of(), List.of(sizes))
                  .with("value", Attribute.of(Tensor.ofLongs(new long[] {0, 0, count, -1}, 4))));
          nodes.add(Node.of("Reshape", List.of(value, sizes), List.of(name + "/by_token")));
          nodes.add(
              Node.of("Transpose", List.of(name + "/by_token"), List.of(name))
                  .with("perm", Attribute.ofInts(0, 2, 1, 3)));
          Shape shape =
              Shape.of(List.of(Dim.of("N"), Dim.of(count), Dim.of("M"), Dim.of(width / count)));
          outputs.add(ValueInfo.tensor(name, ElementType.FLOAT, shape));
        });
    if (!mask.isEmpty()) {
      nodes.add(Node.of("Identity", List.of(mask), List.of(CacheNames.CROSS_MASK)));
      outputs.add(crossMask());
    }
    List<ValueInfo> inputs =
        graph.inputs().stream().filter(input -> !input.name().equals(TARGET)).toList();
    return part(nodes, inputs, outputs);
  }

  private static ValueInfo crossMask() {
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of(1), Dim.of(1), Dim.of("M")));
    return ValueInfo.tensor(CacheNames.CROSS_MASK, ElementType.FLOAT, shape);
  }

  private Model decoder() {
    Graph graph = whole.graph();
    TypedModel typed = InferShapes.apply(whole);
    List<ValueInfo> inputs = new ArrayList<>();
    inputs.add(graph.input(TARGET).orElseThrow());
    inputs.add(
        mask.isEmpty()
            ? ValueInfo.tensor(
                CacheNames.MASK, ElementType.INT64, Shape.of(List.of(Dim.of("N"), Dim.of("M"))))
            : crossMask());
    crossed.forEach(
        (value, name) ->
            inputs.add(
                ValueInfo.tensor(
                    name,
                    ElementType.FLOAT,
                    Shape.of(List.of(Dim.of("N"), Dim.of("M"), Dim.of(width(typed, value)))))));
    List<Node> nodes =
        graph.nodes().stream()
            .filter(node -> !ofSource.contains(node.output(0)) || isOfTarget(node))
            .map(
                node ->
                    node.withInputs(
                        node.inputs().stream()
                            .map(input -> isOfTarget(node) ? given(input) : input)
                            .toList()))
            .toList();
    return part(nodes, inputs, graph.outputs());
  }

  /** What the decoder is given for a value of the encoder. */
  private String given(String value) {
    return value.equals(mask) ? CacheNames.CROSS_MASK : crossed.getOrDefault(value, value);
  }

  private Model part(List<Node> nodes, List<ValueInfo> inputs, List<ValueInfo> outputs) {
    Graph graph = whole.graph();
    Graph part =
        new Graph(
            graph.name(),
            nodes,
            inputs,
            outputs,
            graph.initializers(),
            graph.sparseInitializers(),
            List.of(),
            graph.notes());
    return RemoveDeadNodes.apply(whole.withGraph(part));
  }

  private static long width(TypedModel typed, String value) {
    Shape shape =
        typed.type(value) instanceof dev.lathe.ir.ValueType.TensorType type
            ? type.shape()
            : Shape.UNRANKED;
    if (shape.rank() == 3 && shape.dim(2) instanceof Dim.Fixed(long width)) {
      return width;
    }
    throw new LatheException(
        TransformError.UNSUPPORTED_FORM,
        "\"" + value + "\" " + shape + " of the encoder (expected: [N, S, H·D])");
  }
}
