package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.interpreter.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What the interpreter promises beyond agreeing with the engine: precision, exactness, refusals.
 */
class InterpreterLawTest {
  private static Tensor evaluate(Node node, Tensor... inputs) {
    return Interpreter.evaluate(node, List.of(inputs), Model.OPSET).getFirst();
  }

  private static Node binary(String op) {
    return Node.of(op, List.of("a", "b"), List.of("y"));
  }

  @Test
  void integersBeyondDoubles_stayExact() {
    Tensor big = Tensor.ofLongs(new long[] {(1L << 53) + 1, Long.MIN_VALUE, Long.MAX_VALUE}, 3);
    Tensor zero = Tensor.ofLongs(new long[] {0, 0, 0}, 3);
    assertThat(evaluate(binary("Add"), big, zero).toLongs()).containsExactly(big.toLongs());
    assertThat(evaluate(binary("Max"), big, zero).toLongs())
        .containsExactly((1L << 53) + 1, 0, Long.MAX_VALUE);
    Node sum = Node.of("ReduceSum", List.of("a"), List.of("y"));
    assertThat(evaluate(sum, big).toLongs()).containsExactly((1L << 53));
    Node gather = binary("Gather");
    assertThat(evaluate(gather, big, Tensor.scalar(0L)).toLongs()).containsExactly((1L << 53) + 1);
  }

