package dev.lathe.transform;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.shape.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Lets the way back of a step read values that are computed a second time.
 *
 * <p>Forward nodes are cut into segments. Of each segment but the last, the nodes that make what
 * the way back reads are written again, in front of its first reader; they start from values that
 * lie between segments, which are kept. An engine would find equal nodes and merge them, and would
 * run the second ones as early as it likes. Both is prevented by a {@link Gate}: the second nodes
 * read the kept values through it, and it opens when the way back through later segments is done.
 */
final class Recompute {
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli");

  private final Model model;
  private final Set<String> pinned = new HashSet<>();
  private final Function<String, Fact> facts;
  private final FreshNames names;
  private final List<Node> forward = new ArrayList<>();
  private final List<Node> backward = new ArrayList<>();
  private final Map<String, Integer> segments = new HashMap<>();
  private final Set<String> ofData;

  /**
   * What a step is made of.
   *
   * @param forward all values that the forward run makes
   * @param data inputs that take data; what depends on none of them is small, and kept
   * @param facts what is known of a value
   */
  record Parts(Set<String> forward, Set<String> data, Function<String, Fact> facts) {}

  private Recompute(Model model, Parts parts) {
    this.model = model;
    this.facts = parts.facts();
    this.names = new FreshNames(model);
    this.ofData = new HashSet<>(parts.data());
    model.graph().outputs().forEach(output -> pinned.add(output.name()));
    for (Node node : model.graph().nodes()) {
      boolean early =
          parts.forward().containsAll(node.outputs().stream().filter(o -> !o.isEmpty()).toList());
      (early ? forward : backward).add(node);
      Bodies.of(node).forEach(body -> capture(body, pinned));
      if (early && node.inputs().stream().anyMatch(ofData::contains)) {
        ofData.addAll(node.outputs());
      }
      if (RANDOM.contains(node.op())) {
        pinned.addAll(node.outputs());
      }
    }
    ofData.remove("");
  }

  /** Names that a body reads; its own are counted too. */
  private static void capture(Graph body, Set<String> names) {
    for (Node node : body.nodes()) {
      names.addAll(node.inputs());
      Bodies.of(node).forEach(inner -> capture(inner, names));
    }
    body.outputs().forEach(output -> names.add(output.name()));
  }

  /**
   * Rewrites a step.
   *
   * @return the same object if nothing is to be computed twice
   */
  static Model apply(Model step, Recomputation recomputation, Parts parts) {
    if (recomputation.way() == Recomputation.Way.NOTHING) {
      return step;
    }
    Recompute recompute = new Recompute(step, parts);
    Set<String> read = new HashSet<>();
    recompute.backward.forEach(node -> read.addAll(node.inputs()));
    TreeSet<Integer> cuts =
        new Segments(recompute.forward, read, recompute::bytes).cuts(recomputation);
    return recompute.rewrite(cuts);
  }

  /** Sizes that are not known count once: the examples of a batch are in every value. */
  private long bytes(String value) {
    Fact fact = facts.apply(value);
    if (!ofData.contains(value) || !fact.shape().ranked() || !fact.element().isFixedWidth()) {
      return 0;
    }
    long count = 1;
    for (Dim dim : fact.shape().dims()) {
      count *= Math.max(1, dim.sizeOrMinusOne());
    }
    return fact.element().byteSize(count);
  }

  private Model rewrite(TreeSet<Integer> cuts) {
    for (int i = 0; i < forward.size(); i++) {
      int segment = cuts.headSet(i, true).size();
      forward.get(i).outputs().forEach(output -> segments.put(output, segment));
    }
    segments.remove("");
    keepWhatCrosses();
    Map<Integer, Set<String>> wanted = wanted(cuts.size());
    TreeMap<Integer, Integer> starts = starts(wanted);
    if (starts.isEmpty()) {
      return model;
    }
    Map<String, String> renames = new HashMap<>();
    List<Node> written = new ArrayList<>();
    Gate gate = new Gate(facts, names);
    int from = 0;
    for (int at = 0; at < backward.size(); at++) {
      if (starts.containsKey(at)) {
        List<String> done = results(from, at);
        if (!done.isEmpty()) {
          gate.open(done, written);
          again(starts.get(at), wanted.get(starts.get(at)), gate, new Copy(renames, written));
        }
        from = at;
      }
      Node node = backward.get(at);
      written.add(renamed(node, renames));
    }
    List<Node> all = new ArrayList<>(forward);
    all.addAll(written);
    Graph graph = model.graph().withNodes(all);
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.putAll(gate.constants());
    return model.withGraph(graph.withInitializers(initializers));
  }

