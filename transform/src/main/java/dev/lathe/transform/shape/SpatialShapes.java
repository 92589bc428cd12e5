package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Shapes of operators on places between elements, on blocks, on waves, and of determinants. */
final class SpatialShapes {
  private SpatialShapes() {}

  /** GridSample: X [N, C, spatial...], grid [N, out..., r] to [N, C, out...]. */
  static Shape gridSample(ShapeCall call) {
    call.requireRank(1, call.shape(0).rank());
    List<Dim> dims = new ArrayList<>();
    dims.add(call.same(call.shape(0).dim(0), call.shape(1).dim(0)));
    dims.add(call.shape(0).dim(1));
    dims.addAll(call.shape(1).dims().subList(1, call.shape(1).rank() - 1));
    return Shape.of(dims);
  }

  /** AffineGrid: theta [N, r, r + 1] and a size [N, C, out...] to [N, out..., r]. */
  static Shape affineGrid(ShapeCall call) {
    if (!(call.shape(1).dim(0) instanceof Dim.Fixed(long length))) {
      return Shape.UNRANKED;
    }
    Optional<List<Term>> size = call.in(1).content();
    List<Dim> dims = new ArrayList<>();
    dims.add(call.shape(0).dim(0));
    for (int i = 2; i < length; i++) {
      int at = i;
      dims.add(size.map(terms -> terms.get(at).toDim()).orElse(Dim.UNKNOWN));
    }
    dims.add(Dim.of(length - 2));
    return Shape.of(dims);
  }

  /** Col2Im: [N, C·block, L], sizes of the image, sizes of a block, to [N, C, image...]. */
  static Shape toImage(ShapeCall call) {
    if (!(call.shape(1).dim(0) instanceof Dim.Fixed(long space))) {
      return Shape.UNRANKED;
    }
    Optional<List<Term>> image = call.in(1).content();
    Optional<long[]> block = call.in(2).constants();
    List<Dim> dims = new ArrayList<>();
    dims.add(call.shape(0).dim(0));
    Term columns = Term.of(call.shape(0).dim(1));
    dims.add(
        block
            .map(
                sizes ->
                    columns.dividedBy(Term.of(Arrays.stream(sizes).reduce(1, (a, b) -> a * b))))
            .map(Term::toDim)
            .orElse(Dim.UNKNOWN));
    for (int i = 0; i < space; i++) {
      int at = i;
      dims.add(image.map(terms -> terms.get(at).toDim()).orElse(Dim.UNKNOWN));
    }
    return Shape.of(dims);
  }

  /** DFT: [..., n, ..., 1 or 2] to [..., bins, ..., 2]. */
  static Shape fourier(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    boolean older = call.opset() < 20;
    Optional<long[]> given =
        older
            ? Optional.of(new long[] {call.node().intAttribute("axis", 1)})
            : call.has(2) ? call.in(2).constants() : Optional.of(new long[] {-2});
    if (given.isEmpty()) {
      return Shape.of(Collections.nCopies(dims.size(), Dim.UNKNOWN));
    }
    int axis = call.axis(given.get()[0], dims.size());
    Term length =
        call.has(1)
            ? call.in(1).content().map(terms -> terms.getFirst()).orElse(Term.of(Dim.UNKNOWN))
            : Term.of(dims.get(axis));
    dims.set(axis, bins(length, call.node().intAttribute("onesided", 0) != 0));
    dims.set(dims.size() - 1, Dim.of(2));
    return Shape.of(dims);
  }

  private static Dim bins(Term length, boolean half) {
    if (!half) {
      return length.toDim();
    }
    return length.toDim() instanceof Dim.Fixed(long fixed) ? Dim.of(fixed / 2 + 1) : Dim.UNKNOWN;
  }

  /** STFT: signal [B, n, 1 or 2] to [B, frames, bins, 2]. */
  static Shape shortTime(ShapeCall call) {
    Dim size = call.shape(0).dim(1);
    Term length =
        call.has(3)
            ? call.in(3).content().map(terms -> terms.getFirst()).orElse(Term.of(Dim.UNKNOWN))
            : Term.of(call.has(2) ? call.shape(2).dim(0) : size);
    Optional<long[]> step = call.in(1).constants();
    boolean known = size.isFixed() && length.isConstant() && step.isPresent();
    Dim frames =
        known
            ? Dim.of((size.sizeOrMinusOne() - length.toDim().sizeOrMinusOne()) / step.get()[0] + 1)
            : Dim.UNKNOWN;
    Dim bins = bins(length, call.node().intAttribute("onesided", 1) != 0);
    return Shape.of(List.of(call.shape(0).dim(0), frames, bins, Dim.of(2)));
  }

  /** Det: [..., M, M] to [...]. */
  static Shape determinant(ShapeCall call) {
    int rank = call.shape(0).rank();
    if (rank < 2) {
      throw call.mismatch(call.describe(0), "[..., M, M]");
    }
    call.same(call.shape(0).dim(rank - 1), call.shape(0).dim(rank - 2));
    return Shape.of(call.shape(0).dims().subList(0, rank - 2));
  }

  /** DeformConv: X [N, C, H, W], W [M, ...], offsets [N, ..., out...] to [N, M, out...]. */
  static Shape deformed(ShapeCall call) {
    List<Dim> dims = new ArrayList<>();
    dims.add(call.shape(0).dim(0));
    dims.add(call.shape(1).dim(0));
    dims.addAll(call.shape(2).dims().subList(2, call.shape(2).rank()));
    return Shape.of(dims);
  }

  /** RoiAlign: X [N, C, H, W], regions [R, 4] to [R, C, output height, output width]. */
  static Shape aligned(ShapeCall call) {
    call.requireRank(0, 4);
    call.requireRank(1, 2);
    return Shape.of(
        List.of(
            call.shape(1).dim(0),
            call.shape(0).dim(1),
            Dim.of(call.node().intAttribute("output_height", 1)),
            Dim.of(call.node().intAttribute("output_width", 1))));
  }
}
