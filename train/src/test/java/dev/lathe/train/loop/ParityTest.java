package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.TorchCells;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Examples;
import dev.lathe.transform.Adagrad;
import dev.lathe.transform.Adam;
import dev.lathe.transform.AdamW;
import dev.lathe.transform.Clipping;
import dev.lathe.transform.CrossEntropy;
import dev.lathe.transform.Loss;
import dev.lathe.transform.MeanSquaredError;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.RmsProp;
import dev.lathe.transform.Sgd;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.TrainingGraphs;
import dev.lathe.transform.TrainingOptions;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Architecture;
import dev.lathe.zoo.Cell;
import dev.lathe.zoo.Cnn;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Linear;
import dev.lathe.zoo.Mlp;
import dev.lathe.zoo.RecurrentDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
    MLP_MOMENTUM_NESTEROV(
        mlp(Activation.RELU), new CrossEntropy(), new Sgd(0.9, true, 0.001), 0.05, 40),
    MLP_ADAM(mlp(Activation.RELU), new CrossEntropy(), Adam.standard(), 0.01, 40),
    CNN_SGD(cnn(), new CrossEntropy(), Sgd.plain(), 0.1, 40),
    CNN_BN_ADAM(
        PyTorchModels::normalizedCnn, new CrossEntropy(), Adam.standard(), 0.01, 40, UNSEEN_BIAS),
    RESNET_SGD(
        PyTorchModels::residual, new CrossEntropy(), new Sgd(0.9, false, 0), 0.1, 40, Set.of()),
    MLP_ADAGRAD(mlp(Activation.SIGMOID), new MeanSquaredError(), Adagrad.standard(), 0.05, 40),
    MLP_RMSPROP(
        mlp(Activation.RELU),
        new MeanSquaredError(),
        new RmsProp(0.9, 1e-8, 0, false, 0),
        0.001,
        40),
    MLP_ADAMW_CLIP_COSINE(
        mlp(Activation.TANH), new CrossEntropy(), new AdamW(0.9, 0.999, 1e-8, 0.1), 0.01, 40),
    GPT_ADAMW(
        new Gpt(40, 16, 32, 2, 4, 0, Gpt.Head.OWN),
        new CrossEntropy(),
        new AdamW(0.9, 0.99, 1e-8, 0.1),
        0.003,
        40),
    LSTM_ADAM(recurrent(Cell.LSTM), new CrossEntropy(), Adam.standard(), 0.01, 40),
    GRU_ADAM(recurrent(Cell.GRU), new CrossEntropy(), Adam.standard(), 0.01, 40);

    private final Function<Map<String, Tensor>, Model> forward;
    private final Loss loss;
    private final Optimizer optimizer;
    private final double learningRate;
    private final int steps;
    private final Set<String> drifting;

    Case(Architecture architecture, Loss loss, Optimizer optimizer, double rate, int steps) {
      this(fixture -> filled(architecture, fixture), loss, optimizer, rate, steps, Set.of());
    }

    /** The gradients of these were clipped to norm 1. */
    TrainingOptions options() {
      TrainingOptions plain = TrainingOptions.of(optimizer);
      return optimizer instanceof AdamW ? plain.withClipping(Clipping.byNorm(1)) : plain;
    }

    /** The learning rate of a step from 0; cases.json tells the one that changes. */
    double rate(int step) {
      if (this != MLP_ADAMW_CLIP_COSINE) {
        return learningRate;
      }
      return step < 5
          ? learningRate * (0.2 + 0.8 * step / 5)
          : learningRate * (0.1 + 0.9 * (1 + Math.cos(Math.PI * (step - 5) / 35)) / 2);
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

    private static Mlp mlp(Activation activation) {
      return new Mlp(20, List.of(32, 16), 3, activation);
    }

    private static RecurrentDecoder recurrent(Cell cell) {
      return new RecurrentDecoder(cell, 40, 16, 24, 2, 0, Gpt.Head.OWN);
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

  @Test
  void everyFixture_isFollowed() throws IOException {
    try (Stream<Path> files = Files.list(Shared.path("fixtures/training"))) {
      List<String> recorded =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".safetensors"))
              .map(name -> name.substring(0, name.lastIndexOf('.')))
              .toList();
      assertThat(Stream.of(Case.values()).map(Case::fileName).toList())
          .containsExactlyInAnyOrderElementsOf(recorded);
    }
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void trajectory_isPyTorchs(Case one) {
    Safetensors file =
        Safetensors.open(Shared.path("fixtures/training/" + one.fileName() + ".safetensors"));
    Map<String, Tensor> fixture = TorchCells.inLayoutOfOnnx(file.tensors());
    Model forward = one.forward.apply(initial(fixture));
    List<Objective> objectives = List.of(new Objective(one.loss, "y"));
    TrainingGraphs graphs = TrainingGraphs.of(forward, objectives, one.options(), trained(forward));
    Tensor loss = fixture.get("loss");
    assertThat(loss.size()).isEqualTo(one.steps);
    long[] dims = fixture.get("x").dims();
    Tensor x = flat(fixture.get("x"));
    boolean tokens = x.type() == ElementType.INT64;
    Examples examples =
        new Examples(x, tokens ? fixture.get("y").reshaped(x.dims()) : flat(fixture.get("y")));
    int batchSize = (int) dims[1];
    try (Batch batch = new Batch(examples.columns(), batchSize);
        Stepper stepper = new Stepper(graphs.step(), 1)) {
      for (int step = 0; step < one.steps; step++) {
        try (Cursor cursor = examples.inOrder()) {
          cursor.skip(step % 4L * batchSize);
          batch.fill(cursor);
        }
        float found = stepper.step(batch, one.optimizer.scalars(step + 1, one.rate(step)));
        double expected = loss.doubleAt(step);
        assertThat((double) found)
            .as("loss before step " + (step + 1))
            .isCloseTo(expected, within(LOSS_TOLERANCE * Math.abs(expected)));
        if (fixture.containsKey("grad_norm")) {
          double norm = fixture.get("grad_norm").doubleAt(step);
          assertThat(stepper.norm().orElseThrow()).isCloseTo(norm, within(LOSS_TOLERANCE * norm));
        }
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
