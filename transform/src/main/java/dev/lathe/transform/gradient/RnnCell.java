package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Node;
import java.util.List;

/** RNN: {@code h' = f(W·x + R·h + b)}, f being tanh or relu. */
final class RnnCell implements RecurrentCell {
  private final String activation;

  RnnCell(Node node) {
    activation =
        node.attributes().get("activations") instanceof Attribute.OfStrings(List<Bytes> given)
                && given.stream().allMatch(name -> name.utf8().equals("Relu"))
            ? "Relu"
            : "Tanh";
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public List<String> activations() {
    return List.of(activation);
  }

  @Override
  public Forth forward(RecurrentLayer.Direction d) {
    long n = d.hidden();
    ScanBody b = d.body();
    String h = b.state(d.initial(0));
    String x = b.each(d.projected(0, n, d.biasSum(0, n)));
    StepMask mask = StepMask.of(d, b);
    String out = b.node(activation, b.node("Gemm", d.recurrence(0, n), h, x));
    String factor =
        activation.equals("Relu") ? b.node("Sign", out) : b.sub(d.number(1), b.mul(out, out));
    b.next(h, mask.hold(out, h));
    b.collect(mask.zero(out));
    b.collect(factor);
    mask.collect(h);
    return mask.forth(b.write(d.backwards()));
  }

  @Override
  public Back backward(
      RecurrentLayer.Direction d, String dy, List<String> dLast, List<String> saved) {
    long n = d.hidden();
    ScanBody b = d.body();
    String dhNext = b.state(dLast.getFirst());
    String factor = b.each(saved.get(1));
    String dOut = dy.isEmpty() ? dhNext : b.add(b.each(dy), dhNext);
    StepMask mask = StepMask.of(d, b);
    String dz = b.mul(mask.zero(dOut), factor);
    b.next(dhNext, mask.hold(b.node("MatMul", d.recurrenceBack(0, n), dz), dhNext));
    b.collect(dz);
    ScanBody.Made made = b.write(!d.backwards());
    String dZ = made.sequences().getFirst();
    String h = mask.previous(saved.getFirst());
    return new Back(List.of(new Rows(0, n, dZ, "")), List.of(new Rows(0, n, dZ, h)), made.last());
  }
}
