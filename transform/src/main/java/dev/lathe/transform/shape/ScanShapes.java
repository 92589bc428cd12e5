package dev.lathe.transform.shape;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Scan: the states, then one sequence for each further output of the body. */
final class ScanShapes {
  private ScanShapes() {}

  /** As the body declares them, with one axis more for the steps. */
  static List<Shape> outputs(ShapeCall call) {
    int scanned = (int) call.node().intAttribute("num_scan_inputs", 0);
    int states = call.inputs().size() - scanned;
    Graph body = body(call);
    if (scanned < 1 || states < 0 || body.outputs().size() < states) {
      throw call.mismatch(
          scanned + " sequences among " + call.inputs().size() + " inputs", "those of the body");
    }
    long[] inputAxes = call.node().intsAttribute("scan_input_axes", new long[scanned]);
    Shape sequence = call.shape(states);
    Dim steps = sequence.dim(call.axis(inputAxes[0], sequence.rank()));
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      shapes.add(call.shape(i));
    }
    int made = body.outputs().size() - states;
    long[] outputAxes = call.node().intsAttribute("scan_output_axes", new long[made]);
    for (int i = 0; i < made; i++) {
      Shape row = Fact.of(body.outputs().get(states + i).type()).shape();
      shapes.add(row.ranked() ? stacked(call, row, steps, outputAxes[i]) : Shape.UNRANKED);
    }
    return shapes;
  }

  static ElementType element(ShapeCall call, int output) {
    int states = call.inputs().size() - (int) call.node().intAttribute("num_scan_inputs", 0);
    return output < states
        ? call.element(output)
        : Fact.of(body(call).outputs().get(output).type()).element();
  }

  private static Graph body(ShapeCall call) {
    if (call.node().attributes().get("body") instanceof Attribute.OfGraph(Graph body)) {
      return body;
    }
    throw call.mismatch("no body", "a graph");
  }

  private static Shape stacked(ShapeCall call, Shape row, Dim steps, long axis) {
    List<Dim> dims = new ArrayList<>(row.dims());
    dims.add(call.axis(axis, row.rank() + 1), steps);
    return Shape.of(dims);
  }
}
