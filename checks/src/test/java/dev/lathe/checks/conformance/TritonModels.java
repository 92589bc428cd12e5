package dev.lathe.checks.conformance;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
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
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** The models that the examples of Triton's clients ask, under the names that they use. */
final class TritonModels {
  private TritonModels() {}

  /** Publishes all of them in the namespace {@code default}, and makes them live. */
  static void publish(Path data) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      release(registry, "simple", sumAndDifference(ElementType.INT32), List.of());
      release(registry, "simple_int8", sumAndDifference(ElementType.INT8), List.of());
      release(registry, "simple_string", sumAndDifference(ElementType.STRING), List.of());
      release(registry, "simple_identity", identity(ElementType.STRING), List.of());
      release(registry, "custom_identity_int32", identity(ElementType.INT32), List.of());
      release(registry, "bytes", identity(ElementType.UINT8), List.of());
      release(registry, "floats", identity(ElementType.FLOAT), List.of());
      release(registry, "halves", identity(ElementType.FLOAT16), List.of());
      release(registry, "brains", identity(ElementType.BFLOAT16), List.of());
      release(registry, "named", identity(ElementType.FLOAT), List.of("cat", "dog", "owl"));
      release(registry, "densenet_onnx", imageClassifier(false), names(1000));
      release(registry, "image_batches", imageClassifier(true), names(1000));
      stateful(registry, "simple_sequence", marked(false), "controls: {start: START}");
      stateful(
          registry,
          "simple_dyna_sequence",
          marked(true),
          "controls: {start: START, end: END, correlation_id: ID}");
      stateful(
          registry,
          "simple_string_dyna_sequence",
          runningSum(),
          "state: [{input: SUM_BEFORE, output: SUM}], controls: {end: END, correlation_id: ID}");
    }
  }

  private static void stateful(Registry registry, String name, Model model, String sequence) {
    release(registry, name, model, List.of());
    registry.change(
        new ModelName("default", name),
        "prod",
        before -> before.orElseThrow().with(Map.of("serving.sequence", "{" + sequence + "}")));
  }

  /** OUTPUT0 = INPUT0 + INPUT1, OUTPUT1 = INPUT0 - INPUT1; [N, 16], text as decimal integers. */
  private static Model sumAndDifference(ElementType type) {
    GraphBuilder graph = new GraphBuilder("simple");
    Shape shape = Shape.batchOf(16);
    boolean cast = type != ElementType.INT32;
    String[] inputs = new String[2];
    for (int i = 0; i < 2; i++) {
      String input = graph.input("INPUT" + i, type, shape);
      inputs[i] = cast ? graph.add("Cast", to(ElementType.INT32), input) : input;
    }
    String[] results = {graph.add("Add", inputs), graph.add("Sub", inputs)};
    for (int i = 0; i < 2; i++) {
      String result = cast ? graph.add("Cast", to(type), results[i]) : results[i];
      give(graph, result, "OUTPUT" + i, type, shape);
    }
    return Model.of(graph.build());
  }

  /**
   * OUTPUT = INPUT + START, as Triton's example of a sequence; [N, 1]. The other one also adds the
   * sequence's id to its last request.
   */
  private static Model marked(boolean withIdAtEnd) {
    GraphBuilder graph = new GraphBuilder("marked");
    Shape shape = Shape.batchOf(1);
    String sum =
        graph.add(
            "Add",
            graph.input("INPUT", ElementType.INT32, shape),
            graph.input("START", ElementType.INT32, shape));
    if (withIdAtEnd) {
      String end = graph.input("END", ElementType.INT32, shape);
      String id =
          graph.add("Cast", to(ElementType.INT32), graph.input("ID", ElementType.UINT64, shape));
      sum = graph.add("Add", sum, graph.add("Mul", end, id));
    }
    give(graph, sum, "OUTPUT", ElementType.INT32, shape);
    return Model.of(graph.build());
  }

  /** OUTPUT = the sum of INPUT over the requests of a sequence, at its end with its id; [N, 1]. */
  private static Model runningSum() {
    GraphBuilder graph = new GraphBuilder("running_sum");
    Shape shape = Shape.batchOf(1);
    String next = graph.input("INPUT", ElementType.INT32, shape);
    String before = graph.input("SUM_BEFORE", ElementType.INT32, shape);
    String end = graph.input("END", ElementType.INT32, shape);
    String id =
        graph.add("Cast", to(ElementType.INT32), graph.input("ID", ElementType.STRING, shape));
    String sum = graph.add("Add", next, before);
    give(graph, sum, "SUM", ElementType.INT32, shape);
    String shown = graph.add("Add", sum, graph.add("Mul", end, id));
    give(graph, shown, "OUTPUT", ElementType.INT32, shape);
    return Model.of(graph.build());
  }

  /**
   * A small convolutional network with random weights: data_0 [3, 224, 224] to fc6_1 [1000], or
   * with a batch before both.
   */
  private static Model imageClassifier(boolean batched) {
    GraphBuilder graph = new GraphBuilder("classifier");
    Shape picture = batched ? Shape.batchOf(3, 224, 224) : Shape.of(3, 224, 224);
    String data = graph.input("data_0", ElementType.FLOAT, picture);
    String zero = graph.initializer("zero", Tensor.ofLongs(new long[] {0}, 1));
    String batch = batched ? data : graph.add("Unsqueeze", data, zero);
    String kernels = graph.initializer("kernels", random(8, 3, 7, 7));
    String seen =
        graph.add(
            "Relu", graph.add("Conv", Map.of("strides", Attribute.ofInts(8, 8)), batch, kernels));
    String means = graph.add("Flatten", graph.add("GlobalAveragePool", seen));
    String scores = graph.add("MatMul", means, graph.initializer("weights", random(8, 1000)));
    String result = batched ? scores : graph.add("Squeeze", scores, zero);
    give(graph, result, "fc6_1", ElementType.FLOAT, batched ? Shape.batchOf(1000) : Shape.of(1000));
    return Model.of(graph.build());
  }

  private static Tensor random(long... dims) {
    Random random = new Random(dims.length);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(values, dims);
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "CLASS " + i).toList();
  }

  private static void give(
      GraphBuilder graph, String value, String output, ElementType type, Shape shape) {
    graph.append(Node.of("Identity", List.of(value), List.of(output)));
    graph.output(output, type, shape);
  }

  private static Map<String, Attribute> to(ElementType type) {
    return Map.of("to", Attribute.of((long) type.code()));
  }

  private static Model identity(ElementType type) {
    GraphBuilder graph = new GraphBuilder("identity");
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("D")));
    String input = graph.input("INPUT0", type, shape);
    give(graph, input, "OUTPUT0", type, shape);
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
