package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Fourier transforms are linear: their gradient is the transform the other way, times the length or
 * divided by it. Complex numbers are pairs along the last axis.
 */
final class FourierGradients {
  private FourierGradients() {}

  /** DFT: input [..., n, ..., 1 or 2], its length, its axis. */
  static void fourier(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          boolean inverse = r.node().intAttribute("inverse", 0) != 0;
          boolean half = r.node().intAttribute("onesided", 0) != 0;
          if (inverse && half) {
            throw r.refuse("inverse and onesided (expected: one of them)");
          }
          int axis = CutGradients.axis(r, r.in(2).isEmpty() ? -2 : r.constants("axis", 2)[0]);
          long size = r.size(0, axis);
          long length = r.in(1).isEmpty() ? size : r.constants("dft_length", 1)[0];
          String dy = half ? cut(g, r.dy(), new Line(axis, length / 2 + 1), length) : r.dy();
          Map<String, Attribute> back = Map.of("inverse", Attribute.of(inverse ? 0L : 1L));
          String at = g.draft().constant(Integer.toString(axis), Tensor.scalar((long) axis));
          String other = g.draft().node("DFT", back, dy, "", at);
          String dx = g.mul(other, inverse ? 1.0 / length : length);
          boolean real = r.size(0, r.rank(0) - 1) == 1;
          dx = real ? cut(g, dx, new Line(r.rank(0) - 1, 2), 1) : dx;
          return cut(g, dx, new Line(axis, length), size);
        });
  }

  /** An axis and how many elements it has. */
  private record Line(int axis, long size) {}

  /** A value with an axis cut off at the end, or made longer by zeros. */
  private static String cut(Algebra g, String value, Line line, long wanted) {
    if (line.size == wanted) {
      return value;
    }
    if (wanted < line.size) {
      return g.node(
          "Slice", value, g.draft().longs(0), g.draft().longs(wanted), g.draft().longs(line.axis));
    }
    long[] pads = new long[2 * g.draft().shape(value).rank()];
    pads[pads.length / 2 + line.axis] = wanted - line.size;
    return g.node("Pad", value, g.draft().longs(pads));
  }

  /** STFT: frames of the signal [B, n, 1 or 2], each times the window, each transformed. */
  static List<String> shortTime(Algebra g, Node node) {
    String signal = node.input(0);
    if (!g.draft().shape(signal).ranked()
        || !(g.draft().shape(signal).dim(1) instanceof Dim.Fixed(long size))) {
      throw TrainingForms.refuse(node, "signal (expected: a fixed length)");
    }
    long step = constant(g, node, 1, "frame_step");
    String window = node.input(2);
    long length =
        !node.input(3).isEmpty()
            ? constant(g, node, 3, "frame_length")
            : window.isEmpty() ? size : g.draft().shape(window).dim(0).sizeOrMinusOne();
    if (step < 1 || length < 1 || length > size) {
      throw TrainingForms.refuse(
          node, "frames of " + length + " every " + step + " in " + size + " (expected: known)");
    }
    int frames = Math.toIntExact((size - length) / step + 1);
    long[] at = new long[Math.toIntExact(Math.multiplyExact(frames, length))];
    for (int i = 0; i < at.length; i++) {
      at[i] = i / length * step + i % length;
    }
    String places = g.draft().constant("frames", Tensor.ofLongs(at, frames, length));
    Map<String, Attribute> alongTime = Map.of("axis", Attribute.of(1L));
    String framed = g.draft().node("Gather", alongTime, signal, places);
    if (!window.isEmpty()) {
      framed = g.mul(framed, g.reshape(window, length, 1));
    }
    Map<String, Attribute> half =
        Map.of("onesided", Attribute.of(node.intAttribute("onesided", 1)));
    String axis = g.draft().constant("2", Tensor.scalar(2L));
    return List.of(g.draft().node("DFT", half, framed, "", axis));
  }

  private static long constant(Algebra g, Node node, int input, String name) {
    return g.draft()
        .fact(node.input(input))
        .constants()
        .orElseThrow(() -> TrainingForms.refuse(node, name + " (expected: a constant)"))[0];
  }
}
