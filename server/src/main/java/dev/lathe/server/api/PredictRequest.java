package dev.lathe.server.api;

import dev.lathe.ir.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * The body of a prediction.
 *
 * @param version as for the verb; absent for what is live in {@code prod} and else the newest
 * @param inputs tensors by the names of the model's signature
 */
record PredictRequest(Optional<String> version, Map<String, Tensor> inputs) {}
