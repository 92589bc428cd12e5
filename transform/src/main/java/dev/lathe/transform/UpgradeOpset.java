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
import java.util.stream.LongStream;

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
  private final long target;

  private UpgradeOpset(FreshNames names, long target) {
    this.names = names;
    this.target = target;
  }

  /**
   * Upgrades the graph and the functions, each of which may be written in a version of its own.
   *
   * @param model the model
   * @return the model, all of it in {@link Model#OPSET}, or in the newest version in it if that is
   *     newer; the same object if it is so already
   * @throws LatheException UNSUPPORTED_FORM for a version before 7, or a node whose old form has no
   *     new one
   */
  public static Model apply(Model model) {
    long[] versions =
        LongStream.concat(
                LongStream.of(model.opset()),
                model.functions().stream().mapToLong(UpgradeOpset::version))
            .filter(version -> version > 0)
            .toArray();
    long target = Math.max(Model.OPSET, LongStream.of(versions).max().orElse(0));
    boolean present = LongStream.of(versions).allMatch(version -> version == target);
    if (versions.length == 0 || present && model.opset() > 0) {
      return model;
    }
    long oldest = LongStream.of(versions).min().orElseThrow();
    if (oldest < OLDEST) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          "version " + oldest + " of ai.onnx (expected: " + OLDEST + " or later)");
    }
    UpgradeOpset upgrade = new UpgradeOpset(new FreshNames(model), target);
    List<Function> functions = model.functions().stream().map(upgrade::function).toList();
    return new Model(
            Math.max(model.irVersion(), Model.IR_VERSION),
            model.opsets(),
            model.producer(),
            model.domain(),
            model.version(),
            upgrade.graph(model.graph(), model.opset()),
            functions,
            model.notes())
        .withOpset("", target);
  }

  /** The version that a function is written in; 0 if it has no node of {@code ai.onnx}. */
  private static long version(Function function) {
    return function.opsets().getOrDefault("", 0L);
  }

  private Function function(Function function) {
    long version = version(function);
    if (version == 0 || version == target) {
      return function;
    }
    Map<String, Long> opsets = new LinkedHashMap<>(function.opsets());
    opsets.put("", target);
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
    if (version == 0 || version >= Model.OPSET) {
      return nodes;
    }
    List<Node> upgraded = new ArrayList<>();
    for (Node node : nodes) {
      Node inner = Bodies.map(node, body -> graph(body, version));
      new OldForm(inner, version, names, upgraded).write();
    }
    return upgraded;
  }
}
