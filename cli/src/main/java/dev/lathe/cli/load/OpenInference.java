package dev.lathe.cli.load;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.ServerError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Tensors as the JSON of an inference request of the Open Inference Protocol. */
final class OpenInference {
  private OpenInference() {}

  static String request(Map<String, Tensor> inputs) {
    List<Map<String, Object>> list = new ArrayList<>();
    inputs.forEach(
        (name, tensor) -> {
          Map<String, Object> input = new LinkedHashMap<>();
          input.put("name", name);
          input.put("shape", tensor.dims());
          input.put("datatype", datatype(tensor.type()));
          input.put("data", data(tensor));
          list.add(input);
        });
    return JsonMapper.shared().writeValueAsString(Map.of("inputs", list));
  }

  private static String datatype(ElementType type) {
    return switch (type) {
      case FLOAT -> "FP32";
      case DOUBLE -> "FP64";
      case STRING -> "BYTES";
      case FLOAT16, BFLOAT16 ->
          throw new LatheException(
              ServerError.NOT_OFFERED, type + " cannot be sent as JSON (expected: another type)");
      default -> type.name();
    };
  }

  private static Object data(Tensor tensor) {
    if (tensor.type() == ElementType.STRING) {
      return tensor.strings();
    }
    if (tensor.type() == ElementType.FLOAT) {
      return tensor.toFloats();
    }
    List<Object> values = new ArrayList<>();
    for (long i = 0; i < tensor.size(); i++) {
      values.add(value(tensor, i));
    }
    return values;
  }

  private static Object value(Tensor tensor, long index) {
    if (tensor.type() == ElementType.BOOL) {
      return tensor.longAt(index) != 0;
    }
    if (tensor.type().isFloating()) {
      return tensor.doubleAt(index);
    }
    return tensor.longAt(index);
  }
}
