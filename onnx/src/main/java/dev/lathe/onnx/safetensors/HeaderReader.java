package dev.lathe.onnx.safetensors;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the header: eight bytes of length, then JSON. One object reads one file.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">safetensors</a>
 */
public final class HeaderReader {
  /** Bytes of the length before the header. */
  public static final int LENGTH_BYTES = 8;

  /** The longest header that the reference implementation takes. */
  public static final long MOST_HEADER = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final int MOST_TENSORS = 1_000_000;
  private static final int MOST_RANK = 256;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxNameLength((int) MOST_HEADER)
                  .maxStringLength((int) MOST_HEADER)
                  .maxNumberLength(20)
                  .build())
          .build();

  private final JsonParser json;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private HeaderReader(JsonParser json) {
    this.json = json;
  }

  /**
   * What a header says.
   *
   * @param entries tensors in the header's order, not yet checked against each other
   * @param metadata free keys and values
   * @param dataStart where data begin, in bytes from the start of the file
   */
  public record Header(List<Entry> entries, Map<String, String> metadata, long dataStart) {}

  /**
   * Reads the header of a file.
   *
   * @param bytes the whole file
   * @return the header
   * @throws LatheException MALFORMED or LIMIT if it is not sound
   */
  public static Header read(MemorySegment bytes) {
    long length = headerLength(bytes);
    String text = utf8(bytes.asSlice(LENGTH_BYTES, length));
    if (!text.startsWith("{")) {
      throw malformed("the header does not start with '{'");
    }
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      HeaderReader reader = new HeaderReader(parser);
      reader.header();
      return new Header(reader.entries, reader.metadata, LENGTH_BYTES + length);
    } catch (JacksonException e) {
      throw new LatheException(
          OnnxError.MALFORMED, "safetensors: header: " + e.getOriginalMessage(), e);
    }
  }

  private static long headerLength(MemorySegment bytes) {
    if (bytes.byteSize() < LENGTH_BYTES) {
      throw malformed(bytes.byteSize() + " bytes (expected: at least " + LENGTH_BYTES + ")");
    }
    long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 0 || length > MOST_HEADER) {
      throw malformed(
          "header of "
              + Long.toUnsignedString(length)
              + " bytes (expected: <= "
              + MOST_HEADER
              + ")");
    }
    if (length > bytes.byteSize() - LENGTH_BYTES) {
      throw malformed(
          "header of "
              + length
              + " bytes (expected: <= "
              + (bytes.byteSize() - LENGTH_BYTES)
              + ", to the end of the file)");
    }
    return length;
  }

  private static String utf8(MemorySegment bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new LatheException(OnnxError.MALFORMED, "safetensors: header is not UTF-8", e);
    }
  }

  private void header() {
    json.nextToken();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      if (!names.add(name)) {
        throw malformed("tensor \"" + name + "\" stands twice");
      }
      if (names.size() > MOST_TENSORS) {
        throw new LatheException(
            OnnxError.LIMIT, "safetensors: more than " + MOST_TENSORS + " tensors");
      }
      expect(JsonToken.START_OBJECT, name);
      if (name.equals(METADATA)) {
        metadata();
      } else {
        tensor(name);
      }
    }
    if (json.nextToken() != null) {
      throw malformed("header: something follows its JSON");
    }
  }

  private void metadata() {
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      expect(JsonToken.VALUE_STRING, METADATA);
      if (metadata.put(key, json.getString()) != null) {
        throw malformed("metadata \"" + key + "\" stands twice");
      }
    }
  }

  private void tensor(String name) {
    String dtype = "";
    List<Long> shape = List.of();
    List<Long> offsets = List.of();
    Set<String> seen = new HashSet<>();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      if (!seen.add(key)) {
        throw malformed("tensor \"" + name + "\": \"" + key + "\" stands twice");
      }
      switch (key) {
        case "dtype" -> {
          expect(JsonToken.VALUE_STRING, name);
          dtype = json.getString();
        }
        case "shape" -> shape = numbers(name);
        case "data_offsets" -> offsets = numbers(name);
        default -> {
          json.nextToken();
          json.skipChildren();
        }
      }
    }
    if (!seen.containsAll(List.of("dtype", "shape", "data_offsets")) || offsets.size() != 2) {
      throw malformed(
          "tensor \""
              + name
              + "\" (expected: dtype, shape and two data_offsets, found: "
              + seen
              + ")");
    }
    String found = dtype;
    entries.add(
        new Entry(
            name,
            Dtype.named(found)
                .orElseThrow(() -> malformed("tensor \"" + name + "\": dtype \"" + found + "\"")),
            shape,
            offsets.get(0),
            offsets.get(1)));
  }

  private List<Long> numbers(String name) {
    expect(JsonToken.START_ARRAY, name);
    List<Long> numbers = new ArrayList<>(4);
    while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      long number = json.getLongValue();
      if (number < 0 || numbers.size() == MOST_RANK) {
        throw malformed("tensor \"" + name + "\": " + number + " (expected: few numbers >= 0)");
      }
      numbers.add(number);
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw malformed(
          "tensor \"" + name + "\": " + json.currentToken() + " (expected: an integer)");
    }
    return numbers;
  }

  private void expect(JsonToken expected, String where) {
    JsonToken found = json.nextToken();
    if (found != expected) {
      throw malformed("\"" + where + "\": " + found + " (expected: " + expected + ")");
    }
  }

  private static LatheException malformed(String what) {
    return new LatheException(OnnxError.MALFORMED, "safetensors: " + what);
  }
}
