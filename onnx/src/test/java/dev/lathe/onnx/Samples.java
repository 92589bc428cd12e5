package dev.lathe.onnx;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Extras;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Models for tests. */
final class Samples {
  /** Field 1000, a varint 7: what a later version of the format may add. */
  static final Extras UNKNOWN = new Extras(Bytes.of(new byte[] {(byte) 0xC0, 0x3E, 7}));

  private Samples() {}

  /** y = Relu(x·W + b). */
  static Model small() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    weights.put("W", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    weights.put("b", Tensor.ofFloats(new float[] {0.5f, -0.5f}, 2));
    return Model.of(
        new Graph(
            "small",
            List.of(
                Node.of("Gemm", List.of("x", "W", "b"), List.of("h")).withName("dense"),
                Node.of("Relu", List.of("h"), List.of("y")).withName("relu")),
            List.of(ValueInfo.tensor("x", ElementType.FLOAT, Shape.batchOf(3))),
            List.of(ValueInfo.tensor("y", ElementType.FLOAT, Shape.batchOf(2))),
            weights,
            Map.of(),
            List.of(),
            Notes.NONE));
  }

  static Graph graph(Node... nodes) {
    return new Graph(
        "g",
        List.of(nodes),
        List.of(ValueInfo.tensor("x", ElementType.FLOAT, Shape.batchOf(3))),
        List.of(ValueInfo.tensor("y", ElementType.FLOAT, Shape.UNRANKED)),
        Map.of(),
        Map.of(),
        List.of(),
        Notes.NONE);
  }

