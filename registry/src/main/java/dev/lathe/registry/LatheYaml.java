package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** The two YAML files that the registry writes and reads: {@code lathe.yaml} and the deployment. */
final class LatheYaml {
  /** The path of the metadata in every version. */
  static final String METADATA = "lathe.yaml";

  /** The path of the only file of an environment's branch. */
  static final String DEPLOYMENT = "deployment.yaml";

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

  /**
   * What {@code deployment.yaml} says.
   *
   * @param live the version that is live, {@code v<N>}
   */
  record Plan(String live) {}

  private LatheYaml() {}

  static byte[] write(Metadata metadata) {
    return YAML.writeValueAsString(metadata).getBytes(StandardCharsets.UTF_8);
  }

  static byte[] write(Plan plan) {
    return YAML.writeValueAsString(plan).getBytes(StandardCharsets.UTF_8);
  }

  static Metadata readMetadata(byte[] bytes, String where) {
    return read(bytes, Metadata.class, where);
  }

  static Plan readPlan(byte[] bytes, String where) {
    return read(bytes, Plan.class, where);
  }

  private static <T> T read(byte[] bytes, Class<T> type, String where) {
    try {
      return YAML.readValue(bytes, type);
    } catch (JacksonException e) {
      throw new LatheException(RegistryError.CORRUPT, where + ": " + e.getOriginalMessage(), e);
    }
  }
}
