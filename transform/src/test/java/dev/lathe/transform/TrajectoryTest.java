package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Interpreter;
import dev.lathe.testkit.Shared;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Step graphs against PyTorch's own trajectories: losses 1e-4 relative, parameters 1e-3. */
class TrajectoryTest {
  private static final Map<String, Attribute> NONE = Map.of();

  @Test
  void linear_meanSquaredError_sgd_followsPyTorch() {
    Case c = new Case("linear-mse-sgd");
    Model forward = new Layers(c.initial(), 10).linear("").model(2);
    c.follow(forward, new MeanSquaredError(), Sgd.plain(), 0.01);
  }

  @Test
  void mlp_momentumNesterovDecay_followsPyTorch() {
    Case c = new Case("mlp-momentum-nesterov");
    c.follow(mlp(c, "Relu", 3), new CrossEntropy(), new Sgd(0.9, true, 0.001), 0.05);
  }

  @Test
  void mlp_adam_followsPyTorch() {
    Case c = new Case("mlp-adam");
    c.follow(mlp(c, "Relu", 3), new CrossEntropy(), Adam.standard(), 0.01);
  }

  @Test
  void mlp_adagrad_followsPyTorch() {
    Case c = new Case("mlp-adagrad");
    c.follow(mlp(c, "Sigmoid", 3), new MeanSquaredError(), Adagrad.standard(), 0.05);
  }

  @Test
  void mlp_rmsProp_followsPyTorch() {
    Case c = new Case("mlp-rmsprop");
    RmsProp rmsProp = new RmsProp(0.9, 1e-8, 0, false, 0);
    c.follow(mlp(c, "Relu", 3), new MeanSquaredError(), rmsProp, 0.001);
  }

  @Test
  void mlp_adamW_clippedWarmedUpAndCooledDown_followsPyTorch() {
    Case c = new Case("mlp-adamw-clip-cosine");
    TrainingOptions options =
        TrainingOptions.of(new AdamW(0.9, 0.999, 1e-8, 0.1)).withClipping(Clipping.byNorm(1));
    c.follow(
        mlp(c, "Tanh", 3),
        new CrossEntropy(),
        options,
        step ->
            step < 5
                ? 0.01 * (0.2 + 0.8 * step / 5)
                : 0.001 + 0.009 * (1 + Math.cos(Math.PI * (step - 5) / 35)) / 2);
  }

  @Test
  void cnn_sgd_followsPyTorch() {
    Case c = new Case("cnn-sgd");
    Map<String, Attribute> pool =
        Map.of("kernel_shape", Attribute.ofInts(2, 2), "strides", Attribute.ofInts(2, 2));
    Model forward =
        new Layers(c.initial(), 1, 10, 10)
            .conv("0.", Map.of("pads", Attribute.ofInts(1, 1, 1, 1)))
            .op("Relu")
            .op("MaxPool", pool)
            .conv("3.", Map.of("strides", Attribute.ofInts(2, 2)))
            .op("Relu")
            .op("Flatten", NONE)
            .linear("6.")
            .model(4);
    c.follow(forward, new CrossEntropy(), Sgd.plain(), 0.1);
  }

  @Test
  void cnn_batchNormalization_adam_followsPyTorch() {
    // A convolution's bias before batch normalization is subtracted again with the mean.
    Case c = new Case("cnn-bn-adam", "4.bias", "5.running_mean");
    Map<String, Attribute> maxPool =
        Map.of(
            "kernel_shape", Attribute.ofInts(3, 3),
            "strides", Attribute.ofInts(2, 2),
            "pads", Attribute.ofInts(1, 1, 1, 1));
    Map<String, Attribute> grouped =
        Map.of(
            "pads", Attribute.ofInts(2, 2, 2, 2),
            "dilations", Attribute.ofInts(2, 2),
            "group", Attribute.of(2L));
    Map<String, Attribute> averagePool =
        Map.of("kernel_shape", Attribute.ofInts(2, 2), "strides", Attribute.ofInts(2, 2));
    Model forward =
        new Layers(c.initial(), 1, 12, 12)
            .conv("0.", Map.of("pads", Attribute.ofInts(2, 2, 2, 2)))
            .batchNormalization("1.")
            .op("Relu")
            .op("MaxPool", maxPool)
            .conv("4.", grouped)
            .batchNormalization("5.")
            .op("Gelu")
            .op("AveragePool", averagePool)
            .op("Flatten")
            .linear("9.")
            .model(4);
    c.follow(forward, new CrossEntropy(), Adam.standard(), 0.01);
  }

