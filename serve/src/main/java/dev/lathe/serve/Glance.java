package dev.lathe.serve;

import dev.lathe.ir.ValueInfo;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a version without using it: it is in memory, or was let go and is loaded again
 * by the next request.
 *
 * @param id the version
 * @param signature what it takes and gives; empty if it was never loaded here
 */
public record Glance(ModelVersion id, Optional<Signature> signature) {
  /**
   * What a version takes and gives.
   *
   * @param inputs what a request needs
   * @param outputs what an answer has
   */
  public record Signature(List<ValueInfo> inputs, List<ValueInfo> outputs) {
    /** Copies the lists. */
    public Signature {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * What a version in memory says.
   *
   * @param model the version
   * @return its glance, with a signature
   */
  public static Glance of(LoadedModel model) {
    return new Glance(model.id(), Optional.of(new Signature(model.inputs(), model.outputs())));
  }
}
