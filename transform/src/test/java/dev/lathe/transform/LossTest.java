package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Losses of a prediction {@code y = x + p}, whose gradient by p is the gradient by y. */
class LossTest {
  private static final double STEP = 1e-5;
  private static final List<Double> THREE = List.of(0.5, 2.0, 1.25);

  private final Random random = new Random(11);

  /** A loss with its prediction, target and weights. */
  private record Setting(Loss loss, Tensor y, Tensor target, double... weights) {
    TrainingGraphs graphs() {
      return TrainingGraphs.of(sum(y.dims()), new Objective(loss, "y"), Sgd.plain(), Set.of("p"));
    }

    Map<String, Tensor> inputs() {
      Map<String, Tensor> inputs = new HashMap<>();
      inputs.put("x", y);
      inputs.put("p", Tensor.zeros(ElementType.FLOAT, y.dims()));
      inputs.put("target", target);
      inputs.put("weights", Tensor.ofDoubles(weights, weights.length));
      return inputs;
    }

    double value(Map<String, Tensor> inputs) {
      return Interpreter.run(graphs().evaluation().model(), inputs).get("loss").doubleAt(0);
    }

    Map<String, Tensor> step() {
      Map<String, Tensor> inputs = inputs();
      inputs.put("learning_rate", Tensor.scalar(-1f));
      return Interpreter.run(graphs().step().model(), inputs);
    }
  }

  private static Model sum(long... dims) {
    GraphBuilder builder = new GraphBuilder("g");
    Shape shape = Shape.batchOf(Arrays.copyOfRange(dims, 1, dims.length));
    builder.input("x", ElementType.FLOAT, shape);
    String p = builder.initializer("p", Tensor.zeros(ElementType.FLOAT, dims));
    builder.append(Node.of("Add", List.of("x", p), List.of("y")));
    builder.output("y", ElementType.FLOAT, shape);
    return Model.of(builder.build());
  }

  private Tensor doubles(long... dims) {
    return Tensor.ofDoubles(random.doubles(Tensor.sizeOf(dims), -2, 2).toArray(), dims);
  }

  private Tensor fractions(long... dims) {
    return Tensor.ofDoubles(random.doubles(Tensor.sizeOf(dims), 0, 1).toArray(), dims);
  }

  private static Tensor longs(long[] dims, long... values) {
    return Tensor.ofLongs(values, dims);
  }

  private static void requireGradient(Setting setting) {
    double[] found = setting.step().get("next/p").toDoubles();
    for (int i = 0; i < found.length; i++) {
      double slope = (moved(setting, i, STEP) - moved(setting, i, -STEP)) / (2 * STEP);
      assertThat(found[i]).as("%s %d", setting.loss(), i).isCloseTo(slope, within(1e-7));
    }
    assertThat(setting.step().get("loss").doubleAt(0)).isEqualTo(setting.value(setting.inputs()));
  }

  private static double moved(Setting setting, int at, double by) {
    Map<String, Tensor> inputs = setting.inputs();
    double[] p = new double[(int) setting.y().size()];
    p[at] = by;
    inputs.put("p", Tensor.ofDoubles(p, setting.y().dims()));
    return setting.value(inputs);
  }

