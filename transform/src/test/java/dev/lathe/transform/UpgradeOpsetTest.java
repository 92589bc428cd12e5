package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Function;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Old forms of operators mean the same in the version that Lathe writes. */
class UpgradeOpsetTest {
  private static final Tensor X = values(2, 4, 3, 2);

  /** A node over x [2, 4, 3, 2] and further constants, in an old version. */
  private record Old(long version, Node node, List<Tensor> constants) {
    Model model() {
      GraphBuilder builder = new GraphBuilder("old");
      builder.input("x", ElementType.FLOAT, Shape.of(X.dims()));
      List<String> inputs = new ArrayList<>(List.of("x"));
      constants.forEach(constant -> inputs.add(builder.initializer("c", constant)));
      builder.append(node.withInputs(inputs));
      node.outputs().forEach(y -> builder.output(y, ElementType.FLOAT, Shape.UNRANKED));
      return Model.of(builder.build()).withOpset("", version);
    }

    Old with(String key, Attribute value) {
      return new Old(version, node.with(key, value), constants);
    }

    Old outputs(String... names) {
      return new Old(version, node.withOutputs(List.of(names)), constants);
    }
  }

  private static Old old(long version, String op, Tensor... constants) {
    return new Old(version, Node.of(op, List.of(), List.of("y")), List.of(constants));
  }

  private static Tensor values(long... dims) {
    double[] values = new Random(7).doubles(Tensor.sizeOf(dims), -2, 2).toArray();
    return Tensor.ofValues(ElementType.FLOAT, values, dims);
  }

  private static Attribute ints(long... values) {
    return Attribute.ofInts(values);
  }

  private static Attribute one(long value) {
    return Attribute.of(value);
  }

  private static List<Old> forms() {
    return List.of(
        old(7, "Softmax"),
        old(11, "Softmax").with("axis", one(2)),
        old(12, "LogSoftmax").with("axis", one(-1)),
        old(9, "Hardmax").with("axis", one(-2)),
        old(11, "Unsqueeze").with("axes", ints(0, 2)),
        old(11, "ReduceSum").with("axes", ints(1, 3)).with("keepdims", one(0)),
        old(11, "ReduceSum"),
        old(13, "ReduceMean").with("axes", ints(-1)),
        old(17, "ReduceLogSumExp").with("axes", ints(1, 2)),
        old(11, "Split").with("axis", one(1)).with("split", ints(1, 3)).outputs("a", "b"),
        old(11, "Split").with("axis", one(1)).outputs("a", "b"),
        old(13, "Split").with("axis", one(3)).outputs("a", "b"),
        old(9, "Slice").with("starts", ints(1)).with("ends", ints(-1)).with("axes", ints(1)),
        old(9, "Slice").with("starts", ints(0, 1)).with("ends", ints(9, 3)),
        old(10, "Pad").with("pads", ints(0, 1, 0, 0, 0, 0, 2, 0)).with("value", Attribute.of(3f)),
        old(7, "Pad").with("pads", ints(0, 1, 0, 0, 0, 0, 2, 0)).with("mode", Attribute.of("edge")),
        old(7, "Clip").with("min", Attribute.of(-1f)).with("max", Attribute.of(0.5f)),
        old(7, "Clip").with("max", Attribute.of(0.5f)),
        old(11, "Dropout").with("ratio", Attribute.of(0.3f)),
        old(9, "BatchNormalization", values(4), values(4), values(4), positive()),
        old(18, "GroupNormalization", values(2), values(2)).with("num_groups", one(2)));
  }

  private static Tensor positive() {
    return Tensor.ofFloats(new float[] {0.5f, 1, 2, 3}, 4);
  }

  @TestFactory
  Stream<DynamicTest> oldForm_meansTheSame() {
    return forms().stream()
        .map(old -> DynamicTest.dynamicTest(old.version + " " + old.node, () -> compare(old)));
  }

  private static void compare(Old old) {
    Model model = old.model();
    Model upgraded = UpgradeOpset.apply(model);
    assertThat(upgraded.opset()).isEqualTo(Model.OPSET);
    Map<String, Tensor> expected = Interpreter.run(model, Map.of("x", X));
    requireEqual(Interpreter.run(upgraded, Map.of("x", X)), expected, 1e-12);
    try (Session session = Session.open(upgraded, SessionOptions.defaults())) {
      requireEqual(session.run(Map.of("x", X)), expected, 1e-5);
    }
  }

