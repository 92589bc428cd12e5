package dev.lathe.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model: one graph, the operator sets it is written in, and its functions.
 *
 * @param irVersion version of the ONNX format
 * @param opsets operator sets, domain (empty is {@code ai.onnx}) to version
 * @param producer who wrote it
 * @param domain the model's own domain, reverse-DNS; may be empty
 * @param version the model's own version; 0 if none
 * @param graph the graph
 * @param functions operators defined by the model itself
 * @param notes what is said about it
 */
public record Model(
    long irVersion,
    Map<String, Long> opsets,
    Producer producer,
    String domain,
    long version,
    Graph graph,
    List<Function> functions,
    Notes notes) {
  /** The ONNX format that new models are written in. */
  public static final long IR_VERSION = 10;

  /** The operator set of {@code ai.onnx} that new models are written in. */
  public static final long OPSET = 21;

  /**
   * Who wrote a model.
   *
   * @param name the tool
   * @param version its version
   */
  public record Producer(String name, String version) {
    /** This house. */
    public static final Producer LATHE = new Producer("lathe", "");
  }

  /** Copies its collections, keeping their order. */
  public Model {
    Map<String, Long> folded = new LinkedHashMap<>();
    opsets.forEach(
        (key, value) -> folded.merge(key.equals("ai.onnx") ? "" : key, value, Math::max));
    opsets = Collections.unmodifiableMap(folded);
    functions = List.copyOf(functions);
  }

  /**
   * A model of ours around a graph.
   *
   * @param graph the graph
   * @return the model, in {@link #OPSET}
   */
  public static Model of(Graph graph) {
    return new Model(
        IR_VERSION, Map.of("", OPSET), Producer.LATHE, "", 0, graph, List.of(), Notes.NONE);
  }

  /**
   * This model around another graph.
   *
   * @param newGraph the graph
   * @return a new model, or this one if the graph is the same object
   */
  public Model withGraph(Graph newGraph) {
    return newGraph == graph
        ? this
        : new Model(irVersion, opsets, producer, domain, version, newGraph, functions, notes);
  }

  /**
   * This model with one more operator set, or a newer version of one.
   *
   * @param opsetDomain its domain
   * @param opsetVersion its version
   * @return a new model
   */
  public Model withOpset(String opsetDomain, long opsetVersion) {
    Map<String, Long> more = new LinkedHashMap<>(opsets);
    more.put(opsetDomain, opsetVersion);
    return new Model(irVersion, more, producer, domain, version, graph, functions, notes);
  }

  /**
   * This model in a newer format.
   *
   * @param newIrVersion the format's version
   * @return a new model
   */
  public Model withIrVersion(long newIrVersion) {
    return new Model(newIrVersion, opsets, producer, domain, version, graph, functions, notes);
  }

  /**
   * This model with other notes.
   *
   * @param newNotes the notes
   * @return a new model
   */
  public Model withNotes(Notes newNotes) {
    return new Model(irVersion, opsets, producer, domain, version, graph, functions, newNotes);
  }

  /**
   * The version of {@code ai.onnx} that the graph is written in.
   *
   * @return the version, or 0 if none is imported
   */
  public long opset() {
    return opsets.getOrDefault("", 0L);
  }
}
