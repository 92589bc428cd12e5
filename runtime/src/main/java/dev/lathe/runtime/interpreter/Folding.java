package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;

import java.util.Arrays;
import java.util.Map;

/** Col2Im: blocks, as columns, added up where they lay in an image. */
final class Folding {
  static final Map<String, Kernel> TABLE = Map.of("Col2Im", one(Folding::toImage));

  private Folding() {}

  /** [N, C·block, L], sizes of the image, sizes of a block, to [N, C, image...]. */
  private static Array toImage(Call call) {
    Array.Reals x = call.reals(0);
    int[] image = call.ints(call.longs(1));
    int[] block = call.ints(call.longs(2));
    Window window = Window.of(call, image, block);
    int places = Sizes.count(block);
    int columns = Sizes.count(window.output());
    if (x.rank() != 3 || x.dims()[1] % places != 0 || x.dims()[2] != columns) {
      throw call.bad(
          "input " + x.describe() + " (expected: [N, C·" + places + ", " + columns + "])");
    }
    int[] dims = new int[image.length + 2];
    dims[0] = x.dims()[0];
    dims[1] = x.dims()[1] / places;
    System.arraycopy(image, 0, dims, 2, image.length);
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    int area = Sizes.count(image);
    for (int i = 0; i < x.size(); i++) {
      int[] at = Sizes.index(window.output(), i % columns);
      int[] in = Sizes.index(block, i / columns % places);
      Arrays.setAll(
          at,
          axis ->
              at[axis] * window.strides()[axis]
                  + in[axis] * window.dilations()[axis]
                  - window.begins()[axis]);
      boolean inside = true;
      for (int axis = 0; axis < at.length; axis++) {
        inside &= at[axis] >= 0 && at[axis] < image[axis];
      }
      if (inside) {
        values[i / columns / places * area + Sizes.place(image, at)] += x.values()[i];
      }
    }
    return new Array.Reals(x.type(), dims, values);
  }
}
