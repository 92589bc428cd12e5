package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Map;

/** Operators along a sequence: running products, and updates of a cache. */
final class Running {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("CumProd", one(Running::product)), entry("TensorScatter", one(Running::cache)));

  private Running() {}

  private static Array product(Call call) {
    Array.Reals x = call.reals(0);
    int axis = call.axis(call.longs(1)[0], x.rank());
    int length = x.dims()[axis];
    int inner = Sizes.count(x.dims(), axis + 1, x.rank());
    double[] values = new double[x.size()];
    for (int line = 0; line < x.size() / Math.max(1, length); line++) {
      double product = 1;
      for (int k = 0; k < length; k++) {
        int step = call.flag("reverse") ? length - 1 - k : k;
        int at = (line / inner * length + step) * inner + line % inner;
        values[at] = call.flag("exclusive") ? product : product * x.values()[at];
        product *= x.values()[at];
      }
    }
    return new Array.Reals(x.type(), x.dims(), values);
  }

  /** Past [B, ..., T, ...], update [B, ..., S, ...], where each example's update begins [B]. */
  private static Array cache(Call call) {
    Array.Reals past = call.reals(0);
    Array.Reals update = call.reals(1);
    int axis = call.axis("axis", -2, past.rank());
    int most = past.dims()[axis];
    boolean circular = call.node().stringAttribute("mode", "linear").equals("circular");
    double[] values = past.values().clone();
    for (int i = 0; i < update.size(); i++) {
      int[] index = Sizes.index(update.dims(), i);
      long at = index[axis] + (call.has(2) ? call.longs(2)[index[0]] : 0);
      long within = circular ? Math.floorMod(at, most) : at;
      if (within < 0 || within >= most) {
        throw call.bad("place " + at + " (expected: 0 to " + (most - 1) + ")");
      }
      index[axis] = (int) within;
      values[Sizes.place(past.dims(), index)] = update.values()[i];
    }
    return new Array.Reals(past.type(), past.dims(), values);
  }
}
