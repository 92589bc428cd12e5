package dev.lathe.registry;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * What a model takes and gives.
 *
 * @param inputs its inputs, in the graph's order
 * @param outputs its outputs, in the graph's order
 */
public record Signature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
  /** The names of element types that requests and answers may have. */
  public static final List<String> DATATYPES =
      Arrays.stream(Datatype.values()).map(Datatype::name).toList();

  /** Copies its lists. */
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * A model's signature. Inputs that have an initializer are no inputs to a caller.
   *
   * @param model a model whose inputs and outputs are dense tensors
   * @return its signature
   * @throws LatheException TYPE_MISMATCH if an input or output is no dense tensor
   */
  public static Signature of(Model model) {
    Graph graph = model.graph();
    return new Signature(
        graph.inputs().stream()
            .filter(input -> !graph.initializers().containsKey(input.name()))
            .map(Signature::spec)
            .toList(),
        graph.outputs().stream().map(Signature::spec).toList());
  }

  /**
   * A signature of values.
   *
   * @param inputs what a request needs, dense tensors
   * @param outputs what an answer has, dense tensors
   * @return the signature
   * @throws LatheException TYPE_MISMATCH if one is no dense tensor
   */
  public static Signature of(List<ValueInfo> inputs, List<ValueInfo> outputs) {
    return new Signature(
        inputs.stream().map(Signature::spec).toList(),
        outputs.stream().map(Signature::spec).toList());
  }

  private static TensorSpec spec(ValueInfo value) {
    TensorType type = value.tensorType();
    List<Long> shape = Arrays.stream(type.shape().sizes()).boxed().toList();
    return new TensorSpec(value.name(), Datatype.nameOf(type.element()), shape);
  }
}
