package dev.lathe.zoo;

import dev.lathe.ir.Tensor;

/** How the first values of a parameter are drawn. */
sealed interface Fill {
  /** One value everywhere. */
  record Constant(float value) implements Fill {}

  /** Uniform from -bound up to, not including, bound. */
  record Uniform(double bound) implements Fill {}

  /** Normal around zero. */
  record Normal(double deviation) implements Fill {}

  Fill ZEROS = new Constant(0);
  Fill ONES = new Constant(1);

  /** PyTorch's own for embeddings. */
  Fill ONE_NORMAL = new Normal(1);

  /** PyTorch's own for linear, convolutional and recurrent layers: within ±1/√fan. */
  static Fill byFan(long fan) {
    return new Uniform(1 / Math.sqrt(fan));
  }

  /** Draws a tensor. */
  default Tensor draw(Draws draws, long... dims) {
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (this) {
            case Constant constant -> constant.value();
            case Uniform uniform -> draws.within(uniform.bound());
            case Normal normal -> draws.normal(normal.deviation());
          };
    }
    return Tensor.ofFloats(values, dims);
  }
}
