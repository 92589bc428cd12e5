package dev.lathe.server;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Small models to serve. */
final class Models {
  private Models() {}

  /** Gives "x" [N, D] back as "y". */
  static Model identity(ElementType type) {
    GraphBuilder graph = new GraphBuilder("identity");
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("D")));
    String x = graph.input("x", type, shape);
    graph.append(dev.lathe.ir.Node.of("Identity", List.of(x), List.of("y")));
    graph.output("y", type, shape);
    return Model.of(graph.build());
  }

  /** Adds a number to "x" [N, 2]; "y" is the sum, "z" is x itself. */
  static Model adding(float addend) {
    GraphBuilder graph = new GraphBuilder("adding");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(2));
    String by = graph.initializer("by", Tensor.scalar(addend));
    graph.append(dev.lathe.ir.Node.of("Add", List.of(x, by), List.of("y")));
    graph.append(dev.lathe.ir.Node.of("Identity", List.of(x), List.of("z")));
    graph.output("y", ElementType.FLOAT, Shape.batchOf(2));
    graph.output("z", ElementType.FLOAT, Shape.batchOf(2));
    return Model.of(graph.build());
  }

  /**
   * As {@link #adding}, but nothing of the sum is above a limit; and a run fails where a number of
   * "x" is above a hundred.
   */
  static Model addingUpTo(float addend, float most) {
    GraphBuilder graph = new GraphBuilder("adding");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(2));
    String by = graph.initializer("by", Tensor.scalar(addend));
    String limit = graph.initializer("limit", Tensor.scalar(most));
    String zeros = graph.initializer("zeros", Tensor.zeros(ElementType.FLOAT, 101));
    graph.append(dev.lathe.ir.Node.of("Add", List.of(x, by), List.of("sum")));
    graph.append(dev.lathe.ir.Node.of("Min", List.of("sum", limit), List.of("y")));
    graph.append(
        dev.lathe.ir.Node.of("Cast", List.of(x), List.of("place"))
            .with("to", dev.lathe.ir.Attribute.of((long) ElementType.INT64.code())));
    graph.append(dev.lathe.ir.Node.of("Gather", List.of(zeros, "place"), List.of("nothing")));
    graph.append(dev.lathe.ir.Node.of("Add", List.of(x, "nothing"), List.of("z")));
    graph.output("y", ElementType.FLOAT, Shape.batchOf(2));
    graph.output("z", ElementType.FLOAT, Shape.batchOf(2));
    return Model.of(graph.build());
  }

  /** Publishes a model's next version. */
  static String publish(Registry registry, String name, Model model) {
    Metadata metadata =
        new Metadata(
            "regression",
            List.of(),
            Signature.of(model),
            new Lineage(
                "import",
                List.of(),
                "",
                List.of(),
                Map.of(),
                1,
                "lathe",
                Instant.parse("2026-01-01T00:00:00Z")));
    return registry
        .publish(
            ModelName.parse(name),
            Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "A model for a test"))
        .version();
  }
}
