package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Inference;
import dev.lathe.transform.shape.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the first T rows of a constant table, {@code Slice(table, 0, T)}, as what they are: the
 * table at the place of each token. Not safe for use by several threads.
 */
final class FirstRows {
  private static final List<Term> LENGTH = List.of(Term.of(Dim.of("T")));

  private final Model model;
  private final Inference inference;

  private FirstRows(Model model, String tokens) {
    this.model = model;
    this.inference = Inference.start(model);
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("T")));
    inference.put(tokens, Fact.of(ElementType.INT64, shape));
    model.graph().nodes().forEach(inference::add);
  }

  /** The model with tables read at places; the same object if no table is cut. */
  static Model read(Model model, String tokens) {
    boolean cuts = model.graph().nodes().stream().anyMatch(node -> node.op().equals("Slice"));
    return cuts ? new FirstRows(model, tokens).read() : model;
  }

  private Model read() {
    List<Node> nodes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (isOfFirstRows(node)) {
        atPlaces(node, nodes);
      } else {
        nodes.add(node);
      }
    }
    return nodes.size() == model.graph().nodes().size()
        ? model
        : model.withGraph(model.graph().withNodes(nodes));
  }

  private boolean isOfFirstRows(Node node) {
    boolean ends =
        node.qualifiedOp().equals("Slice")
            && node.inputs().size() >= 3
            && inference.fact(node.input(2)).content().filter(LENGTH::equals).isPresent();
    return ends
        && isOne(node.input(1), 0)
        && (node.input(3).isEmpty() || isOne(node.input(3), 0))
        && (node.input(4).isEmpty() || isOne(node.input(4), 1));
  }

  private boolean isOne(String value, long expected) {
    Optional<long[]> found = inference.fact(value).constants();
    return found.isPresent() && found.get().length == 1 && found.get()[0] == expected;
  }

  private static void atPlaces(Node slice, List<Node> nodes) {
    String output = slice.output(0);
    String count = output + "/count";
    nodes.add(Node.of("Squeeze", List.of(slice.input(2)), List.of(count)));
    String first = constant(output + "/first", 0, nodes);
    String step = constant(output + "/step", 1, nodes);
    String places = output + "/places";
    nodes.add(Node.of("Range", List.of(first, count, step), List.of(places)));
    nodes.add(
        Node.of("Gather", List.of(slice.input(0), places), List.of(output))
            .with("axis", Attribute.of(0L)));
  }

  private static String constant(String name, long value, List<Node> nodes) {
    nodes.add(
        Node.of("Constant", List.of(), List.of(name))
            .with("value", Attribute.of(Tensor.scalar(value))));
    return name;
  }
}
