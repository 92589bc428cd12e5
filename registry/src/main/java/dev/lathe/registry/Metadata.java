package dev.lathe.registry;

import java.util.List;

/**
 * What {@code lathe.yaml} says about a version.
 *
 * @param task {@code classification}, {@code binary}, {@code regression}, ...; empty if not known
 * @param labels the classes' names by index; empty if there are none
 * @param signature what the model takes and gives
 * @param lineage how the version came to be
 */
public record Metadata(String task, List<String> labels, Signature signature, Lineage lineage) {
  /** Copies the labels. */
  public Metadata {
    labels = List.copyOf(labels);
  }
}
