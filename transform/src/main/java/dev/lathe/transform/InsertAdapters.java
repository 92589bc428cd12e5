package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.quantize.Projection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts low-rank adapters (LoRA) beside the weights of MatMul, Gemm, Conv and ConvTranspose: {@code
 * y = x·W + α/r · x·Aᵀ·Bᵀ}. A starts uniform within {@code ±1/√I}, where I is the number of inputs
 * of an output, and B as 0, so that nothing changes before the first step.
 *
 * <p>The result is a forward model as any other. To train the adapters alone, give {@link
 * #parameters} to {@link TrainingGraphs}: all other weights are constants of the step then. {@link
 * MergeAdapters} folds trained adapters into the weights, {@link AdapterWeights} takes them out and
 * puts them on another copy of the model.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., LoRA: Low-Rank Adaptation of Large
 *     Language Models</a>
 */
public final class InsertAdapters {
  private static final int NAMED_AT_MOST = 5;

  private InsertAdapters() {}

  /**
   * Inserts adapters with starting values.
   *
   * <p>A has shape [r, I] and B [O, r] whatever the layout of the weight, and whether it is
   * transposed by a node of its own. For E products side by side, of a MatMul whose weight has more
   * than two axes, they are [E·r, I] and [O, r·E], as PEFT has those of parameters with three axes.
   * For Conv with G groups A has [r, I/G, kernel...] and B [O, r/G, 1, ...], so that they can be
   * folded into the weight; r is the smallest multiple of G from the wanted rank then. For
   * ConvTranspose A has [I, r/G, kernel...] and B the same as for Conv. All are FLOAT initializers.
   * Dropout, if any, is a Dropout node, which training graphs make drop.
   *
   * <p>A weight that an embedding shares, which Gather picks rows of, has one adapter for both: its
   * full name must be among the targets for that, as patterns leave it out.
   *
   * @param base the model; its weights are initializers
   * @param options rank, scale, dropout, and which weights
   * @return the model with adapters
   * @throws LatheException UNKNOWN_VALUE if a pattern matches no weight of MatMul, Gemm, Conv or
   *     ConvTranspose; UNSUPPORTED_FORM naming node and weight, if the weight is used by another
   *     operator too or laid out in two ways; BAD_GRAPH if it has an adapter already
   */
  public static Model apply(Model base, AdapterOptions options) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (String weight : targets(base.graph(), options.targets())) {
      AdapterForm form = AdapterSite.form(base.graph(), weight);
      long rank = form.rank(options.rank());
      Adapter adapter = new Adapter(weight);
      long seed = options.seed() * 1_000_003 + weight.hashCode();
      values.put(adapter.down(), uniform(form.downShape(rank), form.seen(), seed));
      values.put(adapter.up(), Tensor.zeros(ElementType.FLOAT, form.upShape(rank)));
    }
    return insert(base, values, options.alpha(), options.dropout());
  }

  /**
   * The parameters of all adapters of a model.
   *
   * @param adapted a model with adapters
   * @return names of initializers, two for each adapter
   * @throws LatheException UNKNOWN_VALUE if it has none
   */
  public static Set<String> parameters(Model adapted) {
    Set<String> names = new LinkedHashSet<>();
    for (Adapter adapter : Adapter.require(adapted)) {
      names.add(adapter.down());
      names.add(adapter.up());
    }
    return names;
  }

  /** Inserts adapters with given values, by the names of their initializers. */
  static Model insert(Model base, Map<String, Tensor> values, double alpha, double dropout) {
    Graph graph = base.graph();
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    Map<Adapter, AdapterForm> adapters = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : values.entrySet()) {
      String name = entry.getKey();
      if (initializers.put(name, entry.getValue()) != null) {
        throw new LatheException(
            TransformError.BAD_GRAPH, "initializer \"" + name + "\" (expected: no adapter yet)");
      }
      if (name.endsWith(Adapter.DOWN)) {
        String stem = name.substring(0, name.length() - Adapter.DOWN.length());
        Adapter adapter = new Adapter(Adapter.weight(stem, graph.initializers()).orElseThrow());
        AdapterForm form = AdapterSite.form(graph, adapter.weight());
        adapters.put(adapter, form);
        float scale = (float) (alpha / form.rankOf(entry.getValue()));
        initializers.put(adapter.scale(), Tensor.scalar(scale));
      }
    }
    AdapterWriter writer = new AdapterWriter(new FreshNames(base), initializers, dropout);
    Map<Node, List<Node>> changed = new IdentityHashMap<>();
    adapters.forEach(
        (adapter, form) ->
            AdapterSite.all(graph, adapter.weight())
                .forEach(site -> changed.put(site.node(), writer.write(adapter, site, form))));
    List<Node> nodes = new ArrayList<>();
    graph.nodes().forEach(node -> nodes.addAll(changed.getOrDefault(node, List.of(node))));
    return base.withGraph(graph.withNodes(nodes).withInitializers(initializers));
  }

  private static Set<String> targets(Graph graph, List<String> patterns) {
    Set<String> weights = weights(graph);
    Set<String> shared = embedded(graph);
    Set<String> targets = new LinkedHashSet<>();
    for (String pattern : patterns) {
      Pattern regex = glob(pattern);
      List<String> found =
          weights.stream()
              .filter(w -> shared.contains(w) ? w.equals(pattern) : regex.matcher(w).matches())
              .toList();
      if (found.isEmpty()) {
        throw new LatheException(
            TransformError.UNKNOWN_VALUE,
            "target \""
                + pattern
                + "\" (expected: FLOAT weights of MatMul, Gemm, Conv or ConvTranspose, one that an"
                + " embedding shares by its full name, here "
                + some(weights)
                + ")");
      }
      targets.addAll(found);
    }
    return targets;
  }

  private static Set<String> weights(Graph graph) {
    Map<String, Node> transposes = Projection.transposes(graph);
    Set<String> weights = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      for (int input = 0; input < node.inputs().size(); input++) {
        AdapterSite.of(node, input, transposes)
            .filter(site -> !site.picks())
            .map(AdapterSite::weight)
            .filter(weight -> isMatrix(graph.initializers().get(weight)))
            .ifPresent(weights::add);
      }
    }
    return weights;
  }

  private static boolean isMatrix(@Nullable Tensor tensor) {
    return tensor != null && tensor.rank() > 1 && tensor.type() == ElementType.FLOAT;
  }

  /** What Gather picks rows of. */
  private static Set<String> embedded(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.qualifiedOp().equals("Gather"))
        .map(node -> node.input(0))
        .collect(Collectors.toSet());
  }

  private static String some(Set<String> weights) {
    List<String> first = weights.stream().limit(NAMED_AT_MOST).map(w -> '"' + w + '"').toList();
    String more = weights.size() > NAMED_AT_MOST ? ", ..." : "";
    return first.isEmpty() ? "none" : String.join(", ", first) + more;
  }

  private static Pattern glob(String text) {
    StringBuilder regex = new StringBuilder();
    for (char c : text.toCharArray()) {
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString());
  }

  private static Tensor uniform(long[] dims, long inputs, long seed) {
    Random random = new Random(seed);
    double bound = 1 / Math.sqrt(inputs);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    return Tensor.ofFloats(values, dims);
  }
}
