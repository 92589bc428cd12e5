package dev.lathe.transform.gradient;

import dev.lathe.ir.Node;
import java.util.List;

/**
 * GRU: {@code h' = (1-z)·n + z·h} with sigmoids {@code z, r} of {@code W·x + R·h + b} and {@code n}
 * a tanh; gates in this order: z, r, n. What n sees of the state is reset before its product with
 * R, {@code R·(r·h)}, or, linear before reset, after: {@code r·(R·h + b)}.
 */
final class GruCell implements RecurrentCell {
  private final boolean linearBeforeReset;

  GruCell(Node node) {
    linearBeforeReset = node.intAttribute("linear_before_reset", 0) != 0;
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public List<String> activations() {
    return List.of("Sigmoid", "Tanh");
  }

  @Override
  public Forth forward(RecurrentLayer.Direction d) {
    long n = d.hidden();
    ScanBody b = d.body();
    String h = b.state(d.initial(0));
    String xGates = b.each(d.projected(0, 2 * n, d.biasSum(0, 2 * n)));
    String bias = linearBeforeReset ? d.inputBias(2 * n, 3 * n) : d.biasSum(2 * n, 3 * n);
    String xNew = b.each(d.projected(2 * n, 3 * n, bias));
    StepMask mask = StepMask.of(d, b);
    String s = b.node("Sigmoid", b.node("Gemm", d.recurrence(0, 2 * n), h, xGates));
    List<String> zr = b.cut(s, n, n);
    String z = zr.getFirst();
    String r = zr.getLast();
    String weights = d.recurrence(2 * n, 3 * n);
    String seen = linearBeforeReset ? seen(b, d, weights, h) : b.mul(r, h);
    String sum =
        linearBeforeReset ? b.add(b.mul(r, seen), xNew) : b.node("Gemm", weights, seen, xNew);
    String tanh = b.node("Tanh", sum);
    String ahead = b.sub(h, tanh);
    String out = b.add(tanh, b.mul(z, ahead));
    String byReset = linearBeforeReset ? seen : h;
    String rest = b.sub(d.number(1), z);
    b.next(h, mask.hold(out, h));
    b.collect(mask.zero(out));
    b.collect(b.mul(b.stack(ahead, byReset), b.sub(s, b.mul(s, s))));
    b.collect(b.sub(rest, b.mul(rest, b.mul(tanh, tanh))));
    b.collect(s);
    if (!linearBeforeReset) {
      b.collect(seen);
    }
    mask.collect(h);
    return mask.forth(b.write(d.backwards()));
  }

  private static String seen(ScanBody b, RecurrentLayer.Direction d, String weights, String state) {
    String bias = d.stateBias(2 * d.hidden(), 3 * d.hidden());
    return bias.isEmpty() ? b.node("MatMul", weights, state) : b.node("Gemm", weights, state, bias);
  }

  @Override
  public Back backward(
      RecurrentLayer.Direction d, String dy, List<String> dLast, List<String> saved) {
    long n = d.hidden();
    ScanBody b = d.body();
    String dhNext = b.state(dLast.getFirst());
    String byGates = b.each(saved.get(1));
    String byNew = b.each(saved.get(2));
    List<String> zr = b.cut(b.each(saved.get(3)), n, n);
    String z = zr.getFirst();
    String r = zr.getLast();
    String dOut = dy.isEmpty() ? dhNext : b.add(b.each(dy), dhNext);
    StepMask mask = StepMask.of(d, b);
    String dh = mask.zero(dOut);
    String dNew = b.mul(dh, byNew);
    String weights = d.recurrenceBack(2 * n, 3 * n);
    // Linear before reset: what R·h, reset, gave to n; else: the cotangent of r·h.
    String dSeen = linearBeforeReset ? b.mul(dNew, r) : b.node("MatMul", weights, dNew);
    String dGates = b.mul(b.stack(dh, linearBeforeReset ? dNew : dSeen), byGates);
    String direct = b.mul(dh, z);
    String around =
        linearBeforeReset ? b.node("Gemm", weights, dSeen, direct) : b.add(direct, b.mul(dSeen, r));
    String before = b.node("Gemm", d.recurrenceBack(0, 2 * n), dGates, around);
    b.next(dhNext, mask.hold(before, dhNext));
    b.collect(dGates);
    b.collect(dNew);
    if (linearBeforeReset) {
      b.collect(dSeen);
    }
    ScanBody.Made made = b.write(!d.backwards());
    String dz = made.sequences().get(0);
    String dn = made.sequences().get(1);
    String h = mask.previous(saved.getFirst());
    Rows candidates =
        linearBeforeReset
            ? new Rows(2 * n, 3 * n, made.sequences().get(2), h)
            : new Rows(2 * n, 3 * n, dn, d.g().transpose(saved.get(4), 0, 2, 1));
    return new Back(
        List.of(new Rows(0, 2 * n, dz, ""), new Rows(2 * n, 3 * n, dn, "")),
        List.of(new Rows(0, 2 * n, dz, h), candidates),
        made.last());
  }
}
