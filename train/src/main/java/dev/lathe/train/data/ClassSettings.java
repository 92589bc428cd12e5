package dev.lathe.train.data;

import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A base's {@code config.json} once it tells other classes apart. */
final class ClassSettings {
  private ClassSettings() {}

  /**
   * The same settings with other classes.
   *
   * @param config the base's
   * @param labels the classes by index
   * @return JSON
   */
  static String of(JsonNode config, List<String> labels) {
    JsonMapper json = JsonMapper.shared();
    ObjectNode all = (ObjectNode) config.deepCopy();
    ObjectNode names = json.createObjectNode();
    ObjectNode numbers = json.createObjectNode();
    IntStream.range(0, labels.size())
        .forEach(
            i -> {
              names.put(Integer.toString(i), labels.get(i));
              numbers.put(labels.get(i), i);
            });
    all.set("id2label", names);
    all.set("label2id", numbers);
    all.remove(List.of("num_labels", "problem_type"));
    return json.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
  }
}
