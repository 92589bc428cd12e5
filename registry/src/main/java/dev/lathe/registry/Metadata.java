package dev.lathe.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What {@code lathe.yaml} says about a version.
 *
 * @param task {@code classification}, {@code binary}, {@code regression}, ...; empty if not known
 * @param labels the classes' names by index; empty if there are none
 * @param signature what the model takes and gives
 * @param lineage how the version came to be
 */
public record Metadata(String task, List<String> labels, Signature signature, Lineage lineage) {
  /** What is known about a commit that has no {@code lathe.yaml}: nothing. */
  public static final Metadata NONE =
      new Metadata(
          "",
          List.of(),
          new Signature(List.of(), List.of()),
          new Lineage("", List.of(), "", List.of(), Map.of(), 0, "", Instant.EPOCH));

  /** Copies the labels. */
  public Metadata {
    labels = List.copyOf(labels);
  }
}
