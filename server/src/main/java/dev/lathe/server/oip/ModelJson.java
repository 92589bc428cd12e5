package dev.lathe.server.oip;

import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.registry.Datatype;
import dev.lathe.serve.Glance;
import dev.lathe.server.infer.Inference;
import java.util.List;

/**
 * A model's metadata as the protocol has them.
 *
 * @param name {@code namespace/name}
 * @param versions all versions, the newest first
 * @param platform always {@code onnx_onnxv1}
 * @param inputs what a request needs
 * @param outputs what an answer has
 */
record ModelJson(
    String name,
    List<String> versions,
    String platform,
    List<TensorJson> inputs,
    List<TensorJson> outputs) {
  /**
   * A tensor of the signature.
   *
   * @param name its name
   * @param datatype the protocol's name of its element type
   * @param shape its sizes, -1 where any will do
   */
  record TensorJson(String name, String datatype, List<Long> shape) {
    static TensorJson of(ValueInfo value) {
      ValueType.TensorType type = value.tensorType();
      return new TensorJson(
          value.name(),
          Datatype.nameOf(type.element()),
          java.util.Arrays.stream(type.shape().sizes()).boxed().toList());
    }
  }

  static ModelJson of(Glance model, List<String> versions) {
    Glance.Signature signature = model.signature().orElseThrow();
    return new ModelJson(
        Inference.shown(model.id().model()),
        versions,
        "onnx_onnxv1",
        signature.inputs().stream().map(TensorJson::of).toList(),
        signature.outputs().stream().map(TensorJson::of).toList());
  }
}
