package dev.lathe.serve;

import dev.lathe.registry.ModelName;

/**
 * One version of one model.
 *
 * @param model the model's name
 * @param version its tag, {@code v<N>}
 */
public record ModelVersion(ModelName model, String version) {
  @Override
  public String toString() {
    return model + "@" + version;
  }
}
