package dev.lathe.onnx.safetensors;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Lays out tensors, widest elements first, then by name, and writes the header that says so. */
public final class HeaderWriter {
  /** The data begin at a multiple of this many bytes. */
  private static final int ALIGNMENT = 8;

  private static final JsonFactory JSON = JsonFactory.builder().build();

  private HeaderWriter() {}

  /**
   * Lays out tensors without gaps.
   *
   * @param tensors tensors by name
   * @return one entry for each, in the order of their data
   * @throws LatheException UNSUPPORTED if the format has no such element type
   */
  public static List<Entry> layOut(Map<String, Tensor> tensors) {
    List<Entry> sorted = new ArrayList<>();
    tensors.forEach((name, tensor) -> sorted.add(entry(name, tensor)));
    sorted.sort(
        Comparator.comparing(Entry::dtype)
            .reversed()
            .thenComparing(HeaderWriter::nameBytes, Arrays::compareUnsigned));
    List<Entry> placed = new ArrayList<>();
    long at = 0;
    for (Entry entry : sorted) {
      long end = Math.addExact(at, entry.end());
      placed.add(new Entry(entry.name(), entry.dtype(), entry.shape(), at, end));
      at = end;
    }
    return placed;
  }

  private static byte[] nameBytes(Entry entry) {
    return entry.name().getBytes(StandardCharsets.UTF_8);
  }

  private static Entry entry(String name, Tensor tensor) {
    Dtype dtype = Dtype.of(tensor.type()).orElseThrow(() -> unsupported(name, tensor));
    int bits = tensor.type().bits();
    if (name.equals(HeaderReader.METADATA) || bits < 8 && tensor.size() % (8 / bits) != 0) {
      throw unsupported(name, tensor);
    }
    List<Long> shape = Arrays.stream(tensor.dims()).boxed().toList();
    return new Entry(name, dtype, shape, 0, tensor.byteSize());
  }

  private static LatheException unsupported(String name, Tensor tensor) {
    return new LatheException(
        OnnxError.UNSUPPORTED,
        "tensor \""
            + name
            + "\" of "
            + tensor
            + " (expected: a name, type and size that safetensors has)");
  }

  /**
   * The header, length and all, padded with spaces.
   *
   * @param entries tensors in the order of their data
   * @param metadata free keys and values, written in the order of the keys
   * @return the file up to its data
   * @throws LatheException LIMIT beyond 100 MB
   */
  public static byte[] header(List<Entry> entries, Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json =
        JSON.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeName(HeaderReader.METADATA);
        json.writeStartObject();
        new TreeMap<>(metadata).forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      entries.forEach(entry -> write(json, entry));
      json.writeEndObject();
    }
    while (out.size() % ALIGNMENT != 0) {
      out.write(' ');
    }
    if (out.size() > HeaderReader.MOST_HEADER) {
      throw new LatheException(
          OnnxError.LIMIT,
          "safetensors: header of "
              + out.size()
              + " bytes (expected: <= "
              + HeaderReader.MOST_HEADER
              + ")");
    }
    return ByteBuffer.allocate(HeaderReader.LENGTH_BYTES + out.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(out.size())
        .put(out.toByteArray())
        .array();
  }

  private static void write(JsonGenerator json, Entry entry) {
    json.writeName(entry.name());
    json.writeStartObject();
    json.writeStringProperty("dtype", entry.dtype().name());
    json.writeName("shape");
    json.writeArray(entry.dims(), 0, entry.shape().size());
    json.writeName("data_offsets");
    json.writeArray(new long[] {entry.begin(), entry.end()}, 0, 2);
    json.writeEndObject();
  }
}