  static Notes notes(String doc) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("zeta", "1");
    metadata.put("alpha", "ünï");
    return new Notes(doc, metadata, UNKNOWN);
  }

  /** Notes on a part whose message has no metadata. */
  private static Notes bare(String doc) {
    return new Notes(doc, Map.of(), UNKNOWN);
  }

  /** A tensor of any type with random bits. */
  static Tensor random(ElementType type, Random random, long... dims) {
    if (type == ElementType.STRING) {
      List<String> texts = new ArrayList<>();
      for (long i = 0; i < Tensor.sizeOf(dims); i++) {
        texts.add("täxt " + random.nextInt());
      }
      return Tensor.ofStrings(texts, dims);
    }
    byte[] bytes = new byte[(int) type.byteSize(Tensor.sizeOf(dims))];
    random.nextBytes(bytes);
    return Tensor.ofBytes(type, bytes, dims);
  }

  static List<ElementType> storedTypes() {
    return Arrays.stream(ElementType.values()).filter(t -> t != ElementType.UNDEFINED).toList();
  }

  static SparseTensor sparse() {
    return new SparseTensor(
        Tensor.ofFloats(new float[] {1, 2}, 2).withNotes(Notes.doc("values")),
        Tensor.ofLongs(new long[] {1, 5}, 2),
        List.of(2L, 3L));
  }

  /** One of everything that the format has. Not a model that computes anything. */
  static Model everything() {
    Random random = new Random(7);
    Map<String, Tensor> initializers = new LinkedHashMap<>();
    for (ElementType type : storedTypes()) {
      initializers.put("all." + type, random(type, random, 3, 5).withNotes(notes("of " + type)));
    }
    initializers.put("scalar", Tensor.scalar(3f));
    initializers.put("empty", Tensor.zeros(ElementType.INT64, 0, 4));
    Graph graph =
        new Graph(
            "everything",
            List.of(everyAttribute(), call()),
            List.of(ValueInfo.tensor("x", ElementType.FLOAT, Shape.batchOf(3))),
            everyType(),
            initializers,
            Map.of("sparse", sparse()),
            List.of(new ValueInfo("inner", ValueType.UNKNOWN, notes("value"))),
            notes("graph"));
    Map<String, Long> opsets = new LinkedHashMap<>();
    opsets.put("", 21L);
    opsets.put("local", 1L);
    return new Model(
        10,
        opsets,
        new Model.Producer("tests", "1.0"),
        "dev.lathe.tests",
        -5,
        graph,
        List.of(function()),
        notes("model"));
  }

  private static Node everyAttribute() {
    Map<String, Attribute> all = new LinkedHashMap<>();
    Tensor named =
        Tensor.scalar(5L).withNotes(Notes.NONE.withPart("name", Notes.doc("a tensor's name")));
    all.put("float", Attribute.of(Float.NaN));
    all.put("int", Attribute.of(Long.MIN_VALUE));
    all.put("string", new Attribute.OfString(Bytes.of(new byte[] {(byte) 0xFF, 0, 1})));
    all.put("tensor", Attribute.of(named));
    all.put("sparse", new Attribute.OfSparseTensor(sparse()));
    all.put("graph", new Attribute.OfGraph(graph(Node.of("Relu", List.of("x"), List.of("y")))));
    all.put("type", new Attribute.OfType(ValueType.tensor(ElementType.INT4, Shape.of(2, -1))));
    all.put("floats", new Attribute.OfFloats(List.of(-0f, 1e-40f, Float.POSITIVE_INFINITY)));
    all.put("ints", Attribute.ofInts(-1, 0, Long.MAX_VALUE));
    all.put("no_ints", Attribute.ofInts());
    all.put("strings", new Attribute.OfStrings(List.of(Bytes.utf8(""), Bytes.utf8("é"))));
    all.put("tensors", new Attribute.OfTensors(List.of(named, Tensor.scalar(1f))));
    all.put("sparses", new Attribute.OfSparseTensors(List.of(sparse(), sparse())));
    all.put("graphs", new Attribute.OfGraphs(List.of(graph(), graph())));
    all.put(
        "types",
        new Attribute.OfTypes(
            List.of(ValueType.UNKNOWN, ValueType.tensor(ElementType.BOOL, Shape.SCALAR))));
    return new Node(
        "Custom",
        "local.ops",
        "",
        "every attribute",
        List.of("x", "", "scalar"),
        List.of("a", ""),
        all,
        notes("node").withPart("attribute/ints", bare("attribute")));
  }

  private static Node call() {
    return new Node(
        "Twice", "local", "f32", "call", List.of("a"), List.of("b"), Map.of(), Notes.NONE);
  }

  private static List<ValueInfo> everyType() {
    ValueType tensor =
        new ValueType.TensorType(
            ElementType.FLOAT,
            new Shape(
                true,
                List.of(Dim.of("N"), Dim.UNKNOWN, Dim.of(0), Dim.of(7)),
                List.of("DATA_BATCH", "", "", "DATA_FEATURE")));
    ValueType opaque =
        new ValueType.UnknownType(new Extras(Bytes.of(new byte[] {0x3A, 3, 0x12, 1, 'o'})));
    List<ValueType> types =
        List.of(
            tensor,
            ValueType.tensor(ElementType.STRING, Shape.UNRANKED),
            ValueType.tensor(ElementType.UNDEFINED, Shape.SCALAR),
            new ValueType.SparseTensorType(ElementType.DOUBLE, Shape.of(3, 4)),
            new ValueType.SequenceType(new ValueType.OptionalType(tensor)),
            new ValueType.MapType(ElementType.INT64, new ValueType.SequenceType(tensor)),
            opaque);
    List<ValueInfo> values = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      Notes notes = i == 0 ? notes("output").withPart("type", bare("")) : Notes.NONE;
      values.add(new ValueInfo("t" + i, types.get(i), notes));
    }
    return values;
  }

  private static Function function() {
    Node body =
        Node.of("Mul", List.of("p", "two"), List.of("q"))
            .with("factor", new Attribute.Reference("by", 2));
    return new Function(
        "Twice",
        "local",
        "f32",
        List.of("p"),
        List.of("q"),
        List.of("by"),
        Map.of("axis", Attribute.of(1L)),
        List.of(body),
        Map.of("", 21L),
        List.of(ValueInfo.tensor("q", ElementType.FLOAT, Shape.UNRANKED)),
        notes("function").withPart("attribute/axis", bare("an attribute's default")));
  }
}