  private List<Setting> settings() {
    long[] three = {3};
    long[] places = {2, 3};
    List<Setting> all = new ArrayList<>();
    for (Loss loss :
        List.of(new MeanSquaredError(), new AbsoluteError(), Huber.of(0.75), Huber.smoothL1(0.5))) {
      all.add(new Setting(loss, doubles(3, 2), doubles(3, 2), 1, 0.5, 2));
      all.add(new Setting(loss, doubles(2, 3, 2), doubles(2, 3, 2), 1, 0));
    }
    all.add(new Setting(new BinaryCrossEntropy(), doubles(3, 3), fractions(3, 3), 1, 0.5, 2));
    all.add(new Setting(new BinaryCrossEntropy(THREE), doubles(3, 3), fractions(3, 3), 1, 0.5, 2));
    all.add(new Setting(new KullbackLeibler(), doubles(3, 4), fractions(3, 4), 1, 0.5, 2));
    all.add(new Setting(new KullbackLeibler(), doubles(2, 3, 4), fractions(2, 3, 4), 1, 0.5));
    for (CrossEntropy loss :
        List.of(
            new CrossEntropy(),
            new CrossEntropy(0.1, 0, List.of(), CrossEntropy.NEGATIVE),
            new CrossEntropy(0, 0, THREE, CrossEntropy.NEGATIVE),
            new CrossEntropy(0.2, 0, THREE, CrossEntropy.NEGATIVE),
            new CrossEntropy(0.2, 0, THREE, 1),
            new CrossEntropy(0, 2, THREE, 0),
            new CrossEntropy(0, 1, List.of(), CrossEntropy.NEGATIVE),
            new CrossEntropy(0, 1.5, List.of(), CrossEntropy.NEGATIVE))) {
      all.add(new Setting(loss, doubles(3, 3), longs(three, 2, 0, 1), 1, 0.5, 2));
      all.add(new Setting(loss, doubles(2, 3, 3), longs(places, 2, 0, -1, 1, 1, 0), 1, 0.5));
    }
    all.add(new Setting(new Ctc(0), doubles(4, 5, 4), spoken(), 1, 0.5, 2, 1));
    all.add(new Setting(new Ctc(3), doubles(4, 5, 4), blankLast(), 1, 0.5, 2, 1));
    return all;
  }

  /** Frames, then labels: one less than there are, a label twice, none at all, and too many. */
  private static Tensor spoken() {
    return Tensor.ofDoubles(
        new double[] {4, 1, 2, -1, 5, 3, 3, 1, 3, -1, -1, -1, 2, 1, 3, 2}, 4, 4);
  }

  private static Tensor blankLast() {
    return Tensor.ofDoubles(
        new double[] {4, 1, 2, -1, 5, 0, 0, 1, 3, -1, -1, -1, 2, 1, 0, 2}, 4, 4);
  }

  @Test
  void everyLoss_hasItsGradient() {
    Set<Class<?>> checked = new HashSet<>();
    settings().forEach(setting -> checked.add(setting.loss().getClass()));
    assertThat(checked).isEqualTo(Set.of(Loss.class.getPermittedSubclasses()));
    settings().forEach(LossTest::requireGradient);
  }

  @Test
  void everyMaskedBatch_losesNothingAndMovesNothing() {
    for (Setting setting : settings()) {
      Setting masked =
          new Setting(
              setting.loss(), setting.y(), setting.target(), new double[setting.weights().length]);
      Map<String, Tensor> outputs = masked.step();
      assertThat(outputs.get("loss").doubleAt(0)).as(setting.loss().toString()).isZero();
      assertThat(outputs.get("total_weight").doubleAt(0)).isZero();
      assertThat(outputs.get("next/p").toDoubles()).containsOnly(0);
    }
  }

  @Test
  void batchOfIgnoredPlacesOnly_saysSoByItsTotalWeight() {
    Setting ignored =
        new Setting(
            new CrossEntropy(),
            doubles(1, 2, 3),
            longs(new long[] {1, 2}, -1, -100),
            new double[] {1});
    assertThat(ignored.step().get("total_weight").doubleAt(0)).isZero();
    assertThat(ignored.step().get("next/p").toDoubles()).containsOnly(0);
  }

  private static final String PEER =
      """
      import torch, torch.nn.functional as F
      y = torch.tensor(%s, dtype=torch.float64).reshape(4, 3)
      t = torch.tensor(%s, dtype=torch.float64).reshape(4, 3)
      c = torch.tensor([2, 0, 1, 1])
      w = torch.tensor([0.5, 2.0, 1.25], dtype=torch.float64)
      print(F.l1_loss(y, t).item())
      print(F.huber_loss(y, t, delta=0.75).item())
      print(F.smooth_l1_loss(y, t, beta=0.5).item())
      print(F.binary_cross_entropy_with_logits(y, t, pos_weight=w).item())
      print(F.kl_div(F.log_softmax(y, 1), t, reduction='batchmean').item())
      print(F.cross_entropy(y, c, label_smoothing=0.1).item())
      print(F.cross_entropy(y, c, weight=w).item())
      print(F.cross_entropy(y, c, weight=w, label_smoothing=0.2).item())
      print(F.cross_entropy(y, c, weight=w, label_smoothing=0.2, ignore_index=1).item())
      """;