  @Test
  void narrowIntegers_wrapAsTheirTypeDoes() {
    Tensor a = Tensor.ofInts(new int[] {Integer.MAX_VALUE}, 1);
    assertThat(evaluate(binary("Add"), a, a).longAt(0)).isEqualTo(-2);
    Tensor u = Tensor.ofBytes(ElementType.UINT8, new byte[] {(byte) 200}, 1);
    assertThat(evaluate(binary("Add"), u, u).longAt(0)).isEqualTo(144);
    Tensor u64 =
        Tensor.ofBytes(ElementType.UINT64, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) 0x80}, 1);
    Tensor two = Tensor.ofBytes(ElementType.UINT64, new byte[] {2, 0, 0, 0, 0, 0, 0, 0}, 1);
    assertThat(evaluate(binary("Div"), u64, two).longAt(0)).isEqualTo(1L << 62);
    assertThat(evaluate(binary("Greater"), u64, two).longAt(0)).isEqualTo(1);
  }

  @Test
  void run_computesInDoubles_evaluateRoundsOnceToTheType() {
    Model model = Models.one(Node.of("Exp", List.of("x"), List.of("y")));
    Tensor fine = Tensor.ofDoubles(new double[] {1e-9, 1, 2}, 3);
    Tensor y = Interpreter.run(model, Map.of("x", fine)).get("y");
    assertThat(y.type()).isEqualTo(ElementType.DOUBLE);
    assertThat(y.doubleAt(0)).isEqualTo(Math.exp(1e-9));
    Tensor x = Tensor.ofFloats(new float[] {1}, 1);
    Tensor rounded = evaluate(Node.of("Exp", List.of("x"), List.of("y")), x);
    assertThat(rounded.type()).isEqualTo(ElementType.FLOAT);
    assertThat(rounded.toFloats()[0]).isEqualTo((float) Math.E);
  }

  /** On both sides of where the series ends and the continued fraction begins, and far out. */
  @Test
  void errorFunction_isExactToDoubles() {
    double[][] known = {
      {0, 0},
      {0.5, 0.5204998778130465},
      {1, 0.8427007929497149},
      {2, 0.9953222650189527},
      {-1, -0.8427007929497149},
      {2.49, 0.9995707121322661},
      {2.51, 0.9996142945182758},
      {3, 0.9999779095030014},
      {9, 1}
    };
    Node erf = Node.of("Erf", List.of("x"), List.of("y"));
    for (double[] pair : known) {
      double found = evaluate(erf, Tensor.ofDoubles(new double[] {pair[0]}, 1)).doubleAt(0);
      assertThat(found).as("erf %s", pair[0]).isCloseTo(pair[1], within(4e-16));
    }
  }

  @Test
  void omittedInputs_areSkipped() {
    Node clip = Node.of("Clip", List.of("x", "", "high"), List.of("y"));
    Tensor x = Tensor.ofFloats(new float[] {-3, 3}, 2);
    assertThat(evaluate(clip, x, Tensor.scalar(1f)).toFloats()).containsExactly(-3, 1);
    refused(() -> evaluate(clip, x), ErrorKind.INVALID, "1 inputs (expected: 2)");
  }

  @Test
  void nodesThatCannotBe_areRefusedWithTheirName() {
    Tensor a = Tensor.ofFloats(new float[6], 2, 3);
    Tensor b = Tensor.ofFloats(new float[8], 4, 2);
    Node add = binary("Add").withName("plus");
    refused(
        () -> evaluate(add, a, b), ErrorKind.INVALID, "node \"plus\" (Add)", "[2, 3]", "[4, 2]");
    refused(() -> evaluate(binary("MatMul"), a, b), ErrorKind.INVALID, "FLOAT[2, 3]");
    refused(
        () -> evaluate(binary("Div"), Tensor.scalar(1L), Tensor.scalar(0L)),
        ErrorKind.INVALID,
        "division of an integer by zero");
    refused(
        () -> evaluate(Node.of("Loop", List.of("a"), List.of("y")), a),
        ErrorKind.UNSUPPORTED,
        "node \"y\" (Loop)");
    refused(
        () -> evaluate(Node.of("Relu", List.of("a"), List.of("y")).withDomain("org.example"), a),
        ErrorKind.UNSUPPORTED,
        "org.example.Relu");
  }

  @Test
  void valuesBeyondTheLimit_areRefusedBeforeTheyAreMade() {
    Node fill = Node.of("ConstantOfShape", List.of("shape"), List.of("y"));
    refused(
        () -> evaluate(fill, Tensor.ofLongs(new long[] {1 << 20, 1 << 20}, 2)),
        ErrorKind.EXHAUSTED,
        "[1048576, 1048576]");
    Node expand = binary("Expand");
    refused(
        () ->
            evaluate(expand, Tensor.scalar(1f), Tensor.ofLongs(new long[] {Long.MAX_VALUE, 9}, 2)),
        ErrorKind.INVALID,
        "overflows");
  }

  @Test
  void wrongInputs_areRefused() {
    Model model = Models.one(Models.relu());
    refused(() -> Interpreter.run(model, Map.of()), ErrorKind.INVALID, "input \"x\": missing");
    Map<String, Tensor> wide = Map.of("x", Tensor.zeros(ElementType.FLOAT, 4));
    refused(() -> Interpreter.run(model, wide), ErrorKind.INVALID, "shape [4] (expected: [3])");
    Map<String, Tensor> longs = Map.of("x", Tensor.zeros(ElementType.INT64, 3));
    refused(() -> Interpreter.run(model, longs), ErrorKind.INVALID, "INT64 (expected: FLOAT)");
  }

  /** Uses of all operators with something broken: a result or an error of ours, nothing else. */
  @Test
  void brokenNodes_giveAResultOrAnErrorOfOurs() {
    for (String op : Kernels.table().keySet()) {
      List<OperatorCases.Use> uses = OperatorCases.ALL.get(op);
      for (int seed = 0; seed < 24; seed++) {
        Draw draw = new Draw(op, seed);
        uses.get(seed % uses.size()).draw(draw);
        Draw.Case broken = broken(draw.finish(), new Random(seed));
        try {
          Interpreter.evaluate(broken.node(), broken.tensors(), broken.opset());
        } catch (LatheException refused) {
          assertThat(refused.kind()).isNotEqualTo(ErrorKind.INTERNAL);
        } catch (RuntimeException e) {
          throw new AssertionError(op + ", seed " + seed + ": " + broken, e);
        }
      }
    }
  }

  private static Draw.Case broken(Draw.Case sound, Random random) {
    List<Tensor> tensors = new ArrayList<>(sound.tensors());
    Node node = sound.node();
    int victim = tensors.isEmpty() ? 0 : random.nextInt(tensors.size());
    switch (random.nextInt(5)) {
      case 0 -> tensors.replaceAll(t -> t == tensors.get(victim) ? Tensor.scalar(-7L) : t);
      case 1 -> tensors.replaceAll(t -> Tensor.zeros(ElementType.FLOAT, 0, 2));
      case 2 -> tensors.replaceAll(t -> t.reshaped(t.size()));
      case 3 -> {
        for (String key : List.copyOf(node.attributes().keySet())) {
          node = node.with(key, Attribute.ofInts(-1, Integer.MAX_VALUE, 0));
        }
      }
      default -> {
        for (String key : List.of("axis", "group", "blocksize", "num_groups", "batch_dims", "k")) {
          node = node.with(key, Attribute.of(random.nextLong()));
        }
      }
    }
    return new Draw.Case(node, tensors, sound.opset());
  }

  private static void refused(ThrowingCallable call, ErrorKind kind, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOf(LatheException.class)
        .hasMessageContainingAll(parts)
        .extracting(e -> ((LatheException) e).kind())
        .isEqualTo(kind);
  }
}
