package dev.lathe.transform;

import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites a model from an older version of {@code ai.onnx} into {@link Model#OPSET}, so that what
 * is added to it may be written in one version. What a model computes stays the same.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/Changelog.md">Operator changelog</a>
 */
public final class UpgradeOpset {
  /** Versions before this one broadcast by attributes. */
  private static final long OLDEST = 7;

  private final FreshNames names;

  private UpgradeOpset(FreshNames names) {
    this.names = names;
  }

  /**
   * Upgrades.
   *
   * @param model the model
   * @return the model in {@link Model#OPSET}, or the same object if it is in that version or a
   *     newer one
   * @throws LatheException UNSUPPORTED_FORM for a version before 7, or a node whose old form has no
   *     new one
   */
  public static Model apply(Model model) {
    long version = model.opset();
    if (version >= Model.OPSET || version == 0) {
      return model;
    }
    if (version < OLDEST) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          "version " + version + " of ai.onnx (expected: " + OLDEST + " or later)");
    }
    UpgradeOpset upgrade = new UpgradeOpset(new FreshNames(model));
    List<Function> functions = model.functions().stream().map(upgrade::function).toList();
    return new Model(
            Math.max(model.irVersion(), Model.IR_VERSION),
            model.opsets(),
            model.producer(),
            model.domain(),
            model.version(),
            upgrade.graph(model.graph(), version),
            functions,
            model.notes())
        .withOpset("", Model.OPSET);
  }

  private Function function(Function function) {
    long version = function.opsets().getOrDefault("", Model.OPSET);
    if (version >= Model.OPSET) {
      return function;
    }
    Map<String, Long> opsets = new LinkedHashMap<>(function.opsets());
    opsets.put("", Model.OPSET);
    return new Function(
        function.name(),
        function.domain(),
        function.overload(),
        function.inputs(),
        function.outputs(),
        function.attributes(),
        function.defaults(),
        nodes(function.nodes(), version),
        opsets,
        function.values(),
        function.notes());
  }

  private Graph graph(Graph graph, long version) {
    return graph.withNodes(nodes(graph.nodes(), version));
  }

  private List<Node> nodes(List<Node> nodes, long version) {
    List<Node> upgraded = new ArrayList<>();
    for (Node node : nodes) {
      Node inner = Bodies.map(node, body -> graph(body, version));
      new OldForm(inner, version, names, upgraded).write();
    }
    return upgraded;
  }
}
