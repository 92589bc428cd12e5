package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.quantize.Projection;
import dev.lathe.transform.quantize.ProjectionWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the weights of projections, MatMul and Gemm by constant matrices, into another form. Tables
 * that tokens are looked up in, normalizations and what attention computes stay as they are. A
 * matrix is read an output at a time and written once, so that neither the old weights nor the new
 * ones need to be in memory as a whole.
 */
public final class QuantizeWeights {
  private static final Set<String> PROJECTIONS = Set.of("MatMul", "Gemm");

  /** Smaller projections stay: they cost little and a router's choice should not change. */
  private static final long FEWEST_WEIGHTS = 1024;

  private static final Set<String> BEHIND_HEAD =
      Set.of("Add", "Sub", "Mul", "Div", "Tanh", "Cast", "Identity", "Clip", "Reshape");

  private final Model model;
  private final ProjectionWriter writer;
  private final WeightForm form;
  private final Set<String> heads;

  private QuantizeWeights(Model model, WeightForm form, WeightMemory memory) {
    this.model = model;
    this.form = form;
    this.heads = heads(model.graph());
    FreshNames names = new FreshNames(model);
    this.writer = new ProjectionWriter(names::of, memory, InferShapes.apply(model));
  }

  /**
   * Operators whose constant weights are put into another form.
   *
   * @return their names in {@code ai.onnx}
   */
  public static Set<String> operators() {
    return PROJECTIONS;
  }

  /**
   * Quantizes.
   *
   * @param model a model, its projections FLOAT
   * @param form the form of the weights; {@link WeightForm#head} for a projection whose results are
   *     outputs of the model
   * @param memory where the new weights are written
   * @return a model with the same inputs and outputs, with operators of ONNX Runtime's own; the
   *     same object for {@link WeightForm#FLOAT32}
   * @throws dev.lathe.ir.LatheException BAD_SETTING if a weight is not a finite number
   */
  public static Model apply(Model model, WeightForm form, WeightMemory memory) {
    return form == WeightForm.FLOAT32 ? model : new QuantizeWeights(model, form, memory).write();
  }

  private Model write() {
    Graph graph = model.graph();
    Map<String, Node> transposes = Projection.transposes(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Optional<Projection> projection =
          Projection.of(node, graph, transposes).filter(QuantizeWeights::isLarge);
      if (projection.isPresent()) {
        boolean head = heads.contains(node.output(0));
        nodes.addAll(writer.write(projection.get(), head ? form.head() : form));
      } else {
        nodes.add(node);
      }
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.putAll(writer.initializers());
    Model written =
        model
            .withGraph(graph.withNodes(nodes).withInitializers(initializers))
            .withOpset("com.microsoft", 1);
    return RemoveDeadNodes.apply(written);
  }

  private static boolean isLarge(Projection projection) {
    return projection.matrix().size() >= FEWEST_WEIGHTS;
  }

  /** What is made of outputs backwards, up to the first projections: what these make. */
  private static Set<String> heads(Graph graph) {
    Set<String> reaching = new HashSet<>();
    graph.outputs().stream().map(ValueInfo::name).forEach(reaching::add);
    Set<String> heads = new HashSet<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(reaching::contains)) {
        if (PROJECTIONS.contains(node.op())) {
          heads.add(node.output(0));
        } else if (BEHIND_HEAD.contains(node.qualifiedOp())) {
          reaching.addAll(node.inputs());
        }
      }
    }
    return heads;
  }
}
