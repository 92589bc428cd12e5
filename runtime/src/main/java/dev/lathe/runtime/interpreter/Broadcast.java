package dev.lathe.runtime.interpreter;

import java.util.Arrays;

/**
 * ONNX's multidirectional broadcasting: shapes are aligned at their last axis, and a size of 1
 * stretches.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md">Broadcasting</a>
 */
final class Broadcast {
  private Broadcast() {}

  static int[] shape(Call call, Array... arrays) {
    int[] shape = new int[0];
    for (Array array : arrays) {
      shape = join(call, shape, array.dims());
    }
    return Sizes.require(shape);
  }

  static int[] join(Call call, int[] a, int[] b) {
    int[] joined = new int[Math.max(a.length, b.length)];
    for (int i = 1; i <= joined.length; i++) {
      int left = i <= a.length ? a[a.length - i] : 1;
      int right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw call.bad(
            "shapes "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b)
                + " (expected: equal sizes, or 1, from the last axis on)");
      }
      joined[joined.length - i] = left == 1 ? right : left;
    }
    return joined;
  }

  /** For each element of the wide shape, the place in the narrow one. */
  static int[] places(int[] narrow, int[] wide) {
    int[] strides = Sizes.strides(narrow);
    int[] steps = new int[wide.length];
    int shift = wide.length - narrow.length;
    for (int axis = 0; axis < narrow.length; axis++) {
      steps[shift + axis] = narrow[axis] == 1 ? 0 : strides[axis];
    }
    return Sizes.places(wide, steps, 0);
  }

  static Array stretch(Array array, int[] wide) {
    return Arrays.equals(array.dims(), wide) ? array : array.pick(wide, places(array.dims(), wide));
  }
}
