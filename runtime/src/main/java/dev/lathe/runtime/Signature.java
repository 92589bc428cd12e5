package dev.lathe.runtime;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What goes into a model and what comes out, and the check of a caller's tensors against it.
 *
 * @param inputs what a caller must give
 * @param outputs what a caller gets
 */
record Signature(Map<String, ValueInfo> inputs, Map<String, ValueInfo> outputs) {
  static Signature of(Graph graph) {
    return new Signature(byName(graph.requiredInputs()), byName(graph.outputs()));
  }

  private static Map<String, ValueInfo> byName(List<ValueInfo> values) {
    Map<String, ValueInfo> named = new LinkedHashMap<>();
    values.forEach(value -> named.put(value.name(), value));
    return named;
  }

  /**
   * Checks names, element types and shapes.
   *
   * @param given tensors by name
   * @return the size of each symbol, with the input that set it
   * @throws LatheException UNKNOWN_INPUT, WRONG_TYPE or WRONG_SHAPE
   */
  Map<String, Sized> requireInputs(Map<String, Tensor> given) {
    given.keySet().forEach(this::requireInput);
    Map<String, Sized> symbols = new HashMap<>();
    for (ValueInfo input : inputs.values()) {
      Tensor tensor = given.get(input.name());
      if (tensor == null) {
        throw new LatheException(
            RuntimeError.UNKNOWN_INPUT,
            "input \"" + input.name() + "\": missing (expected: " + input.type() + ")");
      }
      requireFit("input", input, tensor);
      requireSymbols("input", input, tensor, symbols);
    }
    return symbols;
  }

  private void requireInput(String name) {
    if (!inputs.containsKey(name)) {
      throw new LatheException(
          RuntimeError.UNKNOWN_INPUT,
          "input \"" + name + "\": unknown (expected: " + names(inputs.keySet()) + ")");
    }
  }

  /**
   * Checks names of outputs.
   *
   * @param wanted names
   * @throws LatheException UNKNOWN_OUTPUT
   */
  void requireOutputs(Collection<String> wanted) {
    for (String name : wanted) {
      if (!outputs.containsKey(name)) {
        throw new LatheException(
            RuntimeError.UNKNOWN_OUTPUT,
            "output \"" + name + "\": unknown (expected: " + names(outputs.keySet()) + ")");
      }
    }
  }

  /**
   * Checks tensors that outputs are to be written into, with the inputs that they are made from.
   *
   * @param given tensors by name
   * @param symbols sizes that the inputs set
   * @throws LatheException UNKNOWN_OUTPUT, WRONG_TYPE or WRONG_SHAPE
   */
  void requireOutputs(Map<String, Tensor> given, Map<String, Sized> symbols) {
    requireOutputs(given.keySet());
    given.forEach(
        (name, tensor) -> {
          ValueInfo declared = outputs.get(name);
          requireFit("output", declared, tensor);
          requireSymbols("output", declared, tensor, new HashMap<>(symbols));
        });
  }

  /**
   * Checks a tensor against a declared value.
   *
   * @param role what the message calls it
   * @param declared the declaration
   * @param tensor the tensor
   * @throws LatheException WRONG_TYPE or WRONG_SHAPE
   */
  static void requireFit(String role, ValueInfo declared, Tensor tensor) {
    if (!(declared.type() instanceof ValueType.TensorType(ElementType element, Shape shape))) {
      throw new LatheException(
          RuntimeError.UNSUPPORTED,
          role + " \"" + declared.name() + "\": " + declared.type() + " (expected: a tensor)");
    }
    if (tensor.type() != element) {
      throw new LatheException(
          RuntimeError.WRONG_TYPE,
          role + " \"" + declared.name() + "\": " + tensor.type() + " (expected: " + element + ")");
    }
    if (!shape.accepts(tensor.dims())) {
      throw new LatheException(
          RuntimeError.WRONG_SHAPE,
          role
              + " \""
              + declared.name()
              + "\": shape "
              + Arrays.toString(tensor.dims())
              + " (expected: "
              + shape
              + ")");
    }
  }

  /**
   * Where a symbol's size was first seen.
   *
   * @param size the size
   * @param value the value that has it
   */
  record Sized(long size, String value) {}

  private static void requireSymbols(
      String role, ValueInfo input, Tensor tensor, Map<String, Sized> symbols) {
    List<Dim> dims = input.tensorType().shape().dims();
    for (int axis = 0; axis < dims.size(); axis++) {
      if (!(dims.get(axis) instanceof Dim.Symbol(String symbol))) {
        continue;
      }
      Sized first = symbols.putIfAbsent(symbol, new Sized(tensor.dim(axis), input.name()));
      if (first != null && first.size() != tensor.dim(axis)) {
        throw new LatheException(
            RuntimeError.WRONG_SHAPE,
            "%s \"%s\": shape %s (expected: %s = %d, as in \"%s\")"
                .formatted(
                    role,
                    input.name(),
                    Arrays.toString(tensor.dims()),
                    symbol,
                    first.size(),
                    first.value()));
      }
    }
  }

  private static String names(Collection<String> all) {
    return all.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
  }
}
