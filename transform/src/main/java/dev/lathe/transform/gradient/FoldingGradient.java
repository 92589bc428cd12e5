package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Col2Im adds blocks up into an image; what goes back to a block is the image at its places. */
final class FoldingGradient {
  private FoldingGradient() {}

  /** Input [N, C·block, L], sizes of the image, sizes of a block; cotangent [N, C, image...]. */
  static void rule(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          long[] image = r.constants("image_shape", 1);
          long[] block = r.constants("block_shape", 2);
          long area = product(image);
          String flat = new Extents(g).of(r.y(), 0, 2).sizes(area).reshape(r.dy());
          // One more element, a zero, stands for all places in the padding.
          String padded = g.node("Pad", flat, g.draft().longs(0, 0, 0, 0, 0, 1));
          long[] at = places(r, image, block);
          long count = product(block);
          String places =
              g.draft()
                  .constant(
                      "blocks/" + g.draft().scope(), Tensor.ofLongs(at, count, at.length / count));
          Map<String, Attribute> last = Map.of("axis", Attribute.of(2L));
          return g.reshapeLike(g.draft().node("Gather", last, padded, places), r.x());
        });
  }

  private static long product(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  /** For each place of a block and each block, row by row, the element of the image. */
  private static long[] places(Reverse r, long[] image, long[] block) {
    int space = image.length;
    long[] ones = new long[space];
    Arrays.fill(ones, 1);
    long[] strides = r.node().intsAttribute("strides", ones);
    long[] dilations = r.node().intsAttribute("dilations", ones);
    long[] pads = r.node().intsAttribute("pads", new long[2 * space]);
    long[] steps = new long[space];
    for (int axis = 0; axis < space; axis++) {
      long span = dilations[axis] * (block[axis] - 1) + 1;
      steps[axis] = (image[axis] + pads[axis] + pads[space + axis] - span) / strides[axis] + 1;
    }
    int blocks = Math.toIntExact(product(steps));
    long[] at = new long[Math.toIntExact(Math.multiplyExact(product(block), blocks))];
    for (int i = 0; i < at.length; i++) {
      long inBlock = i / blocks;
      long which = i % blocks;
      long place = 0;
      long stride = 1;
      boolean inside = true;
      for (int axis = space - 1; axis >= 0; axis--) {
        long element =
            which % steps[axis] * strides[axis]
                + inBlock % block[axis] * dilations[axis]
                - pads[axis];
        inside &= element >= 0 && element < image[axis];
        place += element * stride;
        stride *= image[axis];
        which /= steps[axis];
        inBlock /= block[axis];
      }
      at[i] = inside ? place : product(image);
    }
    return at;
  }
}