  private void keepWhatCrosses() {
    for (Node node : forward) {
      int segment = node.outputs().isEmpty() ? 0 : segments.getOrDefault(node.output(0), 0);
      for (String input : node.inputs()) {
        if (segments.containsKey(input) && segments.get(input) != segment) {
          pinned.add(input);
        }
      }
    }
  }

  /** What the way back reads of each segment but the last, without what is kept. */
  private Map<Integer, Set<String>> wanted(int last) {
    Map<Integer, Set<String>> wanted = new TreeMap<>();
    for (Node node : backward) {
      for (String input : node.inputs()) {
        Integer segment = segments.get(input);
        boolean lost = segment != null && segment < last && !pinned.contains(input);
        if (lost && ofData.contains(input)) {
          wanted.computeIfAbsent(segment, _ -> new LinkedHashSet<>()).add(input);
        }
      }
    }
    return wanted;
  }

  /** For the first reader of each segment's lost values, the segment. */
  private TreeMap<Integer, Integer> starts(Map<Integer, Set<String>> wanted) {
    TreeMap<Integer, Integer> starts = new TreeMap<>();
    wanted.forEach(
        (segment, lost) -> {
          for (int at = 0; at < backward.size(); at++) {
            if (backward.get(at).inputs().stream().anyMatch(lost::contains)) {
              starts.merge(at, segment, Math::max);
              break;
            }
          }
        });
    return starts;
  }

  /** What backward nodes from one up to another leave to others: gradients, and the way on. */
  private List<String> results(int from, int to) {
    Set<String> made = new LinkedHashSet<>();
    for (Node node : backward.subList(from, to)) {
      if (facts.apply(node.output(0)).element() == ElementType.FLOAT) {
        made.add(node.output(0));
      }
    }
    Set<String> left = new LinkedHashSet<>();
    for (Node node : backward.subList(to, backward.size())) {
      node.inputs().stream().filter(made::contains).forEach(left::add);
    }
    left.removeIf(value -> !facts.apply(value).shape().ranked());
    return List.copyOf(left);
  }

  /** Where copies go: what their values are called, and the nodes. */
  private record Copy(Map<String, String> renames, List<Node> nodes) {}

  private void again(int segment, Set<String> wanted, Gate gate, Copy copy) {
    Set<String> needed = new HashSet<>(wanted);
    List<Node> copied = new ArrayList<>();
    for (Node node : forward.reversed()) {
      boolean own = node.outputs().stream().anyMatch(o -> segment == segments.getOrDefault(o, -1));
      if (own && node.outputs().stream().anyMatch(needed::contains)) {
        copied.addFirst(node);
        for (String input : node.inputs()) {
          boolean inner = segment == segments.getOrDefault(input, -1) && ofData.contains(input);
          if (inner && !pinned.contains(input)) {
            needed.add(input);
          }
        }
      }
    }
    Map<String, String> local = new HashMap<>();
    for (Node node : copied) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          local.put(output, names.of("again/" + output));
        }
      }
    }
    for (Node node : copied) {
      for (String input : node.inputs()) {
        if (ofData.contains(input) && !local.containsKey(input)) {
          local.put(input, gate.through(input, copy.nodes));
        }
      }
    }
    for (Node node : copied) {
      Node renamed =
          renamed(node, local)
              .withOutputs(node.outputs().stream().map(v -> local.getOrDefault(v, v)).toList());
      copy.nodes.add(renamed.withName(renamed.output(0)));
    }
    wanted.forEach(value -> copy.renames.put(value, local.get(value)));
  }

  private static Node renamed(Node node, Map<String, String> renames) {
    return node.inputs().stream().anyMatch(renames::containsKey)
        ? node.withInputs(node.inputs().stream().map(v -> renames.getOrDefault(v, v)).toList())
        : node;
  }
}
