package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** Reads and writes {@code lathe.yaml}. */
final class LatheYaml {
  /** The path of the metadata in every version. */
  static final String METADATA = "lathe.yaml";

  /** The key that only a version with a pipeline has. */
  private static final String PIPELINE = "pipeline";

  /** The largest file that is read. */
  static final int LIMIT = 4 << 20;

  /** Keys that a newer tool wrote are passed over; keys that are missing are an error. */
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
          .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /** Texts keep their quotes here, since what is read back has no other sign of being a text. */
  private static final YAMLMapper QUOTING =
      YAMLMapper.builder().disable(YAMLWriteFeature.WRITE_DOC_START_MARKER).build();

  /** What the metadata are without a pipeline. */
  private record Plain(String task, List<String> labels, Signature signature, Lineage lineage) {}

  private LatheYaml() {}

  static byte[] write(Metadata metadata) {
    Plain plain =
        new Plain(metadata.task(), metadata.labels(), metadata.signature(), metadata.lineage());
    String text = YAML.writeValueAsString(plain);
    if (!metadata.pipeline().isEmpty()) {
      text += QUOTING.writeValueAsString(Map.of(PIPELINE, metadata.pipeline()));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Metadata readMetadata(byte[] bytes, String where) {
    Plain plain = read(bytes, Plain.class, where);
    return new Metadata(
        plain.task(), plain.labels(), plain.signature(), plain.lineage(), pipeline(bytes, where));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> pipeline(byte[] bytes, String where) {
    return read(bytes, Map.class, where).get(PIPELINE) instanceof Map<?, ?> pipeline
        ? (Map<String, Object>) pipeline
        : Map.of();
  }

  private static <T> T read(byte[] bytes, Class<T> type, String where) {
    try {
      return YAML.readValue(bytes, type);
    } catch (JacksonException e) {
      throw new LatheException(RegistryError.CORRUPT, where + ": " + e.getOriginalMessage(), e);
    }
  }
}
