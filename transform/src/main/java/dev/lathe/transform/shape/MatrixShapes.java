package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Shapes of products of matrices. */
final class MatrixShapes {
  private MatrixShapes() {}

  /** MatMul: [..., M, K] · [..., K, N]; vectors lose their axis. */
  static Shape matMul(ShapeCall call) {
    Shape a = call.shape(0);
    Shape b = call.shape(1);
    if (a.rank() == 0 || b.rank() == 0) {
      throw call.mismatch(call.describeAll(), "no scalars");
    }
    Dim inner = b.rank() == 1 ? b.dim(0) : b.dim(-2);
    requireInner(call, a.dim(-1), inner);
    List<Dim> dims = new ArrayList<>(Broadcast.of(call, batch(a), batch(b)).dims());
    if (a.rank() > 1) {
      dims.add(a.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(-1));
    }
    return Shape.of(dims);
  }

  private static Shape batch(Shape shape) {
    return Shape.of(shape.dims().subList(0, Math.max(0, shape.rank() - 2)));
  }

  private static void requireInner(ShapeCall call, Dim left, Dim right) {
    if (left instanceof Dim.Fixed a && right instanceof Dim.Fixed b && a.size() != b.size()) {
      throw call.mismatch(
          call.describe(0)
              + " times "
              + call.describe(1)
              + ": inner sizes "
              + left
              + " and "
              + right,
          "equal inner sizes");
    }
  }

  /** Gemm: A' [M, K] · B' [K, N] + C. */
  static Shape gemm(ShapeCall call) {
    call.requireRank(0, 2);
    call.requireRank(1, 2);
    int transA = (int) call.node().intAttribute("transA", 0);
    int transB = (int) call.node().intAttribute("transB", 0);
    requireInner(call, call.shape(0).dim(1 - transA), call.shape(1).dim(transB));
    Shape product = Shape.of(List.of(call.shape(0).dim(transA), call.shape(1).dim(1 - transB)));
    if (call.has(2)) {
      Broadcast.of(call, product, call.shape(2));
    }
    return product;
  }

  /** Einsum: a size for each letter; the axes behind dots broadcast. */
  static Shape einsum(ShapeCall call) {
    String equation = call.node().stringAttribute("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    Map<Character, Dim> sizes = new HashMap<>();
    Shape dots = Shape.SCALAR;
    for (int i = 0; i < terms.length; i++) {
      String letters = terms[i].replace("...", "");
      int dotted = call.shape(i).rank() - letters.length();
      if (dotted < 0 || dotted > 0 && letters.equals(terms[i])) {
        throw call.mismatch(call.describe(i), "an axis for each letter of \"" + terms[i] + "\"");
      }
      int from = Math.max(0, terms[i].indexOf("..."));
      List<Dim> dims = new ArrayList<>(call.shape(i).dims());
      dots = Broadcast.of(call, dots, Shape.of(dims.subList(from, from + dotted)));
      dims.subList(from, from + dotted).clear();
      for (int k = 0; k < letters.length(); k++) {
        Dim dim = dims.get(k);
        sizes.merge(letters.charAt(k), dim, (a, b) -> Broadcast.of(call, a, b));
      }
    }
    List<Dim> dims = new ArrayList<>();
    String result = sides.length > 1 ? sides[1] : implicit(sides[0]);
    for (char letter : result.replace("...", ".").toCharArray()) {
      if (letter == '.') {
        dims.addAll(dots.dims());
      } else {
        dims.add(sizes.getOrDefault(letter, Dim.UNKNOWN));
      }
    }
    return Shape.of(dims);
  }

  /** Without an arrow: the dots, then all letters that occur once, in alphabetical order. */
  private static String implicit(String terms) {
    String all = terms.replace(".", "").replace(",", "");
    StringBuilder once = new StringBuilder(terms.contains("...") ? "..." : "");
    all.chars()
        .filter(c -> all.indexOf(c) == all.lastIndexOf(c))
        .sorted()
        .forEach(c -> once.append((char) c));
    return once.toString();
  }
}
