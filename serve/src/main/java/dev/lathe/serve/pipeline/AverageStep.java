package dev.lathe.serve.pipeline;

import dev.lathe.ir.Tensor;
import java.util.Map;
import java.util.stream.DoubleStream;

/** The weighted mean of tensors FP32 of one shape, named from 0. */
final class AverageStep implements BuiltInStep {
  private final double[] weights;

  /** With a weight for each tensor, or without weights. */
  AverageStep(double[] weights) {
    this.weights = weights.clone();
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Tensor first = inputs.get("0");
    double[] sums = new double[Math.toIntExact(first.size())];
    for (int part = 0; part < inputs.size(); part++) {
      Tensor tensor = inputs.get(Integer.toString(part));
      Alike.require(first, tensor, -1);
      double weight = weights.length == 0 ? 1 : weights[part];
      for (int i = 0; i < sums.length; i++) {
        sums[i] += weight * tensor.doubleAt(i);
      }
    }
    double all = weights.length == 0 ? inputs.size() : DoubleStream.of(weights).sum();
    float[] mean = new float[sums.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sums[i] / all);
    }
    return Map.of("mean", Tensor.ofFloats(mean, first.dims()));
  }
}
