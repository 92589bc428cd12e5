package dev.lathe.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One use of an operator.
 *
 * @param op the operator, in ONNX's spelling
 * @param domain the operator set; empty is {@code ai.onnx}
 * @param overload which of several functions of one name; empty as a rule
 * @param name the node's own name; may be empty
 * @param inputs names of values in order; an empty name is an omitted input
 * @param outputs names of values in order; an empty name is an output not asked for
 * @param attributes its attributes by name, in order
 * @param notes what is said about it
 */
public record Node(
    String op,
    String domain,
    String overload,
    String name,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes,
    Notes notes) {
  /** Copies its collections and folds the long name of ONNX's own domain into the short one. */
  public Node {
    domain = domain.equals("ai.onnx") ? "" : domain;
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /**
   * A node of ONNX's own domain without attributes.
   *
   * @param op the operator
   * @param inputs names of its inputs
   * @param outputs names of its outputs
   * @return the node
   */
  public static Node of(String op, List<String> inputs, List<String> outputs) {
    return new Node(op, "", "", "", inputs, outputs, Map.of(), Notes.NONE);
  }

  /**
   * This node with an attribute set.
   *
   * @param key the attribute's name
   * @param value its value
   * @return a new node
   */
  public Node with(String key, Attribute value) {
    Map<String, Attribute> more = new LinkedHashMap<>(attributes);
    more.put(key, value);
    return withAttributes(more);
  }

  /**
   * This node with other attributes. They are kept in the order of their names, whatever order the
   * map has, so that a node that is made twice is the same bytes twice.
   *
   * @param all every attribute
   * @return a new node
   */
  public Node withAttributes(Map<String, Attribute> all) {
    return new Node(op, domain, overload, name, inputs, outputs, new TreeMap<>(all), notes);
  }

  /**
   * This node with another name.
   *
   * @param newName the name
   * @return a new node
   */
  public Node withName(String newName) {
    return new Node(op, domain, overload, newName, inputs, outputs, attributes, notes);
  }

  /**
   * This node in another domain.
   *
   * @param newDomain the operator set
   * @return a new node
   */
  public Node withDomain(String newDomain) {
    return new Node(op, newDomain, overload, name, inputs, outputs, attributes, notes);
  }

  /**
   * This node with other inputs.
   *
   * @param newInputs names of values
   * @return a new node
   */
  public Node withInputs(List<String> newInputs) {
    return new Node(op, domain, overload, name, newInputs, outputs, attributes, notes);
  }

  /**
   * This node with other outputs.
   *
   * @param newOutputs names of values
   * @return a new node
   */
  public Node withOutputs(List<String> newOutputs) {
    return new Node(op, domain, overload, name, inputs, newOutputs, attributes, notes);
  }

  /**
   * The operator with its domain, as people write it.
   *
   * @return {@code Relu}, {@code com.microsoft.FusedMatMul}
   */
  public String qualifiedOp() {
    return domain.isEmpty() ? op : domain + "." + op;
  }

  /**
   * How messages name this node: its name if it has one, else its first output.
   *
   * @return {@code node "conv1" (Conv)}
   */
  public String describe() {
    String label = !name.isEmpty() ? name : outputs.isEmpty() ? "" : outputs.getFirst();
    return "node \"" + label + "\" (" + qualifiedOp() + ")";
  }

  /**
   * An input by place.
   *
   * @param index the place
   * @return its name, or empty if omitted or beyond the end
   */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /**
   * An output by place.
   *
   * @param index the place
   * @return its name, or empty if not asked for
   */
  public String output(int index) {
    return index < outputs.size() ? outputs.get(index) : "";
  }

  /**
   * An attribute.
   *
   * @param key its name
   * @return the value, if set
   */
  public Optional<Attribute> attribute(String key) {
    return Optional.ofNullable(attributes.get(key));
  }

  /**
   * An INT attribute.
   *
   * @param key its name
   * @param otherwise the operator's default
   * @return the value
   * @throws LatheException BAD_ATTRIBUTE if it has another type
   */
  public long intAttribute(String key, long otherwise) {
    return switch (attributes.get(key)) {
      case null -> otherwise;
      case Attribute.OfInt(long value) -> value;
      case Attribute other -> throw mistyped(key, other, "INT");
    };
  }

  /**
   * A FLOAT attribute.
   *
   * @param key its name
   * @param otherwise the operator's default
   * @return the value
   * @throws LatheException BAD_ATTRIBUTE if it has another type
   */
  public float floatAttribute(String key, float otherwise) {
    return switch (attributes.get(key)) {
      case null -> otherwise;
      case Attribute.OfFloat(float value) -> value;
      case Attribute other -> throw mistyped(key, other, "FLOAT");
    };
  }

  /**
   * A STRING attribute.
   *
   * @param key its name
   * @param otherwise the operator's default
   * @return the text
   * @throws LatheException BAD_ATTRIBUTE if it has another type
   */
  public String stringAttribute(String key, String otherwise) {
    return switch (attributes.get(key)) {
      case null -> otherwise;
      case Attribute.OfString(Bytes value) -> value.utf8();
      case Attribute other -> throw mistyped(key, other, "STRING");
    };
  }

  /**
   * An INTS attribute.
   *
   * @param key its name
   * @param otherwise the operator's default
   * @return the values, a new array
   * @throws LatheException BAD_ATTRIBUTE if it has another type
   */
  public long[] intsAttribute(String key, long... otherwise) {
    return switch (attributes.get(key)) {
      case null -> otherwise.clone();
      case Attribute.OfInts(List<Long> values) ->
          values.stream().mapToLong(Long::longValue).toArray();
      case Attribute other -> throw mistyped(key, other, "INTS");
    };
  }

  private LatheException mistyped(String key, Attribute found, String expected) {
    return new LatheException(
        IrError.BAD_ATTRIBUTE,
        describe()
            + ": attribute \""
            + key
            + "\" is "
            + found.getClass().getSimpleName().substring(2).toUpperCase(java.util.Locale.ROOT)
            + " (expected: "
            + expected
            + ")");
  }
}
