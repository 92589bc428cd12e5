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
import dev.lathe.transform.TransformError;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes a decoder over a cache. Nodes that treat each token alone stay; attention becomes {@code
 * GroupQueryAttention} over past keys and values; places come from the caller, since the tokens of
 * a run no longer start at 0. Not safe for use by several threads.
 */
public final class CachedForm {
  /** The input of the kernel that is added to scores. */
  private static final int BIAS = 10;

  private final Model plain;
  private final Extents extents;
  private final String tokens;
  private final Map<String, String> renamed = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<ValueInfo> pasts = new ArrayList<>();
  private final List<ValueInfo> presents = new ArrayList<>();
  private final List<ValueInfo> values = new ArrayList<>();
  private final Map<String, Shape> crossed = new HashMap<>();
  private final PairForm pairs;
  private long context = Long.MAX_VALUE;

  private CachedForm(Model plain, String tokens) {
    this.plain = plain;
    this.tokens = tokens;
    this.extents = Extents.of(plain, tokens);
    this.pairs = new PairForm(extents, nodes);
  }

  /**
   * A decoder over a cache, and how long a sequence its tables reach.
   *
   * @param model the decoder
   * @param context tokens of a sequence at most; {@link Long#MAX_VALUE} without an end
   */
  public record Written(Model model, long context) {}

  /**
   * Writes.
   *
   * @param plain a decoder in plain form
   * @param capacity tokens of a sequence at most
   * @return the same with a cache
   * @throws LatheException UNSUPPORTED_FORM naming the node that has no such form
   */
  public static Written of(Model plain, long capacity) {
    String tokens = tokens(plain.graph());
    Model read = FirstRows.read(WrittenOut.read(plain, tokens), tokens);
    ForLength bounded = ForLength.of(read, tokens, capacity);
    Written written = new CachedForm(bounded.model(), tokens).write();
    return new Written(written.model(), Math.min(written.context(), bounded.longest()));
  }

  private static String tokens(Graph graph) {
    List<ValueInfo> inputs = graph.requiredInputs();
    boolean one =
        !inputs.isEmpty()
            && inputs.stream().skip(1).allMatch(CachedForm::isOfEncoder)
            && inputs.getFirst().type() instanceof dev.lathe.ir.ValueType.TensorType type
            && type.element() == ElementType.INT64
            && (type.shape().rank() == 2 || !type.shape().ranked());
    if (!one) {
      throw refuse(
          "inputs " + inputs.stream().map(ValueInfo::name).toList(), "tokens alone, INT64 [N, T]");
    }
    return inputs.getFirst().name();
  }

  /** What {@link EncoderSplit} takes apart, and the mask of what an encoder read. */
  private static boolean isOfEncoder(ValueInfo input) {
    return input.name().startsWith(CacheNames.CROSS)
        || input.name().equals(CacheNames.MASK)
        || input.name().equals(CacheNames.CROSS_MASK);
  }

  private static LatheException refuse(String found, String expected) {
    return new LatheException(
        TransformError.UNSUPPORTED_FORM,
        "decoder: no form with a cache: " + found + " (expected: " + expected + ")");
  }

  private Written write() {
    Graph graph = plain.graph();
    requireFreeNames(graph);
    renamed.put(tokens, CacheNames.INPUT_IDS);
    for (Node node : graph.nodes()) {
      write(node);
    }
    if (pasts.isEmpty()) {
      throw refuse("no attention", "one or more");
    }
    ValueInfo logits = graph.outputs().getFirst();
    boolean perToken = graph.outputs().size() == 1 && extents.of(logits.name()) == Extent.TOKENS;
    if (!perToken || extents.fact(logits.name()).shape().rank() != 3) {
      throw refuse(
          "outputs " + graph.outputs().stream().map(ValueInfo::name).toList(),
          "logits alone, FLOAT [N, T, V]");
    }
    List<Node> picked = new LogitRows(nodes, extents).pick(renamed(logits.name()));
    Model model =
        plain
            .withGraph(
                new Graph(
                    graph.name(),
                    picked,
                    inputs(),
                    outputs(logits.name()),
                    graph.initializers(),
                    graph.sparseInitializers(),
                    values,
                    graph.notes()))
            .withOpset(CacheNames.CONTRIB, 1);
    return new Written(model, context);
  }

