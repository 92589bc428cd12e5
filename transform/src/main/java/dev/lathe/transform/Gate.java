package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.shape.Fact;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes values wait for others, and changes none: from a value a zero is taken away that is worked
 * out from the others. To an engine the result is another value, so that nothing made of it is
 * merged with what was made of the first; it may have the first one's memory.
 */
final class Gate {
  private final Function<String, Fact> facts;
  private final FreshNames names;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Map<ElementType, String> zeros = new EnumMap<>(ElementType.class);

  Gate(Function<String, Fact> facts, FreshNames names) {
    this.facts = facts;
    this.names = names;
  }

  /** What nodes read that are no values of nodes. */
  Map<String, Tensor> constants() {
    return constants;
  }

  /** From now on values wait until others are there; those are FLOAT, of known rank. */
  void open(List<String> others, List<Node> nodes) {
    List<String> firsts = new ArrayList<>();
    for (String other : others) {
      int rank = facts.apply(other).shape().rank();
      String vector = other;
      if (rank == 0) {
        String shape = constant("one", Tensor.ofLongs(new long[] {1}, 1));
        vector = add(nodes, "Reshape", Map.of(), other, shape);
      }
      long axes = Math.max(1, rank);
      Tensor place = Tensor.ofLongs(new long[(int) axes], 1, axes);
      firsts.add(add(nodes, "GatherND", Map.of(), vector, constant("first" + axes, place)));
    }
    Map<String, Attribute> along = Map.of("axis", Attribute.of(0L));
    String all = add(nodes, "Concat", along, firsts.toArray(new String[0]));
    String bits = cast(nodes, add(nodes, "IsNaN", Map.of(), all), ElementType.FLOAT);
    String sum = add(nodes, "ReduceSum", Map.of("keepdims", Attribute.of(0L)), bits);
    zeros.clear();
    zeros.put(
        ElementType.FLOAT, add(nodes, "Mul", Map.of(), sum, constant("zero", Tensor.scalar(0f))));
  }

  /** The value behind the gate. */
  String through(String value, List<Node> nodes) {
    ElementType type = facts.apply(value).element();
    String zero = zeros.get(type);
    if (zero == null) {
      zero = cast(nodes, zeros.get(ElementType.FLOAT), type);
      zeros.put(type, zero);
    }
    // x - 0 is x in every bit, where -0 + 0 would be 0.
    return add(nodes, type == ElementType.BOOL ? "Or" : "Sub", Map.of(), value, zero);
  }

  private String cast(List<Node> nodes, String value, ElementType type) {
    return add(nodes, "Cast", Map.of("to", Attribute.of((long) type.code())), value);
  }

  private String constant(String label, Tensor tensor) {
    String name = "const/gate/" + label;
    constants.putIfAbsent(name, tensor);
    return name;
  }

  private String add(List<Node> nodes, String op, Map<String, Attribute> attributes, String... in) {
    String output = names.of("gate/" + op.toLowerCase(Locale.ROOT));
    Node node = Node.of(op, List.of(in), List.of(output)).withAttributes(attributes);
    nodes.add(node.withName(output));
    return output;
  }
}