  private static Model mlp(Case c, String activation, long outputs) {
    return new Layers(c.initial(), 20)
        .linear("0.")
        .op(activation)
        .linear("2.")
        .op(activation)
        .linear("4.")
        .model(outputs);
  }

  /** One recorded training. */
  private static final class Case {
    private final Map<String, Tensor> tensors;
    private final Set<String> drifting;

    /**
     * A recording.
     *
     * @param drifting parameters that the loss does not depend on: their gradient is rounding
     *     noise, which Adam scales up
     */
    Case(String name, String... drifting) {
      this.drifting = Set.of(drifting);
      tensors =
          Safetensors.open(Shared.path("fixtures/training/" + name + ".safetensors")).tensors();
    }

    Map<String, Tensor> initial() {
      Map<String, Tensor> initial = new LinkedHashMap<>();
      tensors.forEach(
          (name, tensor) -> {
            if (name.startsWith("init.") && !name.endsWith("num_batches_tracked")) {
              initial.put(name.substring(5), tensor);
            }
          });
      return initial;
    }

    void follow(Model forward, Loss loss, Optimizer optimizer, double learningRate) {
      follow(forward, loss, TrainingOptions.of(optimizer), _ -> learningRate);
    }

    void follow(Model forward, Loss loss, TrainingOptions options, IntToDoubleFunction rate) {
      Set<String> parameters = new TreeSet<>(initial().keySet());
      parameters.removeIf(name -> name.contains("running_"));
      List<Objective> objectives = List.of(new Objective(loss, "y"));
      StepGraph step = TrainingGraphs.of(forward, objectives, options, parameters).step();
      Map<String, Tensor> state = new HashMap<>();
      step.slots().forEach(slot -> state.put(slot.input(), slot.initial()));
      float[] losses = tensors.get("loss").toFloats();
      for (int i = 0; i < losses.length; i++) {
        Map<String, Tensor> inputs =
            inputs(i, options.optimizer().scalars(i + 1, rate.applyAsDouble(i)));
        inputs.putAll(state);
        Map<String, Tensor> outputs = Interpreter.run(step.model(), inputs);
        double found = outputs.get(TrainingGraphs.LOSS).doubleAt(0);
        assertThat(found)
            .as("loss at step %d", i)
            .isCloseTo(losses[i], within(1e-4 * Math.abs(losses[i])));
        if (step.readings().contains(TrainingGraphs.GRADIENT_NORM)) {
          double norm = tensors.get("grad_norm").doubleAt(i);
          assertThat(outputs.get(TrainingGraphs.GRADIENT_NORM).doubleAt(0))
              .as("norm of the gradient at step %d", i)
              .isCloseTo(norm, within(1e-4 * norm));
        }
        step.slots().forEach(slot -> state.put(slot.input(), outputs.get(slot.output())));
      }
      requireFinal(step, state);
    }

    private Map<String, Tensor> inputs(int step, Map<String, Float> scalars) {
      Tensor x = slice(tensors.get("x"), step % 4);
      Tensor y = slice(tensors.get("y"), step % 4);
      float[] ones = new float[(int) x.dim(0)];
      Arrays.fill(ones, 1);
      Map<String, Tensor> inputs = new HashMap<>();
      inputs.put("x", x);
      inputs.put(TrainingGraphs.TARGET, y);
      inputs.put(TrainingGraphs.WEIGHTS, Tensor.ofFloats(ones, ones.length));
      scalars.forEach((name, value) -> inputs.put(name, Tensor.scalar(value)));
      return inputs;
    }

    private void requireFinal(StepGraph step, Map<String, Tensor> state) {
      for (StateSlot slot : step.slots()) {
        if (slot.kind() != StateSlot.Kind.OPTIMIZER && !drifting.contains(slot.parameter())) {
          Tensor expected = tensors.get("final." + slot.parameter());
          Tensor found = state.get(slot.input());
          for (int i = 0; i < expected.size(); i++) {
            assertThat(found.doubleAt(i))
                .as("%s[%d]", slot.parameter(), i)
                .isCloseTo(expected.doubleAt(i), within(1e-3));
          }
        }
      }
    }

    private static Tensor slice(Tensor batches, int index) {
      long[] dims = Arrays.copyOfRange(batches.dims(), 1, batches.rank());
      long bytes = batches.type().byteSize(Tensor.sizeOf(dims));
      return Tensor.of(batches.type(), dims, batches.data().asSlice(index * bytes, bytes));
    }
  }
}
