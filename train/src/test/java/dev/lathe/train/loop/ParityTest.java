package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.testkit.Shared;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Examples;
import dev.lathe.transform.Adam;
import dev.lathe.transform.CrossEntropy;
import dev.lathe.transform.Loss;
import dev.lathe.transform.MeanSquaredError;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.Sgd;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.TrainingGraphs;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Architecture;
import dev.lathe.zoo.Cnn;
import dev.lathe.zoo.Linear;
import dev.lathe.zoo.Mlp;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole trajectories against those that PyTorch computed. */
class ParityTest {
  private static final double LOSS_TOLERANCE = 1e-4;
  private static final double PARAMETER_TOLERANCE = 1e-3;

  /** The fixtures, as their cases.json describes them. */
  enum Case {
    LINEAR_MSE_SGD(new Linear(10, 2), new MeanSquaredError(), Sgd.plain(), 0.01, 100),
    MLP_MOMENTUM_NESTEROV(mlp(), new CrossEntropy(), new Sgd(0.9, true, 0.001), 0.05, 40),
    MLP_ADAM(mlp(), new CrossEntropy(), Adam.standard(), 0.01, 40),
    CNN_SGD(cnn(), new CrossEntropy(), Sgd.plain(), 0.1, 40);

    private final Architecture architecture;
    private final Loss loss;
    private final Optimizer optimizer;
    private final double learningRate;
    private final int steps;

    Case(Architecture architecture, Loss loss, Optimizer optimizer, double rate, int steps) {
      this.architecture = architecture;
      this.loss = loss;
      this.optimizer = optimizer;
      this.learningRate = rate;
      this.steps = steps;
    }

    private static Mlp mlp() {
      return new Mlp(20, List.of(32, 16), 3, Activation.RELU);
    }

    private static Cnn cnn() {
      return new Cnn(
          new Cnn.Image(1, 10, 10),
          List.of(new Cnn.Stage(6, 3, 1, 1, 2), new Cnn.Stage(8, 3, 2, 0, 1)),
          List.of(),
          4,
          Activation.RELU);
    }

    String fileName() {
      return name().toLowerCase().replace('_', '-');
    }
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void trajectory_isPyTorchs(Case one) {
    Safetensors file =
        Safetensors.open(Shared.path("fixtures/training/" + one.fileName() + ".safetensors"));
    Map<String, Tensor> fixture = file.tensors();
    Model fresh = one.architecture.build(0);
    Model forward = fresh.withGraph(fresh.graph().withInitializers(initial(fresh, fixture)));
    TrainingGraphs graphs =
        TrainingGraphs.of(
            forward,
            new Objective(one.loss, "y"),
            one.optimizer,
            forward.graph().initializers().keySet().stream()
                .filter(name -> fixture.containsKey(key("init", name, fixture)))
                .collect(java.util.stream.Collectors.toSet()));
    Tensor loss = fixture.get("loss");
    assertThat(loss.size()).isEqualTo(one.steps);
    long[] dims = fixture.get("x").dims();
    Examples examples = new Examples(flat(fixture.get("x")), flat(fixture.get("y")));
    int batchSize = (int) dims[1];
    try (Batch batch = new Batch(examples.columns(), batchSize);
        Stepper stepper = new Stepper(graphs.step(), 1)) {
      for (int step = 0; step < one.steps; step++) {
        try (Cursor cursor = examples.inOrder()) {
          cursor.skip(step % 4L * batchSize);
          batch.fill(cursor);
        }
        float found = stepper.step(batch, one.optimizer.scalars(step + 1, one.learningRate));
        double expected = loss.doubleAt(step);
        assertThat((double) found)
            .as("loss before step " + (step + 1))
            .isCloseTo(expected, within(LOSS_TOLERANCE * Math.abs(expected)));
      }
      for (StateSlot slot : graphs.step().slots()) {
        if (slot.kind() == StateSlot.Kind.PARAMETER) {
          compare(slot, stepper.state(), fixture);
        }
      }
    }
  }

  private static void compare(
      StateSlot slot, Map<String, Tensor> state, Map<String, Tensor> fixture) {
    Tensor expected = fixture.get(key("final", slot.parameter(), fixture));
    Tensor found = state.get(slot.input());
    assertThat(found.dims()).containsExactly(expected.dims());
    for (long i = 0; i < found.size(); i++) {
      assertThat(found.doubleAt(i))
          .as(slot.parameter() + "[" + i + "]")
          .isCloseTo(expected.doubleAt(i), within(PARAMETER_TOLERANCE));
    }
  }

  private static Map<String, Tensor> initial(Model model, Map<String, Tensor> fixture) {
    Map<String, Tensor> initial = new LinkedHashMap<>(model.graph().initializers());
    initial.replaceAll((name, old) -> fixture.getOrDefault(key("init", name, fixture), old));
    long replaced =
        initial.values().stream().filter(tensor -> fixture.containsValue(tensor)).count();
    assertThat(replaced)
        .isEqualTo(fixture.keySet().stream().filter(name -> name.startsWith("init.")).count());
    return initial;
  }

  /** A lone module's parameters have no number in PyTorch. */
  private static String key(String part, String parameter, Map<String, Tensor> fixture) {
    String numbered = part + "." + parameter;
    return fixture.containsKey(numbered)
        ? numbered
        : part + "." + parameter.substring(parameter.indexOf('.') + 1);
  }

  private static Tensor flat(Tensor batches) {
    long[] dims = Arrays.copyOfRange(batches.dims(), 1, batches.rank());
    dims[0] *= batches.dim(0);
    assertThat(batches.type()).isIn(ElementType.FLOAT, ElementType.INT64);
    return batches.reshaped(dims);
  }
}
