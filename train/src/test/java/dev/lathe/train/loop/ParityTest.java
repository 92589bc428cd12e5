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
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole trajectories against those that PyTorch computed. */
class ParityTest {
  private static final double LOSS_TOLERANCE = 1e-4;
  private static final double PARAMETER_TOLERANCE = 1e-3;

  /** A convolution's bias before batch normalization is subtracted again with the mean. */
  private static final Set<String> UNSEEN_BIAS = Set.of("4.bias", "5.running_mean");

  /** The fixtures, as their cases.json describes them. */
  enum Case {
    LINEAR_MSE_SGD(new Linear(10, 2), new MeanSquaredError(), Sgd.plain(), 0.01, 100),
    MLP_MOMENTUM_NESTEROV(mlp(), new CrossEntropy(), new Sgd(0.9, true, 0.001), 0.05, 40),
    MLP_ADAM(mlp(), new CrossEntropy(), Adam.standard(), 0.01, 40),
    CNN_SGD(cnn(), new CrossEntropy(), Sgd.plain(), 0.1, 40),
    CNN_BN_ADAM(
        PyTorchModels::normalizedCnn, new CrossEntropy(), Adam.standard(), 0.01, 40, UNSEEN_BIAS),
    RESNET_SGD(
        PyTorchModels::residual, new CrossEntropy(), new Sgd(0.9, false, 0), 0.1, 40, Set.of());

    private final Function<Map<String, Tensor>, Model> forward;
    private final Loss loss;
    private final Optimizer optimizer;
    private final double learningRate;
    private final int steps;
    private final Set<String> drifting;

    Case(Architecture architecture, Loss loss, Optimizer optimizer, double rate, int steps) {
      this(fixture -> filled(architecture, fixture), loss, optimizer, rate, steps, Set.of());
    }

    /**
     * A fixture.
     *
     * @param drifting slots that the loss does not depend on: their gradient is rounding noise,
     *     which Adam scales up
     */
    Case(
        Function<Map<String, Tensor>, Model> forward,
        Loss loss,
        Optimizer optimizer,
        double rate,
        int steps,
        Set<String> drifting) {
      this.forward = forward;
      this.loss = loss;
      this.optimizer = optimizer;
      this.learningRate = rate;
      this.steps = steps;
      this.drifting = drifting;
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
    Model forward = one.forward.apply(initial(fixture));
    TrainingGraphs graphs =
        TrainingGraphs.of(forward, new Objective(one.loss, "y"), one.optimizer, trained(forward));
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
        if (slot.kind() != StateSlot.Kind.OPTIMIZER && !one.drifting.contains(slot.parameter())) {
          compare(slot, stepper.state(), fixture);
        }
      }
    }
  }

  private static void compare(
      StateSlot slot, Map<String, Tensor> state, Map<String, Tensor> fixture) {
    Tensor expected = fixture.get(key("final.", slot.parameter(), fixture));
    Tensor found = state.get(slot.input());
    assertThat(found.dims()).containsExactly(expected.dims());
    for (long i = 0; i < found.size(); i++) {
      assertThat(found.doubleAt(i))
          .as(slot.parameter() + "[" + i + "]")
          .isCloseTo(expected.doubleAt(i), within(PARAMETER_TOLERANCE));
    }
  }

  /** Parameters and statistics as training begins, but not the count of steps. */
  private static Map<String, Tensor> initial(Map<String, Tensor> fixture) {
    Map<String, Tensor> initial = new LinkedHashMap<>();
    fixture.forEach(
        (name, tensor) -> {
          if (name.startsWith("init.") && !name.endsWith("num_batches_tracked")) {
            initial.put(name.substring("init.".length()), tensor);
          }
        });
    return initial;
  }

  private static Set<String> trained(Model forward) {
    return forward.graph().initializers().keySet().stream()
        .filter(name -> !name.contains("running_"))
        .collect(Collectors.toSet());
  }

  /** A model of ours with the fixture's parameters: it has these and no others. */
  private static Model filled(Architecture architecture, Map<String, Tensor> initial) {
    Model fresh = architecture.build(0);
    Map<String, Tensor> filled = new LinkedHashMap<>(fresh.graph().initializers());
    assertThat(filled).hasSameSizeAs(initial);
    filled.replaceAll((name, _) -> initial.get(key("", name, initial)));
    return fresh.withGraph(fresh.graph().withInitializers(filled));
  }

  /** A lone module's parameters have no number in PyTorch. */
  private static String key(String part, String parameter, Map<String, Tensor> fixture) {
    String numbered = part + parameter;
    return fixture.containsKey(numbered)
        ? numbered
        : part + parameter.substring(parameter.indexOf('.') + 1);
  }

  private static Tensor flat(Tensor batches) {
    long[] dims = Arrays.copyOfRange(batches.dims(), 1, batches.rank());
    dims[0] *= batches.dim(0);
    assertThat(batches.type()).isIn(ElementType.FLOAT, ElementType.INT64);
    return batches.reshaped(dims);
  }
}
