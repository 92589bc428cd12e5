package dev.lathe.checks.conformance;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The models that the examples of Triton's clients ask, under the names that they use. */
final class TritonModels {
  private TritonModels() {}

  /** Publishes all of them in the namespace {@code default}, and makes them live. */
  static void publish(Path data) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      release(registry, "simple", sumAndDifference(ElementType.INT32), List.of());
      release(registry, "simple_string", sumAndDifference(ElementType.STRING), List.of());
      release(registry, "simple_identity", identity(ElementType.STRING), List.of());
      release(registry, "bytes", identity(ElementType.UINT8), List.of());
      release(registry, "floats", identity(ElementType.FLOAT), List.of());
      release(registry, "halves", identity(ElementType.FLOAT16), List.of());
      release(registry, "brains", identity(ElementType.BFLOAT16), List.of());
      release(registry, "named", identity(ElementType.FLOAT), List.of("cat", "dog", "owl"));
      release(registry, "simple_sequence", runningSum(), List.of());
      registry.change(
          new ModelName("default", "simple_sequence"),
          "prod",
          before ->
              before
                  .orElseThrow()
                  .with(Map.of("serving.sequence.state", "[{input: SUM_BEFORE, output: SUM}]")));
    }
  }

  /** OUTPUT0 = INPUT0 + INPUT1, OUTPUT1 = INPUT0 - INPUT1; [N, 16], text as decimal integers. */
  private static Model sumAndDifference(ElementType type) {
    GraphBuilder graph = new GraphBuilder("simple");
    Shape shape = Shape.batchOf(16);
    boolean text = type == ElementType.STRING;
    String[] inputs = new String[2];
    for (int i = 0; i < 2; i++) {
      String input = graph.input("INPUT" + i, type, shape);
      inputs[i] = text ? graph.add("Cast", to(ElementType.INT32), input) : input;
    }
    String[] results = {graph.add("Add", inputs), graph.add("Sub", inputs)};
    for (int i = 0; i < 2; i++) {
      String result = text ? graph.add("Cast", to(type), results[i]) : results[i];
      graph.append(Node.of("Identity", List.of(result), List.of("OUTPUT" + i)));
      graph.output("OUTPUT" + i, type, shape);
    }
    return Model.of(graph.build());
  }

  /** OUTPUT = the sum of INPUT over the requests of a sequence; [N, 1]. */
  private static Model runningSum() {
    GraphBuilder graph = new GraphBuilder("running_sum");
    Shape shape = Shape.batchOf(1);
    String next = graph.input("INPUT", ElementType.INT32, shape);
    String before = graph.input("SUM_BEFORE", ElementType.INT32, shape);
    String sum = graph.add("Add", next, before);
    for (String output : List.of("OUTPUT", "SUM")) {
      graph.append(Node.of("Identity", List.of(sum), List.of(output)));
      graph.output(output, ElementType.INT32, shape);
    }
    return Model.of(graph.build());
  }

  private static Map<String, Attribute> to(ElementType type) {
    return Map.of("to", Attribute.of((long) type.code()));
  }

  private static Model identity(ElementType type) {
    GraphBuilder graph = new GraphBuilder("identity");
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("D")));
    String input = graph.input("INPUT0", type, shape);
    graph.append(Node.of("Identity", List.of(input), List.of("OUTPUT0")));
    graph.output("OUTPUT0", type, shape);
    return Model.of(graph.build());
  }

  private static void release(Registry registry, String name, Model model, List<String> labels) {
    ModelName full = new ModelName("default", name);
    Lineage lineage =
        new Lineage(
            "import",
            List.of(),
            "",
            List.of(),
            Map.of(),
            1,
            "lathe",
            Instant.parse("2026-01-01T00:00:00Z"));
    Metadata metadata = new Metadata("", labels, Signature.of(model), lineage);
    String version =
        registry
            .publish(full, Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For a test"))
            .version();
    registry.deploy(full, version, "prod");
  }
}
