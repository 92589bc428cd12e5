package dev.lathe.onnx.text;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Graph;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.codec.AttributeKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints attributes: {@code <axis: int = 1, mode: string = "constant">}. */
final class AttributeText {
  private static final int MOST_ITEMS = 32;

  private AttributeText() {}

  /** All attributes but graphs, which are printed as bodies. */
  static String attributes(Map<String, Attribute> attributes) {
    String all = printed(attributes).collect(Collectors.joining(", "));
    return all.isEmpty() ? "" : " <" + all + ">";
  }

  static Stream<String> printed(Map<String, Attribute> attributes) {
    return attributes.entrySet().stream()
        .filter(entry -> !isBody(entry.getValue()))
        .map(entry -> attribute(entry.getKey(), entry.getValue()));
  }

  /** Graphs among attributes; one of several is named with its place. */
  static Map<String, Graph> bodies(Map<String, Attribute> attributes) {
    Map<String, Graph> bodies = new LinkedHashMap<>();
    attributes.forEach(
        (name, value) -> {
          if (value instanceof Attribute.OfGraph(Graph graph)) {
            bodies.put(name, graph);
          } else if (value instanceof Attribute.OfGraphs(List<Graph> graphs)) {
            for (int i = 0; i < graphs.size(); i++) {
              bodies.put(name + "[" + i + "]", graphs.get(i));
            }
          }
        });
    return bodies;
  }

  private static boolean isBody(Attribute value) {
    return value instanceof Attribute.OfGraph || value instanceof Attribute.OfGraphs;
  }

  private static String attribute(String name, Attribute value) {
    String kind = AttributeKind.of(value).name().toLowerCase(Locale.ROOT);
    return Lines.name(name) + ": " + kind + " = " + content(value);
  }

  private static String content(Attribute value) {
    return switch (value) {
      case Attribute.OfFloat(float number) -> Float.toString(number);
      case Attribute.OfInt(long number) -> Long.toString(number);
      case Attribute.OfString(Bytes bytes) -> Lines.quoted(bytes.utf8());
      case Attribute.OfTensor(Tensor tensor) -> TypeText.tensor(tensor);
      case Attribute.OfSparseTensor(SparseTensor tensor) -> TypeText.sparse(tensor);
      case Attribute.OfType(ValueType type) -> TypeText.type(type);
      case Attribute.OfFloats(List<Float> numbers) -> list(numbers, number -> number.toString());
      case Attribute.OfInts(List<Long> numbers) -> list(numbers, number -> number.toString());
      case Attribute.OfStrings(List<Bytes> strings) ->
          list(strings, bytes -> Lines.quoted(bytes.utf8()));
      case Attribute.OfTensors(List<Tensor> tensors) -> list(tensors, TypeText::tensor);
      case Attribute.OfSparseTensors(List<SparseTensor> tensors) -> list(tensors, TypeText::sparse);
      case Attribute.OfTypes(List<ValueType> types) -> list(types, TypeText::type);
      case Attribute.Reference(String reference, int _) -> "@" + Lines.name(reference);
      case Attribute.OfGraph _, Attribute.OfGraphs _ -> "...";
    };
  }

  private static <T> String list(List<T> items, Function<T, String> print) {
    String shown = Lines.joined(items.subList(0, Math.min(items.size(), MOST_ITEMS)), print);
    return "[" + shown + (items.size() > MOST_ITEMS ? ", ..." : "") + "]";
  }
}
