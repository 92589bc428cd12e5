package dev.lathe.server;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;

/**
 * Tensors in the verbs' JSON: {@code {"datatype": "FP32", "shape": [2, 3], "data": [...]}}, data
 * row-major, flat or nested, datatypes in the words of the Open Inference Protocol.
 */
final class TensorJson {
  private static final Map<String, ElementType> TYPES = types();

  private TensorJson() {}

  /** Writes tensors. */
  static final class Writer extends ValueSerializer<Tensor> {
    @Override
    public void serialize(Tensor tensor, JsonGenerator out, SerializationContext context) {
      out.writeStartObject();
      out.writeStringProperty("datatype", datatype(tensor.type()));
      out.writeName("shape");
      out.writeArray(tensor.dims(), 0, tensor.rank());
      out.writeArrayPropertyStart("data");
      for (int i = 0; i < Math.toIntExact(tensor.size()); i++) {
        write(tensor, i, out);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
  }

  /** Reads tensors; keys may come in any order. */
  static final class Reader extends ValueDeserializer<Tensor> {
    @Override
    public Tensor deserialize(JsonParser in, DeserializationContext context) {
      if (!in.isExpectedStartObjectToken()) {
        throw bad("tensor: " + in.currentToken() + " (expected: an object)");
      }
      String datatype = "";
      List<Long> shape = List.of();
      Values values = new Values();
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = in.currentName();
        in.nextToken();
        switch (key) {
          case "datatype" -> datatype = in.getString();
          case "shape" -> shape = shape(in);
          case "data" -> values.readArray(in);
          default -> throw bad("tensor: key \"" + key + "\" (expected: datatype, shape, data)");
        }
      }
      return values.toTensor(type(datatype), shape.stream().mapToLong(Long::longValue).toArray());
    }
  }

  /** Elements whose type is not known yet: numbers exact as integer or double, or texts. */
  private static final class Values {
    private long[] bits = new long[64];
    private boolean[] fractional = new boolean[64];
    private int count;
    private final List<String> texts = new ArrayList<>();

    void readArray(JsonParser in) {
      if (!in.isExpectedStartArrayToken()) {
        throw bad("data: " + in.currentToken() + " (expected: an array)");
      }
      int depth = 1;
      while (depth > 0) {
        JsonToken token = in.nextToken();
        switch (token) {
          case START_ARRAY -> depth++;
          case END_ARRAY -> depth--;
          case VALUE_NUMBER_INT -> add(integer(in), false);
          case VALUE_NUMBER_FLOAT -> add(Double.doubleToRawLongBits(in.getDoubleValue()), true);
          case VALUE_TRUE -> add(1, false);
          case VALUE_FALSE -> add(0, false);
          case VALUE_STRING -> texts.add(in.getString());
          case null, default -> throw bad("data: " + token + " (expected: numbers or strings)");
        }
      }
    }

    private static long integer(JsonParser in) {
      BigInteger value = in.getBigIntegerValue();
      if (value.bitLength() > 64 || value.signum() < 0 && value.bitLength() > 63) {
        throw bad("data: " + value + " (expected: an integer of 64 bits)");
      }
      return value.longValue();
    }

    private void add(long value, boolean isFraction) {
      if (count == bits.length) {
        bits = Arrays.copyOf(bits, 2 * count);
        fractional = Arrays.copyOf(fractional, 2 * count);
      }
      bits[count] = value;
      fractional[count++] = isFraction;
    }

    Tensor toTensor(ElementType type, long[] dims) {
      if (type == ElementType.STRING) {
        requireCount(0, count, "numbers in a tensor of BYTES");
        return Tensor.ofStrings(texts, dims);
      }
      texts.forEach(this::addNamed);
      requireCount(Tensor.sizeOf(dims), count, "elements for shape " + Arrays.toString(dims));
      return type == ElementType.INT64 || type == ElementType.UINT64
          ? Tensor.of(type, dims, segment())
          : rounded(type, dims);
    }

    private java.lang.foreign.MemorySegment segment() {
      long[] exact = Arrays.copyOf(bits, count);
      for (int i = 0; i < count; i++) {
        exact[i] = fractional[i] ? whole(Double.longBitsToDouble(bits[i])) : bits[i];
      }
      return Tensor.ofLongs(exact, count).data();
    }

    private Tensor rounded(ElementType type, long[] dims) {
      double[] values = new double[count];
      for (int i = 0; i < count; i++) {
        values[i] = fractional[i] ? Double.longBitsToDouble(bits[i]) : bits[i];
      }
      return Tensor.ofValues(type, values, dims);
    }

    private static long whole(double value) {
      if (value != Math.rint(value) || Math.abs(value) > 0x1p53) {
        throw bad("data: " + value + " (expected: an integer)");
      }
      return (long) value;
    }

    /** JSON has no numbers that are not finite; they come as their names. */
    private void addNamed(String text) {
      double value =
          switch (text) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw bad("data: a string (expected: numbers)");
          };
      if (count > 0 || texts.size() > 1) {
        throw bad("data: " + text + " among numbers (expected: finite numbers)");
      }
      add(Double.doubleToRawLongBits(value), true);
    }
  }

  static String datatype(ElementType type) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(type.name());
  }

  private static ElementType type(String datatype) {
    ElementType type = TYPES.get(datatype.toUpperCase(Locale.ROOT));
    if (type == null) {
      throw bad("datatype \"" + datatype + "\" (expected: one of " + TYPES.keySet() + ")");
    }
    return type;
  }

  private static void write(Tensor tensor, int index, JsonGenerator out) {
    switch (tensor.type()) {
      case STRING -> out.writeString(tensor.strings().get(index));
      case BOOL -> out.writeBoolean(tensor.longAt(index) != 0);
      case UINT64 -> out.writeNumber(new BigInteger(Long.toUnsignedString(tensor.longAt(index))));
      case FLOAT, FLOAT16, BFLOAT16 -> out.writeNumber((float) tensor.doubleAt(index));
      case DOUBLE -> out.writeNumber(tensor.doubleAt(index));
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 ->
          out.writeNumber(tensor.longAt(index));
      default -> throw bad("tensor of " + tensor.type() + ": has no JSON form");
    }
  }

  private static List<Long> shape(JsonParser in) {
    List<Long> shape = new ArrayList<>();
    if (!in.isExpectedStartArrayToken()) {
      throw bad("shape: " + in.currentToken() + " (expected: an array)");
    }
    while (in.nextToken() == JsonToken.VALUE_NUMBER_INT && shape.size() < 32) {
      shape.add(in.getLongValue());
    }
    if (in.currentToken() != JsonToken.END_ARRAY) {
      throw bad("shape: (expected: at most 32 integers)");
    }
    return shape;
  }

  private static void requireCount(long expected, long found, String what) {
    if (expected != found) {
      throw bad("data: " + found + " " + what + " (expected: " + expected + ")");
    }
  }

  private static Map<String, ElementType> types() {
    Map<String, ElementType> types = new TreeMap<>();
    for (Datatype datatype : Datatype.values()) {
      types.put(datatype.name(), datatype.element());
    }
    return types;
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }
}