  @Test
  void losses_arePyTorchs() {
    Tensor y = doubles(4, 3);
    Tensor t = fractions(4, 3);
    Tensor classes = longs(new long[] {4}, 2, 0, 1, 1);
    String script =
        String.format(PEER, Arrays.toString(y.toDoubles()), Arrays.toString(t.toDoubles()));
    List<String> lines = Python.run(Python.with("torch"), script).lines().toList();
    Map<Loss, Tensor> ours = new LinkedHashMap<>();
    ours.put(new AbsoluteError(), t);
    ours.put(Huber.of(0.75), t);
    ours.put(Huber.smoothL1(0.5), t);
    ours.put(new BinaryCrossEntropy(THREE), t);
    ours.put(new KullbackLeibler(), t);
    ours.put(new CrossEntropy(0.1, 0, List.of(), CrossEntropy.NEGATIVE), classes);
    ours.put(new CrossEntropy(0, 0, THREE, CrossEntropy.NEGATIVE), classes);
    ours.put(new CrossEntropy(0.2, 0, THREE, CrossEntropy.NEGATIVE), classes);
    ours.put(new CrossEntropy(0.2, 0, THREE, 1), classes);
    assertThat(lines).hasSize(ours.size());
    int line = 0;
    for (Map.Entry<Loss, Tensor> one : ours.entrySet()) {
      Setting setting = new Setting(one.getKey(), y, one.getValue(), 1, 1, 1, 1);
      assertThat(setting.value(setting.inputs()))
          .as(one.getKey().toString())
          .isCloseTo(Double.parseDouble(lines.get(line++)), within(1e-7));
    }
  }

  @Test
  void focus_countsWhatIsKnownWellLess() {
    Tensor y = Tensor.ofDoubles(new double[] {0, Math.log(4)}, 1, 2);
    CrossEntropy focused = new CrossEntropy(0, 2, List.of(), CrossEntropy.NEGATIVE);
    Setting setting = new Setting(focused, y, longs(new long[] {1}, 1), 1);
    assertThat(setting.value(setting.inputs())).isCloseTo(-0.2 * 0.2 * Math.log(0.8), within(1e-9));
  }

  private static final String CTC_PEER =
      """
      import torch
      y = torch.tensor(%s, dtype=torch.float64).reshape(%d, 12, 6).requires_grad_()
      t = torch.tensor(%s, dtype=torch.float64).long().reshape(%d, -1)
      n = (t[:, 1:] >= 0).sum(1)
      loss = torch.nn.CTCLoss(blank=%d)(y.log_softmax(2).transpose(0, 1), t[:, 1:].clamp(min=0), t[:, 0], n)
      loss.backward()
      print(loss.item())
      print(*y.grad.flatten().tolist())
      """;

  /**
   * Lengths of frames and labels that differ, repeated labels, none, and exactly as many frames.
   */
  @Test
  void ctc_isPyTorchsInValueAndGradient() {
    double[] target = {
      12, 1, 2, 3, -1, -1, 9, 4, 4, 4, 4, 1, 5, 1, 2, 3, 4, 5, 7, -1, -1, -1, -1, -1, 1, 2, -1, -1,
      -1, -1
    };
    for (int blank : new int[] {0, 5}) {
      double[] labels = target.clone();
      for (int i = 0; blank == 5 && i < labels.length; i++) {
        labels[i] = i % 6 > 0 && labels[i] > 0 ? labels[i] - 1 : labels[i];
      }
      Tensor y = doubles(5, 12, 6);
      Setting setting =
          new Setting(new Ctc(blank), y, Tensor.ofDoubles(labels, 5, 6), 1, 1, 1, 1, 1);
      String script =
          String.format(
              CTC_PEER, Arrays.toString(y.toDoubles()), 5, Arrays.toString(labels), 5, blank);
      List<String> lines = Python.run(Python.with("torch"), script).lines().toList();
      Map<String, Tensor> found = setting.step();
      assertThat(found.get("loss").doubleAt(0))
          .isCloseTo(Double.parseDouble(lines.get(0)), within(1e-7));
      double[] gradient =
          Arrays.stream(lines.get(1).split(" ")).mapToDouble(Double::parseDouble).toArray();
      assertThat(found.get("next/p").toDoubles()).containsExactly(gradient, within(1e-7));
    }
  }

