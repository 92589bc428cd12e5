package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Inference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A Scan in the making: a body that runs once per step of some sequences and hands states on from
 * step to step. The body may read any value of the draft. Sequences run along axis 0.
 */
final class ScanBody {
  private final Draft draft;
  private final Inference inference;
  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> own = new HashSet<>();
  private final Map<String, String> states = new LinkedHashMap<>();
  private final Map<String, String> sequences = new LinkedHashMap<>();
  private final Map<String, String> nexts = new LinkedHashMap<>();
  private final List<String> rows = new ArrayList<>();

  ScanBody(Draft draft) {
    this.draft = draft;
    this.inference = draft.inner();
  }

  /** A state that starts as a value of the draft; the name it has in the body. */
  String state(String initial) {
    String name = take(draft.fact(initial));
    states.put(name, initial);
    return name;
  }

  /** A step of a sequence of the draft; the name it has in the body. */
  String each(String sequence) {
    Fact whole = draft.fact(sequence);
    Shape shape = whole.shape();
    Shape row = shape.ranked() ? Shape.of(shape.dims().subList(1, shape.rank())) : Shape.UNRANKED;
    String name = take(Fact.of(whole.element(), row));
    sequences.put(name, sequence);
    return name;
  }

  private String take(Fact fact) {
    String name = draft.fresh();
    inference.put(name, Fact.of(fact.element(), fact.shape()));
    own.add(name);
    return name;
  }

  String node(String op, String... inputs) {
    return node(op, Map.of(), inputs);
  }

  String node(String op, Map<String, Attribute> attributes, String... inputs) {
    return nodes(op, attributes, 1, inputs).getFirst();
  }

  List<String> nodes(String op, Map<String, Attribute> attributes, int count, String... inputs) {
    List<String> read = Arrays.stream(inputs).map(this::read).toList();
    List<String> outputs = IntStream.range(0, count).mapToObj(_ -> draft.fresh()).toList();
    Node node = Node.of(op, read, outputs).withAttributes(attributes).withName(outputs.getFirst());
    inference.add(node);
    nodes.add(node);
    own.addAll(outputs);
    return outputs;
  }

  private String read(String value) {
    if (own.contains(value)) {
      return value;
    }
    String outer = draft.capture(value);
    inference.put(outer, draft.fact(outer));
    return outer;
  }

  String mul(String a, String b) {
    return node("Mul", a, b);
  }

  String add(String a, String b) {
    return node("Add", a, b);
  }

  String sub(String a, String b) {
    return node("Sub", a, b);
  }

  /** Rows of a matrix, cut into pieces of given heights. */
  List<String> cut(String value, long... heights) {
    return nodes(
        "Split", Map.of("axis", Attribute.of(0L)), heights.length, value, draft.longs(heights));
  }

  /** Matrices of one width under each other. */
  String stack(String... values) {
    return node("Concat", Map.of("axis", Attribute.of(0L)), values);
  }

  /** What a state is at the next step. */
  void next(String state, String value) {
    nexts.put(state, value);
  }

  /** Collects a value of every step into a sequence; its place among the sequences made. */
  int collect(String value) {
    // An output of a body has one role only.
    boolean taken =
        rows.contains(value)
            || nexts.containsValue(value)
            || states.containsKey(value)
            || sequences.containsKey(value);
    rows.add(taken ? again(value) : value);
    return rows.size() - 1;
  }

  /**
   * The same value once more. To compute it again is cheaper than to copy it; with its operands
   * exchanged it is not taken for the same.
   */
  private String again(String value) {
    for (Node node : nodes) {
      boolean commutes = node.op().equals("Mul") || node.op().equals("Add");
      if (commutes && node.output(0).equals(value) && !node.input(0).equals(node.input(1))) {
        return node(node.op(), node.input(1), node.input(0));
      }
    }
    return node("Identity", value);
  }

  /** The sequences and last states that a Scan makes, as values of the draft. */
  record Made(List<String> last, List<String> sequences) {}

  /** Writes the node to the draft. */
  Made write(boolean backwards) {
    GraphBuilder body = new GraphBuilder(draft.scope());
    states.keySet().forEach(name -> declare(body, name));
    sequences.keySet().forEach(name -> declare(body, name));
    nodes.forEach(body::append);
    List<String> outputs = new ArrayList<>();
    states.keySet().forEach(state -> outputs.add(nexts.get(state)));
    outputs.addAll(rows);
    Graph graph = body.build().withOutputs(outputs.stream().map(name -> info(name)).toList());
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("body", new Attribute.OfGraph(graph));
    attributes.put("num_scan_inputs", Attribute.of((long) sequences.size()));
    if (backwards) {
      attributes.put("scan_input_directions", ones(sequences.size()));
      attributes.put("scan_output_directions", ones(rows.size()));
    }
    List<String> inputs = new ArrayList<>(states.values());
    inputs.addAll(sequences.values());
    List<String> made =
        draft.nodes("Scan", attributes, outputs.size(), inputs.toArray(new String[0]));
    return new Made(made.subList(0, states.size()), made.subList(states.size(), outputs.size()));
  }

  private static Attribute ones(int count) {
    return Attribute.ofInts(IntStream.range(0, count).mapToLong(_ -> 1).toArray());
  }

  private void declare(GraphBuilder body, String name) {
    Fact fact = inference.fact(name);
    body.input(name, fact.element(), fact.shape());
  }

  private ValueInfo info(String name) {
    return ValueInfo.of(name, inference.fact(name).type());
  }
}
