package dev.lathe.runtime.interpreter;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Scan: a body that is run once per step of some sequences, with states handed on from step to
 * step.
 */
public final class Scanning {
  static final Map<String, Kernel> TABLE = Map.of("Scan", call -> new Scanning(call).run());

  private final Call call;
  private final Graph body;
  private final int scanned;
  private final int states;
  private final int made;

  private Scanning(Call call) {
    this.call = call;
    if (!(call.node().attributes().get("body") instanceof Attribute.OfGraph(Graph graph))) {
      throw call.bad("body (expected: a graph)");
    }
    body = graph;
    scanned = call.size(call.number("num_scan_inputs", 0));
    states = call.inputs().size() - scanned;
    made = body.outputs().size() - states;
    boolean fits = scanned > 0 && states >= 0 && made >= 0;
    if (call.opset() < 9 || !fits || body.inputs().size() != call.inputs().size()) {
      throw call.unsupported(
          scanned
              + " sequences and "
              + call.inputs().size()
              + " inputs for a body of "
              + body.inputs().size()
              + " inputs and "
              + body.outputs().size()
              + " outputs, in version "
              + call.opset()
              + " (expected: those that fit, in version 9 or later)");
    }
  }

  /** Values that a graph's nodes read and no node or input of the graph makes. */
  static Set<String> captured(Graph graph) {
    Set<String> own = new HashSet<>(graph.initializers().keySet());
    graph.inputs().forEach(input -> own.add(input.name()));
    Set<String> free = new HashSet<>();
    for (Node node : graph.nodes()) {
      for (String input : reads(node)) {
        if (!own.contains(input)) {
          free.add(input);
        }
      }
      own.addAll(node.outputs());
    }
    graph.outputs().stream()
        .filter(output -> !own.contains(output.name()))
        .forEach(output -> free.add(output.name()));
    return free;
  }

  /**
   * What a node reads, itself and in its bodies.
   *
   * @param node the node
   * @return names of values of the graph that the node is in; perhaps the empty name
   */
  public static List<String> reads(Node node) {
    List<String> reads = new ArrayList<>(node.inputs());
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.OfGraph(Graph graph)) {
        reads.addAll(captured(graph));
      } else if (attribute instanceof Attribute.OfGraphs(List<Graph> graphs)) {
        graphs.forEach(graph -> reads.addAll(captured(graph)));
      }
    }
    return reads;
  }

  private int setting(String name, int index) {
    int[] all = call.sizes(name);
    return index < all.length ? all[index] : 0;
  }

  private List<Array> run() {
    List<Array> sequences = new ArrayList<>();
    for (int i = 0; i < scanned; i++) {
      Array input = call.in(states + i);
      int axis = call.axis(setting("scan_input_axes", i), input.rank());
      sequences.add(Movement.permute(input, toFront(axis, input.rank())));
    }
    int steps = sequences.getFirst().dims()[0];
    if (sequences.stream().anyMatch(sequence -> sequence.dims()[0] != steps)) {
      throw call.bad("sequences of different lengths (expected: " + steps + ")");
    }
    Array[] state = new Array[states];
    Arrays.setAll(state, call::in);
    Array[][] rows = new Array[made][steps];
    Map<String, Array> around = around();
    for (int step = 0; step < steps; step++) {
      Map<String, Array> values = new HashMap<>(around);
      for (int i = 0; i < states; i++) {
        values.put(body.inputs().get(i).name(), state[i]);
      }
      for (int i = 0; i < scanned; i++) {
        int place = setting("scan_input_directions", i) == 0 ? step : steps - 1 - step;
        values.put(body.inputs().get(states + i).name(), row(sequences.get(i), place));
      }
      runBody(values);
      for (int i = 0; i < states; i++) {
        state[i] = value(values, i);
      }
      for (int i = 0; i < made; i++) {
        int place = setting("scan_output_directions", i) == 0 ? step : steps - 1 - step;
        rows[i][place] = value(values, states + i);
      }
    }
    List<Array> outputs = new ArrayList<>(List.of(state));
    for (int i = 0; i < made; i++) {
      outputs.add(stack(rows[i], setting("scan_output_axes", i)));
    }
    return outputs;
  }

  private Map<String, Array> around() {
    Map<String, Array> around = new HashMap<>();
    body.initializers().forEach((name, tensor) -> around.put(name, Array.of(tensor)));
    captured(body)
        .forEach(
            name -> {
              if (call.scope().containsKey(name)) {
                around.put(name, call.scope().get(name));
              }
            });
    return around;
  }

  private void runBody(Map<String, Array> values) {
    for (Node node : body.nodes()) {
      List<Optional<Array>> inputs = new ArrayList<>();
      for (String name : node.inputs()) {
        if (!name.isEmpty() && !values.containsKey(name)) {
          throw call.bad("in its body, " + node.describe() + ": input \"" + name + "\" is unknown");
        }
        inputs.add(Optional.ofNullable(values.get(name)));
      }
      List<Array> outputs = Kernels.evaluate(new Call(node, inputs, call.opset(), values));
      for (int i = 0; i < node.outputs().size(); i++) {
        values.put(node.output(i), outputs.get(i));
      }
    }
  }

  private Array value(Map<String, Array> values, int output) {
    Array value = values.get(body.outputs().get(output).name());
    if (value == null) {
      throw call.bad("output " + output + " of its body is made nowhere");
    }
    return value;
  }

  private static int[] toFront(int axis, int rank) {
    int[] perm = new int[rank];
    Arrays.setAll(perm, i -> i == 0 ? axis : i <= axis ? i - 1 : i);
    return perm;
  }

  private static Array row(Array sequence, int place) {
    int[] dims = Arrays.copyOfRange(sequence.dims(), 1, sequence.rank());
    int size = Sizes.count(dims);
    int[] places = new int[size];
    Arrays.setAll(places, i -> place * size + i);
    return sequence.pick(dims, places);
  }

  /** Rows of one shape under each other, along a new axis. */
  private Array stack(Array[] rows, int axis) {
    if (rows.length == 0) {
      throw call.unsupported("no steps (expected: one or more)");
    }
    Array first = rows[0];
    int[] dims = new int[first.rank() + 1];
    System.arraycopy(first.dims(), 0, dims, 1, first.rank());
    dims[0] = rows.length;
    int size = Sizes.count(Sizes.require(dims));
    double[] reals = new double[first instanceof Array.Reals ? size : 0];
    long[] integers = new long[first instanceof Array.Reals ? 0 : size];
    for (int i = 0; i < rows.length; i++) {
      if (!Arrays.equals(rows[i].dims(), first.dims()) || rows[i].type() != first.type()) {
        throw call.bad(rows[i].describe() + " after " + first.describe() + " (expected: the same)");
      }
      switch (rows[i]) {
        case Array.Reals row ->
            System.arraycopy(row.values(), 0, reals, i * first.size(), first.size());
        case Array.Integers row ->
            System.arraycopy(row.values(), 0, integers, i * first.size(), first.size());
        case Array.Texts _ -> throw call.unsupported("STRING (expected: numbers)");
      }
    }
    Array stacked =
        first instanceof Array.Reals
            ? new Array.Reals(first.type(), dims, reals)
            : new Array.Integers(first.type(), dims, integers);
    int to = call.axis(axis, dims.length);
    int[] perm = new int[dims.length];
    Arrays.setAll(perm, i -> i == to ? 0 : i < to ? i + 1 : i);
    return Movement.permute(stacked, perm);
  }
}
