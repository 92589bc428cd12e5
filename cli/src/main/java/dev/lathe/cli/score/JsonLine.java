package dev.lathe.cli.score;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.server.Prediction;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object in each line: the kept columns as texts below {@code input}, then the class, then
 * the outputs, nested as their shapes say.
 *
 * @param kept names of the kept columns
 * @param outputs names of the outputs that are written
 */
record JsonLine(List<String> kept, List<String> outputs) implements Line {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Override
  public String heading(Prediction first) {
    return "";
  }

  @Override
  public void write(List<String> values, Prediction prediction, int row, StringBuilder into) {
    Map<String, Object> line = new LinkedHashMap<>();
    Map<String, String> input = new LinkedHashMap<>();
    for (int i = 0; i < kept.size(); i++) {
      input.put(kept.get(i), values.get(i));
    }
    if (!input.isEmpty()) {
      line.put("input", input);
    }
    prediction.label(row).ifPresent(label -> line.put(PREDICTION, label));
    for (String output : outputs) {
      Tensor tensor = prediction.outputs().get(output);
      line.put(output, nested(tensor, 1, (long) row * Line.width(tensor)));
    }
    into.append(JSON.writeValueAsString(line)).append('\n');
  }

  private static Object nested(Tensor tensor, int axis, long offset) {
    if (axis >= tensor.rank()) {
      return element(tensor, offset);
    }
    long stride = 1;
    for (int i = axis + 1; i < tensor.rank(); i++) {
      stride *= tensor.dim(i);
    }
    List<Object> list = new ArrayList<>();
    for (long i = 0; i < tensor.dim(axis); i++) {
      list.add(nested(tensor, axis + 1, offset + i * stride));
    }
    return list;
  }

  private static Object element(Tensor tensor, long index) {
    if (tensor.type() == ElementType.BOOL) {
      return tensor.longAt(index) != 0;
    }
    if (tensor.type() == ElementType.UINT64) {
      return new BigInteger(Long.toUnsignedString(tensor.longAt(index)));
    }
    if (tensor.type().isInteger()) {
      return tensor.longAt(index);
    }
    if (tensor.type() == ElementType.STRING) {
      return tensor.strings().get(Math.toIntExact(index));
    }
    double value = tensor.doubleAt(index);
    return Double.isFinite(value) ? number(tensor, value) : Double.toString(value);
  }

  private static Object number(Tensor tensor, double value) {
    return tensor.type() == ElementType.DOUBLE ? (Object) value : (Object) (float) value;
  }
}
