package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random uses of recurrent layers: directions, lengths, states and biases given or not. */
final class RecurrentCases {
  private RecurrentCases() {}

  static Case lstm(Random r) {
    return layer(new Case("LSTM", r), r, 4).outputs(1 + r.nextInt(3));
  }

  static Case gru(Random r) {
    Case c = layer(new Case("GRU", r), r, 3).outputs(1 + r.nextInt(2));
    return c.with("linear_before_reset", Attribute.of((long) r.nextInt(2)));
  }

  static Case rnn(Random r) {
    Case c = layer(new Case("RNN", r), r, 1).outputs(1 + r.nextInt(2));
    if (r.nextInt(3) == 0) {
      int count = (int) c.variables.get("x1").dim(0);
      c.with(
          "activations", new Attribute.OfStrings(Collections.nCopies(count, Bytes.utf8("Relu"))));
    }
    return c;
  }

  /** T steps, B sequences, I inputs, H hidden units. */
  private static Case layer(Case c, Random r, int gates) {
    String direction = List.of("forward", "reverse", "bidirectional").get(r.nextInt(3));
    int directions = direction.equals("bidirectional") ? 2 : 1;
    int steps = 1 + r.nextInt(4);
    int batch = 1 + r.nextInt(3);
    int inputs = 1 + r.nextInt(3);
    int hidden = 1 + r.nextInt(3);
    c.with("direction", Attribute.of(direction)).with("hidden_size", Attribute.of((long) hidden));
    c.in(steps, batch, inputs);
    c.in(-1.0, 1.0, directions, gates * hidden, inputs)
        .in(-1.0, 1.0, directions, gates * hidden, hidden);
    boolean bias = r.nextBoolean();
    if (bias) {
      c.in(-1.0, 1.0, directions, 2L * gates * hidden);
    }
    if (r.nextBoolean()) {
      if (!bias) {
        c.omitted();
      }
      if (r.nextBoolean()) {
        double[] lengths = r.ints(batch, 0, steps + 1).asDoubleStream().toArray();
        c.fixed(Tensor.ofValues(ElementType.INT32, lengths, batch));
      } else {
        c.omitted();
      }
      if (r.nextBoolean()) {
        c.in(directions, batch, hidden);
        if (gates == 4 && r.nextBoolean()) {
          c.in(directions, batch, hidden);
        }
      }
    }
    return c;
  }
}