  private static void requireEqual(
      Map<String, Tensor> found, Map<String, Tensor> expected, double tolerance) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertThat(found.get(name).dims()).isEqualTo(tensor.dims());
          assertThat(found.get(name).toDoubles())
              .usingComparatorWithPrecision(tolerance)
              .containsExactly(tensor.toDoubles());
        });
  }

  /** The engine runs these old forms, which the interpreter never had. */
  @Test
  void formsThatAreGone_meanWhatTheEngineMakesOfThem() {
    Tensor scales = Tensor.ofFloats(new float[] {1, 1, 2, 3}, 4);
    Tensor places = Tensor.zeros(ElementType.INT64, 1, 4, 3, 2);
    List<Old> gone =
        List.of(
            old(9, "Upsample", scales),
            old(9, "Upsample", scales).with("mode", Attribute.of("linear")),
            old(7, "Upsample")
                .with("scales", new Attribute.OfFloats(List.of(1f, 1f, 2f, 1f)))
                .with("mode", Attribute.of("nearest")),
            old(10, "Resize", scales),
            old(10, "Resize", scales).with("mode", Attribute.of("linear")),
            old(9, "Scatter", places, values(1, 4, 3, 2)));
    for (Old old : gone) {
      Model upgraded = UpgradeOpset.apply(old.model());
      Map<String, Tensor> found = Interpreter.run(upgraded, Map.of("x", X));
      try (Session session = Session.open(old.model(), SessionOptions.defaults())) {
        requireEqual(found, session.run(Map.of("x", X)), 1e-5);
      }
    }
  }

  @Test
  void gradientOfAnOldForm_isThatOfItsMeaning() {
    Old softmax = old(11, "Softmax").with("axis", one(2));
    Model model = softmax.model();
    GraphBuilder builder = GraphBuilder.from(model.graph());
    builder.append(Node.of("Mul", List.of("y", "x"), List.of("z")));
    builder.append(
        Node.of("ReduceSum", List.of("z"), List.of("loss")).with("keepdims", Attribute.of(0L)));
    Model whole = model.withGraph(builder.build());
    Differentiate.Result result = Differentiate.apply(whole, "loss", Set.of("x"));
    double found = Interpreter.run(result.model(), Map.of("x", X)).get("grad/x").doubleAt(5);
    double step = 1e-5;
    builder.clearOutputs();
    builder.output("loss", ElementType.FLOAT, Shape.SCALAR);
    Model loss = model.withGraph(builder.build());
    double slope = (moved(loss, step) - moved(loss, -step)) / (2 * step);
    assertThat(found).isCloseTo(slope, within(1e-8));
  }

  private static double moved(Model loss, double step) {
    double[] values = X.toDoubles();
    values[5] += step;
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofDoubles(values, X.dims()));
    return Interpreter.run(loss, inputs).get("loss").doubleAt(0);
  }

  @Test
  void presentVersion_isLeftAlone() {
    Model model = old(Model.OPSET, "Relu").model();
    assertThat(UpgradeOpset.apply(model)).isSameAs(model);
  }

  /** A function that sums over an axis as version 12 writes it, called once. */
  private static Model calling(long version, long ofFunction) {
    Node sum = Node.of("ReduceSum", List.of("a"), List.of("b"));
    Function function =
        new Function(
            "Sum",
            "ours",
            "",
            List.of("a"),
            List.of("b"),
            List.of(),
            Map.of(),
            List.of(ofFunction < 13 ? sum.with("axes", Attribute.ofInts(1)) : sum),
            Map.of("", ofFunction),
            List.of(),
            Notes.NONE);
    GraphBuilder builder = new GraphBuilder("calls");
    builder.input("x", ElementType.FLOAT, Shape.of(X.dims()));
    builder.append(Node.of("Sum", List.of("x"), List.of("y")).withDomain("ours"));
    builder.output("y", ElementType.FLOAT, Shape.UNRANKED);
    Model model = Model.of(builder.build());
    return new Model(
            model.irVersion(),
            model.opsets(),
            model.producer(),
            model.domain(),
            model.version(),
            model.graph(),
            List.of(function),
            model.notes())
        .withOpset("", version)
        .withOpset("ours", 1);
  }

  @Test
  void functions_areUpgradedWhateverTheModelIsWrittenIn() {
    for (long version : new long[] {18, 21, 22}) {
      for (long ofFunction : new long[] {12, 18, 21, 23}) {
        Model upgraded = UpgradeOpset.apply(calling(version, ofFunction));
        long newest = Math.max(Model.OPSET, Math.max(version, ofFunction));
        assertThat(upgraded.opset()).isEqualTo(newest);
        Model plain = InlineFunctions.apply(upgraded);
        Tensor sum = Interpreter.run(plain, Map.of("x", X)).get("y");
        assertThat(sum.dims())
            .containsExactly(ofFunction < 13 ? new long[] {2, 1, 3, 2} : new long[] {1, 1, 1, 1});
      }
    }
    Model present = calling(22, 22);
    assertThat(UpgradeOpset.apply(present)).isSameAs(present);
    assertThatThrownBy(() -> UpgradeOpset.apply(calling(21, 6)))
        .hasMessage("version 6 of ai.onnx (expected: 7 or later)");
  }

  @Test
  void versionsBeforeBroadcasting_areRefused() {
    Model model = old(6, "Relu").model();
    assertThatThrownBy(() -> UpgradeOpset.apply(model))
        .hasMessage("version 6 of ai.onnx (expected: 7 or later)")
        .extracting("code")
        .isEqualTo(TransformError.UNSUPPORTED_FORM);
  }

  @Test
  void batchNormalizationThatTrains_isRefusedInItsOldForm() {
    Model model =
        old(9, "BatchNormalization", values(4), values(4), values(4), positive())
            .outputs("y", "mean")
            .model();
    assertThatThrownBy(() -> UpgradeOpset.apply(model))
        .hasMessageContaining("(BatchNormalization) of version 9")
        .extracting("code")
        .isEqualTo(TransformError.UNSUPPORTED_FORM);
  }
}