  /** Inputs and outputs of the new form must not meet values of the same name. */
  private void requireFreeNames(Graph graph) {
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        boolean own = graph.output(output).isPresent();
        if (CacheNames.isReserved(output) && !(own && output.equals(CacheNames.LOGITS))) {
          throw TokenRules.refuse(
              node, "its output \"" + output + "\" is called like one of a cache (expected: not)");
        }
      }
    }
  }

  private List<ValueInfo> inputs() {
    Dim rows = Dim.of("B");
    Shape perToken = Shape.of(List.of(rows, Dim.of("S")));
    List<ValueInfo> inputs = new ArrayList<>();
    inputs.add(ValueInfo.tensor(CacheNames.INPUT_IDS, ElementType.INT64, perToken));
    inputs.add(ValueInfo.tensor(CacheNames.LENGTHS, ElementType.INT32, Shape.of(List.of(rows))));
    inputs.add(ValueInfo.tensor(CacheNames.TOTAL, ElementType.INT32, Shape.SCALAR));
    inputs.add(ValueInfo.tensor(CacheNames.POSITIONS, ElementType.INT64, perToken));
    inputs.add(
        ValueInfo.tensor(CacheNames.ROWS, ElementType.INT64, Shape.of(List.of(Dim.of("R")))));
    plain.graph().requiredInputs().stream().skip(1).map(this::ofEncoder).forEach(inputs::add);
    inputs.addAll(pasts);
    return inputs;
  }

  /** What an encoder gave: heads as an axis of their own, where attention reads them. */
  private ValueInfo ofEncoder(ValueInfo given) {
    List<Dim> dims = new ArrayList<>(given.tensorType().shape().dims());
    dims.set(0, Dim.of("B"));
    Shape shape = crossed.getOrDefault(given.name(), Shape.of(dims));
    return ValueInfo.tensor(given.name(), given.tensorType().element(), shape);
  }

  private List<ValueInfo> outputs(String logits) {
    Shape shape = Shape.of(List.of(Dim.of("R"), extents.fact(logits).shape().dim(2)));
    List<ValueInfo> outputs = new ArrayList<>();
    outputs.add(ValueInfo.tensor(CacheNames.LOGITS, ElementType.FLOAT, shape));
    outputs.addAll(presents);
    return outputs;
  }

  private void write(Node node) {
    String output = node.output(0);
    Extent extent = extents.of(output);
    if (extents.isPlaces(output)) {
      renamed.put(output, CacheNames.POSITIONS);
      return;
    }
    if (extent == Extent.PAIRS) {
      return;
    }
    if (node.qualifiedOp().equals("Attention")) {
      if (AttentionForm.isAcross(node, extents)) {
        across(node);
      } else {
        attention(AttentionForm.of(node, extents));
      }
      return;
    }
    limit(node);
    boolean place = extents.of(node.input(0)).isPerPlace();
    if (place && (node.op().equals("Expand") || node.op().equals("Unsqueeze"))) {
      spread(node);
      return;
    }
    nodes.add(node.withInputs(node.inputs().stream().map(this::renamed).toList()));
  }

  /** With a cache, what depends on places has an axis of rows from the beginning. */
  private void spread(Node node) {
    int rank = extents.fact(node.output(0)).shape().rank();
    Optional<long[]> axes = extents.fact(node.input(1)).constants();
    boolean first =
        node.op().equals("Expand")
            || axes.isPresent() && axes.get().length == 1 && (axes.get()[0] + rank) % rank == 0;
    if (first) {
      if (node.op().equals("Expand") && !keepsRows(node)) {
        throw TokenRules.refuse(
            node, "it widens the rows of places (expected: a copy for each sequence alone)");
      }
      renamed.put(node.output(0), renamed(node.input(0)));
      return;
    }
    String last = constant(node.output(0) + "/axes", -1);
    if (axes.isEmpty()
        || axes.get().length != 1
        || axes.get()[0] != -1 && axes.get()[0] != rank - 1) {
      throw TokenRules.refuse(node, "an axis between those of places (expected: first or last)");
    }
    nodes.add(node.withInputs(List.of(renamed(node.input(0)), last)));
  }

  /** Whether the axes behind those of places are as long as before. */
  private boolean keepsRows(Node node) {
    Fact from = extents.fact(node.input(0));
    Fact to = extents.fact(node.output(0));
    int start = extents.of(node.input(0)).axes();
    int shift = extents.of(node.output(0)).axes() - start;
    return to.shape().rank() == from.shape().rank() + shift
        && IntStream.range(start, from.shape().rank())
            .allMatch(
                axis ->
                    !from.size(axis).equals(Term.UNKNOWN)
                        && from.size(axis).equals(to.size(axis + shift)));
  }

  private String renamed(String value) {
    return renamed.getOrDefault(value, value);
  }

  /** Tables that are read at places end somewhere, and the context with them. */
  private void limit(Node node) {
    boolean gathers = node.qualifiedOp().equals("Gather") && extents.of(node.input(0)).isConstant();
    boolean turns = node.qualifiedOp().equals("RotaryEmbedding");
    if (gathers || turns) {
      String table = node.input(turns ? 1 : 0);
      extents.placeOffset(node.input(turns ? 3 : 1)).ifPresent(offset -> limit(table, offset));
    }
  }

  private void limit(String table, long offset) {
    extents
        .constant(table)
        .ifPresent(tensor -> context = Math.min(context, tensor.dim(0) - offset));
  }

  /** Attention to an encoder: its keys and values are there from the first token on. */
  private void across(Node node) {
    AcrossForm form = AcrossForm.of(node, extents);
    crossed.put(node.input(1), form.given());
    crossed.put(node.input(2), form.given());
    nodes.addAll(form.write(renamed(node.input(0)), plain.opset()));
  }

  private String constant(String name, long... values) {
    nodes.add(
        Node.of("Constant", List.of(), List.of(name))
            .with("value", Attribute.of(Tensor.ofLongs(values, values.length))));
    return name;
  }

  private void attention(AttentionForm form) {
    int layer = pasts.size() / 2;
    Node node = form.node();
    Optional<AttentionForm.Rotation> rotation = form.rotation(extents);
    rotation.ifPresent(turn -> limit(turn.cosine(), turn.offset()));
    String query = rotation.map(AttentionForm.Rotation::query).orElse(node.input(0));
    String key = rotation.map(AttentionForm.Rotation::key).orElse(node.input(1));
    List<String> inputs =
        new ArrayList<>(
            List.of(
                renamed(query),
                renamed(key),
                renamed(node.input(2)),
                cache(CacheNames.pastKey(layer), form, pasts),
                cache(CacheNames.pastValue(layer), form, pasts),
                CacheNames.LENGTHS,
                CacheNames.TOTAL));
    rotation.ifPresent(
        turn ->
            inputs.addAll(
                List.of(from(turn.offset(), turn.cosine()), from(turn.offset(), turn.sine()))));
    if (!form.mask().bias().isEmpty()) {
      Stream.iterate("", _ -> "").limit(BIAS - inputs.size()).forEach(inputs::add);
      inputs.add(pairs.write(form.mask().bias()));
    }
    List<String> outputs =
        List.of(
            node.output(0),
            cache(CacheNames.presentKey(layer), form, presents),
            cache(CacheNames.presentValue(layer), form, presents));
    nodes.add(
        Node.of("GroupQueryAttention", inputs, outputs)
            .withDomain(CacheNames.CONTRIB)
            .withName(node.name())
            .withAttributes(attributes(form, rotation)));
    Shape mixed = Shape.of(List.of(Dim.of("B"), Dim.of("S"), Dim.of(form.heads() * form.size())));
    values.add(ValueInfo.tensor(node.output(0), ElementType.FLOAT, mixed));
  }

  /** The rows of a table from one on; the kernel takes the first for place 0. */
  private String from(long offset, String table) {
    if (offset == 0) {
      return table;
    }
    String name = table + "/from_" + offset;
    if (values.stream().noneMatch(value -> value.name().equals(name))) {
      Tensor whole = extents.constant(table).orElseThrow();
      long row = whole.byteSize() / whole.dim(0);
      Tensor rest =
          Tensor.of(
              whole.type(),
              new long[] {whole.dim(0) - offset, whole.dim(1)},
              whole.data().asSlice(offset * row));
      nodes.add(Node.of("Constant", List.of(), List.of(name)).with("value", Attribute.of(rest)));
      values.add(ValueInfo.of(name, rest.tensorType()));
    }
    return name;
  }

  private static Map<String, Attribute> attributes(
      AttentionForm form, Optional<AttentionForm.Rotation> rotation) {
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("num_heads", Attribute.of(form.heads()));
    attributes.put("kv_num_heads", Attribute.of(form.keyHeads()));
    attributes.put("local_window_size", Attribute.of(form.mask().window()));
    attributes.put("do_rotary", Attribute.of(rotation.isPresent() ? 1L : 0L));
    rotation.ifPresent(
        turn -> attributes.put("rotary_interleaved", Attribute.of(turn.interleaved())));
    for (String same : List.of("scale", "softcap")) {
      form.node().attribute(same).ifPresent(value -> attributes.put(same, value));
    }
    return attributes;
  }

  private static String cache(String name, AttentionForm form, List<ValueInfo> among) {
    List<Dim> dims =
        List.of(Dim.of("B"), Dim.of(form.keyHeads()), Dim.of("C"), Dim.of(form.size()));
    among.add(ValueInfo.tensor(name, ElementType.FLOAT, Shape.of(dims)));
    return name;
  }
}
