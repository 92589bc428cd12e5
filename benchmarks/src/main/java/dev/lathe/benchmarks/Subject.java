package dev.lathe.benchmarks;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** A model whose training step is measured; {@code torch_steps.py} has the same one by its name. */
enum Subject {
  /** So small that what a step costs beside arithmetic is all there is. */
  MLP_TINY(
      "MLP 20-32-16-3", 3, () -> new Mlp(20, List.of(32, 16), 3, Activation.RELU).build(1), 20),
  /** The 2NN of McMahan et al. 2017. */
  MLP(
      "MLP 784-200-200-10",
      10,
      () -> new Mlp(784, List.of(200, 200), 10, Activation.RELU).build(1),
      784),
  /** The CNN of McMahan et al. 2017. */
  CNN("CNN of FedAvg", 10, () -> Stack.cnn(false), 1, 28, 28),
  /** The same with batch normalization. */
  CNN_BN("CNN + batch norm", 10, () -> Stack.cnn(true), 1, 28, 28),
  /** The recurrent model of McMahan et al. 2017. */
  LSTM("LSTM 2×256", LanguageModel.VOCABULARY, LanguageModel::lstm, LanguageModel.STEPS),
  /** The residual network of MLPerf Tiny. */
  RESNET8("ResNet-8", 10, Stack::resnet, 3, 32, 32),
  /** A decoder as in nanoGPT: 4 layers, 4 heads, 128 wide, 64 tokens. */
  TRANSFORMER("Transformer 4×128", Stack.VOCABULARY, Stack::transformer, Stack.TOKENS);

  private final String title;
  private final int classes;
  private final Supplier<Model> forward;
  private final long[] example;

  Subject(String title, int classes, Supplier<Model> forward, long... example) {
    this.title = title;
    this.classes = classes;
    this.forward = forward;
    this.example = example;
  }

  String title() {
    return title;
  }

  Model forward() {
    return forward.get();
  }

  private boolean hasTokens() {
    return this == TRANSFORMER || this == LSTM;
  }

  /** Predictions in one example. */
  private int predictions() {
    return hasTokens() ? (int) example[0] : 1;
  }

  /** Rows of the prediction for a batch. */
  int rows(int batch) {
    return batch * predictions();
  }

  /** Inputs for a batch: noise, or token numbers. */
  Tensor inputs(int batch) {
    long[] dims = new long[example.length + 1];
    dims[0] = batch;
    System.arraycopy(example, 0, dims, 1, example.length);
    int size = Math.toIntExact(Tensor.sizeOf(dims));
    SplittableRandom random = new SplittableRandom(1);
    if (hasTokens()) {
      return Tensor.ofLongs(random.longs(size, 0, classes).toArray(), dims);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(values, dims);
  }

  /** Classes for each row of the prediction. */
  Tensor targets(int batch) {
    int rows = rows(batch);
    return Tensor.ofLongs(new SplittableRandom(2).longs(rows, 0, classes).toArray(), rows);
  }
}
