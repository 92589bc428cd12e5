package dev.lathe.train.loop;

import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Node;
import dev.lathe.train.Task;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Scores of somebody's model before a last Softmax or Sigmoid, which the losses take themselves.
 * Nodes behind it that only copy, cast or lay out are repeated for the raw scores.
 */
final class RawScores {
  private static final Set<String> LAYOUT =
      Set.of("Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze");

  private final Graph graph;
  private final GraphBuilder builder;

  /**
   * Looks at a graph.
   *
   * @param graph the graph, without calls of functions
   * @param builder a builder of the same graph, which gets the repeated nodes
   */
  RawScores(Graph graph, GraphBuilder builder) {
    this.graph = graph;
    this.builder = builder;
  }

  /**
   * Finds the raw scores.
   *
   * @param output an output of the graph
   * @param task what it is asked
   * @return the name of the raw scores; the output itself if nothing squashes it
   */
  String of(String output, Task task) {
    String squash =
        switch (task) {
          case CLASSIFICATION,
              LANGUAGE_MODEL,
              TRANSLATION,
              TEXT_CLASSIFICATION,
              TOKEN_CLASSIFICATION,
              QUESTION_ANSWERING ->
              "Softmax";
          case BINARY, MULTI_LABEL -> "Sigmoid";
          case REGRESSION -> "";
        };
    Deque<Node> behind = new ArrayDeque<>();
    Optional<Node> made = maker(output);
    while (made.isPresent() && LAYOUT.contains(made.get().qualifiedOp())) {
      behind.push(made.get());
      made = maker(made.get().input(0));
    }
    return made.filter(node -> node.qualifiedOp().equals(squash))
        .map(node -> repeated(behind, node.input(0)))
        .orElse(output);
  }

  private Optional<Node> maker(String value) {
    return graph.nodes().stream().filter(node -> node.outputs().contains(value)).findFirst();
  }

  private String repeated(Deque<Node> behind, String scores) {
    String raw = scores;
    for (Node node : behind) {
      List<String> inputs = new ArrayList<>(node.inputs());
      inputs.set(0, raw);
      raw = builder.fresh(node.output(0) + "/raw");
      builder.append(node.withInputs(inputs).withOutputs(List.of(raw)).withName(raw));
    }
    return raw;
  }
}
