package dev.lathe.zoo;

import dev.lathe.ir.Model;
import java.util.Map;

/**
 * A family of models with its sizes, from which a model with fresh weights is built.
 *
 * <p>Every built model has an input {@code x}, FLOAT [N, …] of features or INT64 [N, T] of tokens,
 * and one output {@code y} of raw scores, no softmax: FLOAT [N, outputs], or FLOAT [N, T, outputs]
 * where each token gets its own; a decoder that reads a source has an input more. Models that read
 * whole sequences take {@code attention_mask}, too, INT64 [N, T]: 1 for a token, 0 for padding
 * behind the tokens. Parameters and running statistics are initializers named as PyTorch or Hugging
 * Face name them, those of recurrent layers as ONNX has them; nothing else is an initializer.
 */
public sealed interface Architecture
    permits Linear,
        Mlp,
        Cnn,
        ResNet,
        DepthwiseCnn,
        Gpt,
        Llama,
        RecurrentDecoder,
        EncoderDecoder,
        Encoder,
        RecurrentEncoder {
  /**
   * Builds the model with weights drawn as PyTorch or the architecture's paper draws them.
   *
   * @param seed the same seed gives the same weights, bit for bit, on every machine
   * @return a model that passes the checker
   */
  Model build(long seed);

  /**
   * What belongs beside a model so that others understand it.
   *
   * @return text by file name, such as Hugging Face's {@code config.json}
   */
  default Map<String, String> files() {
    return Map.of();
  }
}
