package dev.lathe.transform.rewrite;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One Split in place of several Gather and Slice that take a value apart along an axis. For
 * training: the gradient of each piece alone is as large as the whole value and zero elsewhere, and
 * they are added up; that of Split is a Concat. Models have such pieces where queries, keys and
 * values come from one product.
 */
public final class SplitPieces {
  private static final int MOST_PIECES = 64;

  private final Surroundings known;
  private final GraphBuilder names;
  private final Map<String, Tensor> initializers;

  private SplitPieces(Model model) {
    this.known = Surroundings.of(model);
    this.names = GraphBuilder.from(model.graph());
    this.initializers = new LinkedHashMap<>(model.graph().initializers());
  }

  /** Part of a value, elements {@code begin} to {@code end} of an axis; without the axis if so. */
  private record Piece(Node node, Cut cut, long begin, long end, boolean squeezed) {}

  /** Where a value is cut. */
  private record Cut(String value, int axis, long size) {}

  /**
   * Splits.
   *
   * @param model a model in {@link Model#OPSET}
   * @return a model that computes the same, or the same object if nothing is taken apart
   */
  public static Model apply(Model model) {
    boolean any =
        model.graph().nodes().stream()
            .anyMatch(n -> n.qualifiedOp().equals("Gather") || n.qualifiedOp().equals("Slice"));
    return any ? new SplitPieces(model).split(model) : model;
  }

  private Model split(Model model) {
    Map<Cut, List<Piece>> cuts = new LinkedHashMap<>();
    for (Node node : model.graph().nodes()) {
      piece(node)
          .ifPresent(piece -> cuts.computeIfAbsent(piece.cut(), _ -> new ArrayList<>()).add(piece));
    }
    cuts.values().removeIf(pieces -> !isWhole(pieces));
    if (cuts.isEmpty()) {
      return model;
    }
    Map<Node, List<Node>> replaced = new HashMap<>();
    cuts.forEach(
        (cut, pieces) -> {
          Node first = pieces.getFirst().node();
          pieces.forEach(piece -> replaced.put(piece.node(), List.of()));
          replaced.put(first, nodes(cut, pieces));
        });
    List<Node> nodes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      nodes.addAll(replaced.getOrDefault(node, List.of(node)));
    }
    Graph graph = model.graph().withNodes(nodes).withInitializers(initializers);
    return model.withGraph(graph);
  }

  /** Whether the pieces are all of the value, each element once. */
  private static boolean isWhole(List<Piece> pieces) {
    long at = 0;
    for (Piece piece : ordered(pieces)) {
      if (piece.begin() != at || piece.end() == at) {
        return false;
      }
      at = piece.end();
    }
    return pieces.size() > 1
        && pieces.size() <= MOST_PIECES
        && at == pieces.getFirst().cut().size();
  }

  private static List<Piece> ordered(List<Piece> pieces) {
    return pieces.stream().sorted(Comparator.comparingLong(Piece::begin)).toList();
  }

  private List<Node> nodes(Cut cut, List<Piece> pieces) {
    List<Node> nodes = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<Node> squeezes = new ArrayList<>();
    for (Piece piece : ordered(pieces)) {
      String given = piece.node().output(0);
      String part = piece.squeezed() ? names.fresh(given + "/part") : given;
      outputs.add(part);
      if (piece.squeezed()) {
        squeezes.add(Node.of("Squeeze", List.of(part, longs(cut.axis())), List.of(given)));
      }
    }
    long[] sizes = ordered(pieces).stream().mapToLong(p -> p.end() - p.begin()).toArray();
    nodes.add(
        Node.of("Split", List.of(cut.value(), longs(sizes)), outputs)
            .with("axis", Attribute.of(cut.axis())));
    nodes.addAll(squeezes);
    return nodes;
  }

  private String longs(long... values) {
    String name = names.fresh("pieces");
    initializers.put(name, Tensor.ofLongs(values, values.length));
    return name;
  }

  private Optional<Piece> piece(Node node) {
    return switch (node.qualifiedOp()) {
      case "Gather" -> gathered(node);
      case "Slice" -> sliced(node);
      default -> Optional.empty();
    };
  }

  private Optional<Piece> gathered(Node node) {
    Optional<Tensor> index = known.constant(node.input(1)).filter(i -> i.size() == 1);
    if (index.isEmpty() || index.get().rank() > 1) {
      return Optional.empty();
    }
    boolean squeezed = index.get().rank() == 0;
    return cut(node.input(0), node.intAttribute("axis", 0))
        .map(
            cut -> {
              long at = wrapped(index.get().longAt(0), cut.size());
              return new Piece(node, cut, at, at + 1, squeezed);
            });
  }

  /** Slice with one axis and step 1. */
  private Optional<Piece> sliced(Node node) {
    Optional<Long> begin = number(node, 1);
    Optional<Long> end = number(node, 2);
    Optional<Long> axis = node.input(3).isEmpty() ? Optional.of(0L) : number(node, 3);
    Optional<Long> step = node.input(4).isEmpty() ? Optional.of(1L) : number(node, 4);
    if (begin.isEmpty() || end.isEmpty() || axis.isEmpty() || !step.equals(Optional.of(1L))) {
      return Optional.empty();
    }
    return cut(node.input(0), axis.get())
        .map(
            cut -> {
              long from = Math.clamp(wrapped(begin.get(), cut.size()), 0, cut.size());
              long to = Math.clamp(wrapped(end.get(), cut.size()), 0, cut.size());
              return new Piece(node, cut, from, Math.max(from, to), false);
            });
  }

  private Optional<Long> number(Node node, int input) {
    return known.constant(node.input(input)).filter(t -> t.size() == 1).map(t -> t.longAt(0));
  }

  private static long wrapped(long index, long size) {
    return index < 0 ? index + size : index;
  }

  /**
   * An axis whose size is known, of a value that may have a gradient. Others are often sizes, whose
   * pieces shape inference follows through Gather and Slice.
   */
  private Optional<Cut> cut(String value, long axis) {
    if (!(known.type(value) instanceof ValueType.TensorType(ElementType type, Shape shape))
        || !type.isFloating()
        || !shape.ranked()) {
      return Optional.empty();
    }
    int rank = shape.dims().size();
    int at = Math.toIntExact(axis < 0 ? axis + rank : axis);
    long size = at < 0 || at >= rank ? -1 : shape.dim(at).sizeOrMinusOne();
    return size > 0 ? Optional.of(new Cut(value, at, size)) : Optional.empty();
  }
}
