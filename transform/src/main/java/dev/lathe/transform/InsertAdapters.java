package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Puts low-rank adapters (LoRA) beside the weights of MatMul, Gemm and Conv: {@code y = x·W + α/r ·
 * x·Aᵀ·Bᵀ}. A starts uniform within {@code ±1/√I}, where I is the number of inputs of an output,
 * and B as 0, so that nothing changes before the first step.
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
   * <p>A has shape [r, I] and B [O, r] whatever the layout of the weight; for Conv with G groups A
   * has [r, I/G, kernel...] and B [O, r/G, 1, ...]. Both are FLOAT initializers. Dropout, if any,
   * is a Dropout node, which training graphs make drop.
   *
   * @param base the model; its weights are initializers
   * @param options rank, scale, dropout, and which weights
   * @return the model with adapters
   * @throws LatheException UNKNOWN_VALUE if a pattern matches no weight of MatMul, Gemm or Conv;
   *     UNSUPPORTED_FORM naming node and weight, if the weight is used by another operator too, is
   *     not FLOAT, or the rank is no multiple of a convolution's groups; BAD_GRAPH if it has an
   *     adapter already
   */
  public static Model apply(Model base, AdapterOptions options) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (String weight : targets(base.graph(), options.targets())) {
      AdapterSite site = AdapterSite.all(base.graph().nodes(), weight).getFirst();
      Tensor tensor = base.graph().initializers().get(weight);
      site.require(tensor, options.rank());
      Adapter adapter = new Adapter(weight);
      long seed = options.seed() * 1_000_003 + weight.hashCode();
      values.put(adapter.down(), uniform(site.downShape(tensor, options.rank()), seed));
      values.put(
          adapter.up(), Tensor.zeros(ElementType.FLOAT, site.upShape(tensor, options.rank())));
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
    Map<String, Adapter> adapters = new HashMap<>();
    for (Map.Entry<String, Tensor> entry : values.entrySet()) {
      String name = entry.getKey();
      if (initializers.put(name, entry.getValue()) != null) {
        throw new LatheException(
            TransformError.BAD_GRAPH, "initializer \"" + name + "\" (expected: no adapter yet)");
      }
      if (name.endsWith(Adapter.DOWN)) {
        String stem = name.substring(0, name.length() - Adapter.DOWN.length());
        Adapter adapter = new Adapter(Adapter.weight(stem, graph.initializers()).orElseThrow());
        adapters.put(adapter.weight(), adapter);
        float scale = (float) (alpha / entry.getValue().dim(0));
        initializers.put(adapter.scale(), Tensor.scalar(scale));
      }
    }
    AdapterWriter writer = new AdapterWriter(new FreshNames(base), initializers, dropout);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      int operand =
          node.inputs().stream().filter(adapters::containsKey).findFirst().stream()
              .mapToInt(node.inputs()::indexOf)
              .findFirst()
              .orElse(-1);
      if (operand < 0) {
        nodes.add(node);
      } else {
        Adapter adapter = adapters.get(node.input(operand));
        nodes.addAll(writer.write(adapter, new AdapterSite(node, operand)));
      }
    }
    return base.withGraph(graph.withNodes(nodes).withInitializers(initializers));
  }

  private static Set<String> targets(Graph graph, List<String> patterns) {
    Set<String> weights = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      for (int input = 0; input < node.inputs().size(); input++) {
        Tensor tensor = graph.initializers().get(node.input(input));
        boolean matrix = tensor != null && tensor.rank() > 1;
        if (matrix
            && tensor.type() == ElementType.FLOAT
            && AdapterSite.of(node, input).isPresent()) {
          weights.add(node.input(input));
        }
      }
    }
    Set<String> targets = new LinkedHashSet<>();
    for (String pattern : patterns) {
      Pattern regex = glob(pattern);
      List<String> found = weights.stream().filter(w -> regex.matcher(w).matches()).toList();
      if (found.isEmpty()) {
        throw new LatheException(
            TransformError.UNKNOWN_VALUE,
            "target \""
                + pattern
                + "\" (expected: FLOAT weights of MatMul, Gemm or Conv, here "
                + some(weights)
                + ")");
      }
      targets.addAll(found);
    }
    return targets;
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

  private static Tensor uniform(long[] dims, long seed) {
    Random random = new Random(seed);
    double bound = 1 / Math.sqrt((double) Tensor.sizeOf(dims) / dims[0]);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    return Tensor.ofFloats(values, dims);
  }
}