  /** The engine's floats, on as many frames as speech has. */
  @Test
  void ctcOfManyFrames_isTheInterpretersOnTheEngine() {
    Tensor y = Tensor.ofFloats(floats(doubles(2, 400, 8)), 2, 400, 8);
    float[] target = new float[2 * 61];
    for (int i = 0; i < target.length; i++) {
      target[i] = i % 61 == 0 ? 400 - i : 1 + random.nextInt(7);
    }
    Setting setting = new Setting(new Ctc(0), y, Tensor.ofFloats(target, 2, 61), 1, 1);
    Map<String, Tensor> inputs = setting.inputs();
    inputs.put("weights", Tensor.ofFloats(new float[] {1, 1}, 2));
    inputs.put("learning_rate", Tensor.scalar(-1f));
    Map<String, Tensor> expected = setting.step();
    try (Session session =
        Session.open(setting.graphs().step().model(), SessionOptions.training(1))) {
      Map<String, Tensor> found = session.run(inputs);
      assertThat(found.get("loss").doubleAt(0))
          .isCloseTo(expected.get("loss").doubleAt(0), within(1e-4));
      assertThat(found.get("next/p").toDoubles())
          .containsExactly(expected.get("next/p").toDoubles(), within(1e-4));
    }
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) tensor.doubleAt(i);
    }
    return values;
  }

  /** A class that is masked, as -∞, is impossible and not in the way; scores without sense are. */
  @Test
  void scoresOfMaskedClasses_leaveNumbersAndThoseThatAreNoneDoNot() {
    double[] y = doubles(2, 4, 3).toDoubles();
    for (int i = 2; i < y.length; i += 3) {
      y[i] = Double.NEGATIVE_INFINITY;
    }
    Tensor target = Tensor.ofDoubles(new double[] {4, 1, -1, 4, 1, 2}, 2, 3);
    Setting masked = new Setting(new Ctc(0), Tensor.ofDoubles(y, 2, 4, 3), target, 1, 1);
    Map<String, Tensor> found = masked.step();
    assertThat(found.get("loss").doubleAt(0)).isFinite().isPositive();
    assertThat(found.get("total_weight").doubleAt(0)).isEqualTo(1);
    for (double slope : found.get("next/p").toDoubles()) {
      assertThat(slope).isFinite();
    }
    y[4] = Double.NaN;
    Setting broken = new Setting(new Ctc(0), Tensor.ofDoubles(y, 2, 4, 3), target, 1, 1);
    assertThat(broken.step().get("loss").doubleAt(0)).isNaN();
  }

  @Test
  void labelsThatNeedMoreFrames_doNotCount() {
    Tensor tight = Tensor.ofDoubles(new double[] {3, 1, 1, 2, 1, -1}, 2, 3);
    Setting both = new Setting(new Ctc(0), doubles(2, 3, 3), tight, 1, 1);
    Tensor loose = Tensor.ofDoubles(new double[] {2, 1, 1, 2, 1, -1}, 2, 3);
    Setting one = new Setting(new Ctc(0), both.y(), loose, 1, 1);
    assertThat(both.step().get("total_weight").doubleAt(0)).isEqualTo(2);
    assertThat(one.step().get("total_weight").doubleAt(0)).isEqualTo(1);
    assertThat(Arrays.copyOf(one.step().get("next/p").toDoubles(), 9)).containsOnly(0);
    assertThat(one.step().get("loss").doubleAt(0)).isFinite().isPositive();
  }

  @Test
  void severalObjectives_areAddedByTheirWeights() {
    GraphBuilder builder = GraphBuilder.from(sum(2, 3).graph());
    builder.append(Node.of("Mul", List.of("x", "p"), List.of("z")));
    builder.output("z", ElementType.FLOAT, Shape.batchOf(3));
    Model model = Model.of(builder.build());
    List<Objective> objectives =
        List.of(
            new Objective(new CrossEntropy(), "y", "class", 0.5),
            new Objective(new MeanSquaredError(), "z", "number", 2));
    TrainingGraphs graphs =
        TrainingGraphs.of(model, objectives, TrainingOptions.of(Sgd.plain()), Set.of("p"));
    assertThat(graphs.step().targets()).containsExactly("class", "number");
    assertThat(graphs.step().predictions()).containsExactly("y", "z");
    Tensor x = doubles(2, 3);
    Tensor p = doubles(2, 3);
    Tensor number = doubles(2, 3);
    Tensor classes = longs(new long[] {2}, 2, 0);
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", x);
    inputs.put("p", p);
    inputs.put("class", classes);
    inputs.put("number", number);
    inputs.put("weights", Tensor.ofDoubles(new double[] {1, 3}, 2));
    inputs.put("learning_rate", Tensor.scalar(-1f));
    Map<String, Tensor> found = Interpreter.run(graphs.step().model(), inputs);
    double[] sum = new double[6];
    double[] product = new double[6];
    for (int i = 0; i < 6; i++) {
      sum[i] = x.doubleAt(i) + p.doubleAt(i);
      product[i] = x.doubleAt(i) * p.doubleAt(i);
    }
    Setting first = new Setting(new CrossEntropy(), Tensor.ofDoubles(sum, 2, 3), classes, 1, 3);
    Setting second =
        new Setting(new MeanSquaredError(), Tensor.ofDoubles(product, 2, 3), number, 1, 3);
    assertThat(found.get("loss").doubleAt(0))
        .isCloseTo(
            0.5 * first.value(first.inputs()) + 2 * second.value(second.inputs()), within(1e-9));
    assertThat(graphs.step().readings())
        .containsExactly(
            "total_weight", "loss/of/0", "total_weight/of/0", "loss/of/1", "total_weight/of/1");
    Map<String, Tensor> withoutRate = new HashMap<>(inputs);
    withoutRate.remove("learning_rate");
    Map<String, Tensor> measured = Interpreter.run(graphs.evaluation().model(), withoutRate);
    for (Map<String, Tensor> told : List.of(found, measured)) {
      assertThat(told.get("loss/of/0").doubleAt(0))
          .isCloseTo(first.value(first.inputs()), within(1e-9));
      assertThat(told.get("loss/of/1").doubleAt(0))
          .isCloseTo(second.value(second.inputs()), within(1e-9));
      assertThat(told.get("total_weight/of/0").doubleAt(0)).isEqualTo(4);
    }
    for (int i = 0; i < 6; i++) {
      double expected =
          0.5 * first.step().get("next/p").doubleAt(i)
              + 2 * second.step().get("next/p").doubleAt(i) * x.doubleAt(i);
      assertThat(found.get("next/p").doubleAt(i) - p.doubleAt(i)).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void settingsThatDoNotFit_areRefused() {
    assertThatThrownBy(() -> Huber.of(0)).hasMessageContaining("delta 0.0");
    assertThatThrownBy(() -> new CrossEntropy(1, 0, List.of(), CrossEntropy.NEGATIVE))
        .hasMessageContaining("smoothing 1.0");
    assertThatThrownBy(() -> new CrossEntropy(0.1, 2, List.of(), CrossEntropy.NEGATIVE))
        .hasMessageContaining("without smoothing");
    assertThatThrownBy(() -> new Objective(new MeanSquaredError(), "y", "t", 0))
        .hasMessageContaining("weight 0.0");
    Setting four = new Setting(new BinaryCrossEntropy(THREE), doubles(1, 4), fractions(1, 4), 1);
    assertThatThrownBy(four::graphs)
        .hasMessage("3 weights of classes (expected: 4, as scores [N, 4])");
  }
}
