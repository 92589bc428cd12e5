package dev.lathe.runtime;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;

/** Drawings of recurrent layers: directions, lengths, states given or not. */
final class RecurrentCases {
  private RecurrentCases() {}

  static List<OperatorCases.Use> uses(String op, int gates) {
    OperatorCases.Use plain = d -> layer(d, gates, false);
    OperatorCases.Use states = d -> layer(d, gates, true);
    return gates == 3
        ? List.of(
            plain,
            states,
            d -> layer(d.with("linear_before_reset", 1), gates, false),
            d -> layer(d.with("linear_before_reset", 1), gates, true))
        : gates == 4
            ? List.of(plain, states, d -> layer(d, gates, true).in(d.floats(directions(d), 9)))
            : List.of(plain, states);
  }

  /** The number of directions of what is drawn already. */
  private static long directions(Draw d) {
    return d.finish().tensors().get(1).dim(0);
  }

  /** T steps, B sequences, I inputs, 3 hidden units. */
  private static Draw layer(Draw d, int gates, boolean states) {
    String direction = d.pick(List.of("forward", "reverse", "bidirectional"));
    int directions = direction.equals("bidirectional") ? 2 : 1;
    int steps = d.between(1, 5);
    int batch = d.between(1, 3);
    int inputs = d.between(1, 4);
    d.with("direction", direction).with("hidden_size", 3).outputs(gates == 4 ? 3 : 2);
    d.in(d.floats(steps, batch, inputs));
    d.in(d.floats(directions, gates * 3L, inputs)).in(d.floats(directions, gates * 3L, 3));
    if (!states) {
      return d.coin() ? d.in(d.floats(directions, gates * 6L)) : d;
    }
    d.in(d.floats(directions, gates * 6L));
    d.in(d.integers(ElementType.INT32, 0, steps, batch));
    d.in(d.floats(directions, batch, 3));
    return gates == 4 ? d.in(d.floats(directions, batch, 3)) : d;
  }

  /** A running product of two sequences' sums: one state [3], sequences [T, 3] and [T]. */
  static List<OperatorCases.Use> scans() {
    return List.of(
        RecurrentCases::scan,
        d -> scan(d).with("scan_input_directions", new long[] {1, 0}),
        d -> scan(d).with("scan_output_directions", new long[] {1}),
        d -> scan(d).with("scan_output_axes", new long[] {1}));
  }

  private static Draw scan(Draw d) {
    GraphBuilder body = new GraphBuilder("body");
    body.input("state", ElementType.FLOAT, Shape.of(3));
    body.input("row", ElementType.FLOAT, Shape.of(3));
    body.input("number", ElementType.FLOAT, Shape.SCALAR);
    String half = body.initializer("half", Tensor.scalar(0.5f));
    String sum = body.add("Add", body.add("Mul", "row", half), "number");
    body.output(body.add("Mul", "state", sum), ElementType.FLOAT, Shape.of(3));
    body.output(sum, ElementType.FLOAT, Shape.of(3));
    int steps = d.between(1, 4);
    return d.in(d.floats(3))
        .in(d.floats(steps, 3))
        .in(d.floats(steps))
        .with("num_scan_inputs", 2)
        .with("body", new Attribute.OfGraph(body.build()))
        .outputs(2);
  }
}
