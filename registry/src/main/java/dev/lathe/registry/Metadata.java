package dev.lathe.registry;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code lathe.yaml} says about a version.
 *
 * @param task {@code classification}, {@code binary}, {@code regression}, ...; empty if not known
 * @param labels the classes' names by index; empty if there are none
 * @param signature what the model takes and gives
 * @param lineage how the version came to be
 * @param pipeline the steps that answer, as written in the file ({@link Pipeline#parse} reads
 *     them); empty if the model answers alone
 */
public record Metadata(
    String task,
    List<String> labels,
    Signature signature,
    Lineage lineage,
    Map<String, Object> pipeline) {
  /**
   * The task of a version that is an adapter: it answers only with the version that it was made
   * for, which is the one parent of its lineage.
   */
  public static final String ADAPTER_TASK = "text-adapter";

  /** What is known about a commit that has no {@code lathe.yaml}: nothing. */
  public static final Metadata NONE =
      new Metadata(
          "",
          List.of(),
          new Signature(List.of(), List.of()),
          new Lineage("", List.of(), "", List.of(), Map.of(), 0, "", Instant.EPOCH));

  /** Copies the labels and the pipeline, keeping their order. */
  public Metadata {
    labels = List.copyOf(labels);
    pipeline = Collections.unmodifiableMap(new LinkedHashMap<>(pipeline));
  }

  /**
   * The version that an adapter was made for.
   *
   * @return {@code namespace/name@v<N>}; empty for a version that is no adapter
   */
  public Optional<String> adapterOf() {
    return task.equals(ADAPTER_TASK)
        ? lineage.parents().stream().filter(one -> one.contains("@v")).findFirst()
        : Optional.empty();
  }

  /**
   * What is known about a model that answers alone.
   *
   * @param task what it is asked
   * @param labels the classes' names by index
   * @param signature what it takes and gives
   * @param lineage how it came to be
   */
  public Metadata(String task, List<String> labels, Signature signature, Lineage lineage) {
    this(task, labels, signature, lineage, Map.of());
  }
}
