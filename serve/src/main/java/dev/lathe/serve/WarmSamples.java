package dev.lathe.serve;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that a version brings along to be warmed up with: files {@code warmup/*.json}, each with
 * the body of a request by the Open Inference Protocol.
 */
final class WarmSamples {
  private static final String FOLDER = "warmup";
  private static final int MOST_FILES = 16;
  private static final long MOST_BYTES = 4L << 20;
  private static final int MOST_ELEMENTS = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.shared();

  private WarmSamples() {}

  /**
   * A sample.
   *
   * @param file where it is from, for messages
   * @param inputs tensors by name
   */
  record Sample(String file, Map<String, Tensor> inputs) {}

  /**
   * Reads a version's samples.
   *
   * @param version the folder with its files
   * @return the first few by name; empty if there are none
   * @throws LatheException BAD_INPUT if one cannot be understood
   */
  static List<Sample> read(Path version) {
    Path folder = version.resolve(FOLDER);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> chosen =
          files
              .filter(file -> file.getFileName().toString().endsWith(".json"))
              .sorted()
              .limit(MOST_FILES)
              .toList();
      List<Sample> samples = new ArrayList<>();
      for (Path file : chosen) {
        samples.add(sample(FOLDER + "/" + file.getFileName(), file));
      }
      return samples;
    } catch (IOException e) {
      throw new LatheException(ServeError.BAD_INPUT, FOLDER + ": cannot be read", e);
    }
  }

  private static Sample sample(String name, Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw bad(name, Files.size(file) + " bytes (expected: at most " + MOST_BYTES + ")");
    }
    try {
      JsonNode inputs = JSON.readTree(Files.readAllBytes(file)).path("inputs");
      if (!inputs.isArray() || inputs.isEmpty()) {
        throw bad(name, "no inputs (expected: \"inputs\": [{name, shape, datatype, data}])");
      }
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (JsonNode input : inputs) {
        String key = input.path("name").asString("");
        tensors.put(key, tensor(name + ": input \"" + key + "\"", input));
      }
      return new Sample(name, tensors);
    } catch (JacksonException e) {
      throw new LatheException(ServeError.BAD_INPUT, name + ": is no JSON", e);
    }
  }

  private static Tensor tensor(String where, JsonNode input) {
    ElementType type = type(where, input.path("datatype").asString(""));
    JsonNode shape = input.path("shape");
    long[] dims = new long[shape.size()];
    long size = 1;
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = shape.get(axis).isIntegralNumber() ? shape.get(axis).asLong() : -1;
      if (dims[axis] < 0 || dims[axis] > MOST_ELEMENTS || size * dims[axis] > MOST_ELEMENTS) {
        throw bad(where, "shape " + shape + " (expected: at most " + MOST_ELEMENTS + " elements)");
      }
      size *= dims[axis];
    }
    List<JsonNode> elements = new ArrayList<>();
    flatten(input.path("data"), elements);
    if (elements.size() != size) {
      throw bad(where, elements.size() + " elements (expected: " + size + ", as the shape says)");
    }
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(elements.stream().map(JsonNode::asString).toList(), dims);
    }
    return numbers(where, type, elements, dims);
  }

  private static Tensor numbers(
      String where, ElementType type, List<JsonNode> elements, long[] dims) {
    for (JsonNode element : elements) {
      if (!element.isNumber() && !element.isBoolean()) {
        throw bad(where, "element " + element + " (expected: a number)");
      }
    }
    if (type == ElementType.INT64) {
      return Tensor.ofLongs(elements.stream().mapToLong(JsonNode::asLong).toArray(), dims);
    }
    double[] values =
        elements.stream()
            .mapToDouble(e -> e.isBoolean() ? (e.asBoolean() ? 1 : 0) : e.asDouble())
            .toArray();
    return Tensor.ofValues(type, values, dims);
  }

  private static void flatten(JsonNode data, List<JsonNode> elements) {
    if (data.isArray()) {
      data.forEach(part -> flatten(part, elements));
    } else if (!data.isMissingNode()) {
      elements.add(data);
    }
  }

  private static ElementType type(String where, String name) {
    return Datatype.of(name)
        .map(Datatype::element)
        .orElseThrow(() -> bad(where, "datatype \"" + name + "\" (expected: such as FP32, INT64)"));
  }

  private static LatheException bad(String where, String what) {
    return new LatheException(ServeError.BAD_INPUT, where + ": " + what);
  }
}
