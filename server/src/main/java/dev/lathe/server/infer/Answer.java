package dev.lathe.server.infer;

import dev.lathe.ir.Tensor;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import java.util.Map;

/**
 * The answer to a {@link Question}.
 *
 * @param model which version answered
 * @param outputs tensors by name, in the model's order
 * @param timing where the time went
 */
public record Answer(
    ModelVersion model, Map<String, Tensor> outputs, InferResponse.Timing timing) {}
