package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Gradients of recurrent layers. The engine's operators keep gates and cells to themselves, so for
 * training a layer is one product with its input over all steps, then a Scan that saves what the
 * way back needs; backwards a Scan the other way round, then one product per weight over all steps.
 */
final class RecurrentGradients {
  private RecurrentGradients() {}

  /** How many outputs the operator has: Y, last states, last cells. */
  private static int outputs(Node node) {
    return node.op().equals("LSTM") ? 3 : 2;
  }

  /** The layer spelled out; saved values of each direction follow its outputs. */
  static Node form(Algebra g, Node node) {
    RecurrentCell cell = RecurrentCell.of(node);
    RecurrentLayer layer = RecurrentLayer.of(g, node, cell);
    List<RecurrentCell.Forth> forth = new ArrayList<>();
    layer.directions().forEach(direction -> forth.add(cell.forward(direction)));
    List<String> y = forth.stream().map(f -> g.transpose(f.outputs(), 0, 2, 1)).toList();
    TrainingForms.name(g, node, 0, layer.join(1, y));
    for (int i = 1; i < outputs(node); i++) {
      int state = i - 1;
      if (!node.output(i).isEmpty()) {
        List<String> last =
            forth.stream().map(f -> g.transpose(f.last().get(state), 1, 0)).toList();
        TrainingForms.name(g, node, i, layer.join(0, last));
      }
    }
    List<String> names = new ArrayList<>(node.outputs());
    while (names.size() < outputs(node)) {
      names.add("");
    }
    forth.forEach(f -> names.addAll(f.saved()));
    return node.withOutputs(names);
  }

  static void rule(Algebra g, Reverse r) {
    Node node = r.node();
    RecurrentCell cell = RecurrentCell.of(node);
    RecurrentLayer layer = RecurrentLayer.of(g, node, cell);
    List<RecurrentLayer.Direction> directions = layer.directions();
    List<RecurrentCell.Back> backs = new ArrayList<>();
    int outputs = outputs(node);
    int saved = (node.outputs().size() - outputs) / directions.size();
    for (int i = 0; i < directions.size(); i++) {
      RecurrentLayer.Direction d = directions.get(i);
      String dy = r.dy(0).isEmpty() ? "" : d.outputColumns(r.dy(0));
      List<String> dLast = new ArrayList<>();
      for (int state = 1; state < outputs; state++) {
        dLast.add(d.stateColumns(r.dy(state)));
      }
      int from = outputs + i * saved;
      backs.add(cell.backward(d, dy, dLast, node.outputs().subList(from, from + saved)));
    }
    new Cotangents(g, layer, directions, backs).give(r);
  }

  /** From the cotangents of the products with the weights to those of the inputs. */
  private record Cotangents(
      Algebra g,
      RecurrentLayer layer,
      List<RecurrentLayer.Direction> directions,
      List<RecurrentCell.Back> backs) {
    void give(Reverse r) {
      r.give(0, this::input);
      r.give(1, () -> perDirection(i -> stack(backs.get(i).byInput(), d(i)::byInputWeight)));
      r.give(2, () -> perDirection(i -> stack(backs.get(i).byState(), d(i)::byStateWeight)));
      r.give(3, () -> perDirection(this::bias));
      for (int state = 0; state < backs.getFirst().first().size(); state++) {
        int index = state;
        r.give(5 + state, () -> perDirection(i -> g.transpose(first(i, index), 1, 0)));
      }
    }

    private RecurrentLayer.Direction d(int i) {
      return directions.get(i);
    }

    private String first(int i, int state) {
      return backs.get(i).first().get(state);
    }

    private String perDirection(Function<Integer, String> part) {
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < directions.size(); i++) {
        parts.add(part.apply(i));
      }
      return layer.join(0, parts);
    }

    private String stack(List<RecurrentCell.Rows> rows, Function<RecurrentCell.Rows, String> part) {
      String[] parts = rows.stream().map(part).toArray(String[]::new);
      return parts.length == 1
          ? parts[0]
          : g.draft().node("Concat", Map.of("axis", Attribute.of(0L)), parts);
    }

    private String bias(int i) {
      List<RecurrentCell.Rows> all = new ArrayList<>(backs.get(i).byInput());
      all.addAll(backs.get(i).byState());
      return stack(all, d(i)::byBias);
    }

    private String input() {
      String[] parts =
          directions.stream()
              .flatMap(d -> backs.get(directions.indexOf(d)).byInput().stream().map(d::byInput))
              .toArray(String[]::new);
      return parts.length == 1 ? parts[0] : g.node("Sum", parts);
    }
  }
}
