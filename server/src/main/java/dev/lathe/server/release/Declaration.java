package dev.lathe.server.release;

import dev.lathe.ir.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a person writes into the {@code lathe.yaml} of a folder.
 *
 * @param task what the model is asked; empty if nothing is said
 * @param labels the classes' names by index
 * @param pipeline the steps, as written; empty if there are none
 */
record Declaration(String task, List<String> labels, Map<String, Object> pipeline) {
  static final String FILE = "lathe.yaml";
  static final Declaration NONE = new Declaration("", List.of(), Map.of());

  /**
   * Signature and lineage stand in the file of a version that was checked out; they are made anew.
   */
  private static final List<String> KEYS =
      List.of("task", "labels", "pipeline", "signature", "lineage");

  private static final int LARGEST = 4 << 20;
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  static Declaration read(Path file) {
    Map<String, Object> keys = mapping(content(file), FILE);
    for (String key : keys.keySet()) {
      if (!KEYS.contains(key)) {
        throw FolderRelease.bad(
            FILE
                + ": unknown key \""
                + key
                + "\" (expected: "
                + Nearest.hint(key, KEYS)
                + "one of "
                + String.join(", ", KEYS)
                + ")");
      }
    }
    Object task = keys.getOrDefault("task", "");
    if (!(task instanceof String text) || text.length() > 100) {
      throw FolderRelease.bad(FILE + ": task: (expected: a short text)");
    }
    Object pipeline = keys.get("pipeline");
    return new Declaration(
        text,
        labels(keys.getOrDefault("labels", List.of())),
        pipeline == null ? Map.of() : mapping(pipeline, FILE + ": pipeline"));
  }

  private static Object content(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw FolderRelease.bad(FILE + ": more than " + LARGEST + " bytes");
      }
      Object value = bytes.length == 0 ? null : YAML.readValue(bytes, Object.class);
      return value == null ? Map.of() : value;
    } catch (JacksonException e) {
      String reason = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw FolderRelease.bad(FILE + ": not valid YAML: " + reason);
    } catch (IOException e) {
      throw FolderRelease.bad(FILE + ": cannot be read: " + e.getMessage());
    }
  }

  private static List<String> labels(Object value) {
    if (!(value instanceof List<?> list)) {
      throw FolderRelease.bad(FILE + ": labels: (expected: a list of texts)");
    }
    List<String> labels = new ArrayList<>();
    for (Object label : list) {
      if (label instanceof Map || label instanceof List || label == null) {
        throw FolderRelease.bad(FILE + ": labels[" + labels.size() + "]: (expected: a text)");
      }
      labels.add(label.toString());
    }
    return labels;
  }

  private static Map<String, Object> mapping(Object value, String where) {
    if (!(value instanceof Map<?, ?> map)) {
      throw FolderRelease.bad(where + ": (expected: a mapping)");
    }
    Map<String, Object> mapping = new LinkedHashMap<>();
    map.forEach((key, inner) -> mapping.put(String.valueOf(key), inner));
    return mapping;
  }
}
