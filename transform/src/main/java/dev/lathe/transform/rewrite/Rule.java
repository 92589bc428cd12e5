package dev.lathe.transform.rewrite;

import dev.lathe.ir.Node;
import java.util.Optional;
import java.util.Set;

/** A local change of a graph that keeps what the graph computes. */
public interface Rule {
  /**
   * The operators that the rule looks at.
   *
   * @return names of {@code ai.onnx} operators
   */
  Set<String> operators();

  /**
   * Looks at one node.
   *
   * @param node a node of one of the rule's operators
   * @param surroundings what is known around it
   * @return the change, or nothing if the rule does not apply
   */
  Optional<Change> apply(Node node, Surroundings surroundings);

  /** What becomes of the node. */
  sealed interface Change {
    /**
     * The node goes away; readers of its first output read another value.
     *
     * @param value the value that they read
     */
    record Bypass(String value) implements Change {}

    /**
     * Another node takes its place.
     *
     * @param node a node with the same outputs
     */
    record Replace(Node node) implements Change {}

    /**
     * Two nodes take its place.
     *
     * @param first a node whose outputs have names of their own
     * @param second a node with the same outputs
     */
    record ReplaceByTwo(Node first, Node second) implements Change {}
  }
}
