package dev.lathe.server.tasks;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import java.util.Map;

/** Runs released versions, however they are loaded and shared. */
@FunctionalInterface
public interface Runs {
  /**
   * Runs a version.
   *
   * @param model the model
   * @param version {@code v<N>}
   * @param inputs by the names of its signature
   * @return all its outputs
   */
  Map<String, Tensor> run(ModelName model, String version, Map<String, Tensor> inputs);
}
