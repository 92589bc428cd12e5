package dev.lathe.transform.gradient;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Node;
import java.util.Optional;

/** A plain step against a gradient. */
public final class Descent {
  private Descent() {}

  /**
   * {@code p - η·G}. Where G is a product of matrices that nothing was added to, the product is
   * added to p as it is made, {@code (-η·A)·B + p} with the smaller of A and B scaled: G itself, as
   * large as p, is never written.
   *
   * @param g formulas on the draft
   * @param parameter p
   * @param gradient G, of p's shape
   * @param rate η, a scalar
   * @return what p becomes
   */
  public static String step(Algebra g, String parameter, String gradient, String rate) {
    Optional<Node> product =
        g.draft()
            .maker(gradient)
            .filter(node -> node.qualifiedOp().equals("Gemm") && node.inputs().size() == 2)
            .filter(_ -> Algebra.agree(g.draft().shape(parameter), g.draft().shape(gradient)));
    if (product.isEmpty()) {
      return g.sub(parameter, g.mul(gradient, rate));
    }
    Node node = product.get();
    String a = node.input(0);
    String b = node.input(1);
    boolean first = size(g, a) <= size(g, b);
    String left = first ? g.mul(a, g.neg(rate)) : a;
    String right = first ? b : g.mul(b, g.neg(rate));
    return g.draft().node("Gemm", node.attributes(), left, right, parameter);
  }

  /** Elements for each row of what is not known: both factors have the batch in common. */
  private static long size(Algebra g, String value) {
    return g.draft().shape(value).dims().stream()
        .mapToLong(Dim::sizeOrMinusOne)
        .filter(size -> size > 0)
        .reduce(1, (one, other) -> one * other);
  }
}
