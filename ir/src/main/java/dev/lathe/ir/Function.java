package dev.lathe.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An operator defined by a body of other operators, local to a model.
 *
 * @param name the operator's name
 * @param domain its operator set
 * @param overload which of several of that name; empty as a rule
 * @param inputs names of its formal inputs
 * @param outputs names of its formal outputs
 * @param attributes names of attributes that a caller must set
 * @param defaults attributes with their defaults
 * @param nodes the body in topological order
 * @param opsets operator sets that the body uses, domain to version
 * @param values types of inner values, as far as known
 * @param notes what is said about it
 */
public record Function(
    String name,
    String domain,
    String overload,
    List<String> inputs,
    List<String> outputs,
    List<String> attributes,
    Map<String, Attribute> defaults,
    List<Node> nodes,
    Map<String, Long> opsets,
    List<ValueInfo> values,
    Notes notes) {
  /** Copies its collections, keeping their order. */
  public Function {
    domain = domain.equals("ai.onnx") ? "" : domain;
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = List.copyOf(attributes);
    defaults = Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
    nodes = List.copyOf(nodes);
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    values = List.copyOf(values);
  }
}
