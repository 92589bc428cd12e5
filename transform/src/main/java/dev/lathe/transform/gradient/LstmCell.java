package dev.lathe.transform.gradient;

import java.util.List;

/**
 * LSTM: {@code c' = f·c + i·g, h' = o·tanh c'} with {@code i, o, f} sigmoids and {@code g} a tanh
 * of {@code W·x + R·h + b}, gates in this order: i, o, f, g.
 *
 * <p>Forwards every step saves what its gates' cotangents are multiplied with, so that the way back
 * is short: {@code dz = [dc', dh', dc', dc'] · [g·i(1-i), tanh c'·o(1-o), c·f(1-f), i(1-g²)]}.
 */
final class LstmCell implements RecurrentCell {
  @Override
  public int gates() {
    return 4;
  }

  @Override
  public List<String> activations() {
    return List.of("Sigmoid", "Tanh", "Tanh");
  }

  @Override
  public Forth forward(RecurrentLayer.Direction d) {
    long n = d.hidden();
    ScanBody b = d.body();
    String h = b.state(d.initial(0));
    String c = b.state(d.initial(1));
    String x = b.each(d.projected(0, 4 * n, d.biasSum(0, 4 * n)));
    StepMask mask = StepMask.of(d, b);
    List<String> z = b.cut(b.node("Gemm", d.recurrence(0, 4 * n), h, x), 3 * n, n);
    String s = b.node("Sigmoid", z.getFirst());
    String g = b.node("Tanh", z.getLast());
    List<String> iof = b.cut(s, n, n, n);
    String i = iof.get(0);
    String o = iof.get(1);
    String f = iof.get(2);
    String ig = b.mul(i, g);
    String fc = b.mul(f, c);
    String cells = b.add(fc, ig);
    String tanh = b.node("Tanh", cells);
    String out = b.mul(o, tanh);
    // u·(1-s) for u = s·[g, tanh c', c]
    String u = b.stack(ig, out, fc);
    String factors = b.stack(b.sub(u, b.mul(u, s)), b.sub(i, b.mul(ig, g)));
    String byCells = b.sub(o, b.mul(out, tanh));
    b.next(h, mask.hold(out, h));
    b.next(c, mask.hold(cells, c));
    b.collect(mask.zero(out));
    b.collect(factors);
    b.collect(byCells);
    b.collect(f);
    mask.collect(h);
    return mask.forth(b.write(d.backwards()));
  }

  @Override
  public Back backward(
      RecurrentLayer.Direction d, String dy, List<String> dLast, List<String> saved) {
    long n = d.hidden();
    ScanBody b = d.body();
    String dhNext = b.state(dLast.get(0));
    String dcNext = b.state(dLast.get(1));
    String factors = b.each(saved.get(1));
    String byCells = b.each(saved.get(2));
    String f = b.each(saved.get(3));
    String dOut = dy.isEmpty() ? dhNext : b.add(b.each(dy), dhNext);
    StepMask mask = StepMask.of(d, b);
    String dh = mask.zero(dOut);
    String dc = b.add(b.mul(dh, byCells), mask.zero(dcNext));
    String dz = b.mul(b.stack(dc, dh, dc, dc), factors);
    b.next(dhNext, mask.hold(b.node("MatMul", d.recurrenceBack(0, 4 * n), dz), dhNext));
    b.next(dcNext, mask.hold(b.mul(dc, f), dcNext));
    b.collect(dz);
    ScanBody.Made made = b.write(!d.backwards());
    String dZ = made.sequences().getFirst();
    String h = mask.previous(saved.getFirst());
    return new Back(
        List.of(new Rows(0, 4 * n, dZ, "")), List.of(new Rows(0, 4 * n, dZ, h)), made.last());
  }
}
