package dev.lathe.registry;

import dev.lathe.ir.ElementType;
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
      List.of(
          "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16",
          "FP32", "FP64", "BF16", "BYTES");

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
    return new TensorSpec(value.name(), datatype(type.element()), shape);
  }

  private static String datatype(ElementType element) {
    return switch (element) {
      case FLOAT16 -> "FP16";
      case BFLOAT16 -> "BF16";
      case FLOAT -> "FP32";
      case DOUBLE -> "FP64";
      case STRING -> "BYTES";
      case UNDEFINED,
          BOOL,
          INT2,
          INT4,
          INT8,
          INT16,
          INT32,
          INT64,
          UINT2,
          UINT4,
          UINT8,
          UINT16,
          UINT32,
          UINT64,
          COMPLEX64,
          COMPLEX128,
          FLOAT4E2M1,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0 ->
          element.name();
    };
  }
}
