package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.List;

/**
 * Shapes of recurrent layers. Letters: T steps, B sequences, I inputs, H hidden units, D
 * directions, G gates.
 */
final class RecurrentShapes {
  private RecurrentShapes() {}

  /** LSTM: Y [T, D, B, H], then the last states and cells [D, B, H]. */
  static List<Shape> lstm(ShapeCall call) {
    return layer(call, 4);
  }

  /** GRU: Y [T, D, B, H], then the last states [D, B, H]. */
  static List<Shape> gru(ShapeCall call) {
    return layer(call, 3);
  }

  /** RNN: as GRU. */
  static List<Shape> rnn(ShapeCall call) {
    return layer(call, 1);
  }

  private static List<Shape> layer(ShapeCall call, int gates) {
    for (int i = 0; i < 3; i++) {
      call.requireRank(i, 3);
    }
    Shape x = call.shape(0);
    boolean both = call.node().stringAttribute("direction", "forward").equals("bidirectional");
    Dim directions = Dim.of(both ? 2 : 1);
    Dim hidden = call.shape(2).dim(2);
    if (call.node().attribute("hidden_size").isPresent()) {
      hidden = call.same(hidden, Dim.of(call.node().intAttribute("hidden_size", 0)));
    }
    call.same(x.dim(2), call.shape(1).dim(2));
    for (int i = 1; i < 3; i++) {
      call.same(call.shape(i).dim(0), directions);
      call.same(call.shape(i).dim(1), Term.of(hidden).times(Term.of(gates)).toDim());
    }
    // Layout 1 puts the sequences first, in the inputs and in the outputs.
    boolean batchFirst = call.node().intAttribute("layout", 0) != 0;
    Dim steps = x.dim(batchFirst ? 1 : 0);
    Dim batch = x.dim(batchFirst ? 0 : 1);
    Shape y =
        batchFirst
            ? Shape.of(List.of(batch, steps, directions, hidden))
            : Shape.of(List.of(steps, directions, batch, hidden));
    Shape last =
        batchFirst
            ? Shape.of(List.of(batch, directions, hidden))
            : Shape.of(List.of(directions, batch, hidden));
    return List.of(y, last, last);
  }
}
