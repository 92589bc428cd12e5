package dev.lathe.serve;

import dev.lathe.registry.Metadata;
import java.util.Map;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Metadata of versions with pipelines. */
final class Declared {
  private Declared() {}

  @SuppressWarnings("unchecked")
  static Metadata pipeline(String yaml, String... labels) {
    Map<String, Object> pipeline = YAMLMapper.builder().build().readValue(yaml, Map.class);
    Metadata none = Metadata.NONE;
    return new Metadata(
        none.task(), java.util.List.of(labels), none.signature(), none.lineage(), pipeline);
  }
}
