package dev.lathe.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.JsonFault;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** The one JSON form of the verbs' records: snake_case keys, absent values left out. */
public final class ApiJson {
  private static final int DEEPEST = 32;
  private static final int LONGEST_STRING = 4 << 20;
  private static final long LONGEST_DOCUMENT = 64L << 20;

  private static final JsonMapper JSON = mapper();
  private static final JsonMapper STRICT =
      JSON.rebuild().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final JsonMapper INDENTED =
      JSON.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ApiJson() {}

  /**
   * A record as JSON, indented for people.
   *
   * @param value a record of the verbs, or a list of them
   * @return the text
   */
  public static String print(Object value) {
    return INDENTED.writeValueAsString(value);
  }

  /**
   * A record as JSON, for a wire or a file.
   *
   * @param value a record of the verbs, or a list of them
   * @return the text in UTF-8
   */
  public static byte[] bytes(Object value) {
    return JSON.writeValueAsBytes(value);
  }

  /**
   * A record from another process's JSON. Unknown keys are skipped, so that an older reader
   * understands a newer writer.
   *
   * @param json the text in UTF-8
   * @param type the record's class
   * @param <T> the record
   * @return the record
   * @throws LatheException BAD_ANSWER if the text is not such a record
   */
  public static <T> T read(byte[] json, Class<T> type) {
    try {
      return read(JSON, ServerError.BAD_ANSWER, json, type);
    } catch (JacksonException e) {
      throw refused(ServerError.BAD_ANSWER, "JSON", e);
    }
  }

  /**
   * A record from a caller's JSON. Unknown keys are refused: they are mistakes.
   *
   * @param json the text in UTF-8
   * @param type the record's class
   * @param <T> the record
   * @return the record
   * @throws LatheException BAD_REQUEST if the text is not such a record
   */
  public static <T> T readRequest(byte[] json, Class<T> type) {
    try {
      return read(STRICT, ServerError.BAD_REQUEST, json, type);
    } catch (JacksonException e) {
      throw refused(ServerError.BAD_REQUEST, "body", unknownKey(json, type).orElse(e));
    }
  }

  private static <T> T read(JsonMapper mapper, ServerError error, byte[] json, Class<T> type) {
    T value = mapper.readValue(json, type);
    if (value == null) {
      throw new LatheException(error, "JSON: null (expected: an object)");
    }
    return value;
  }

  private static LatheException refused(ServerError error, String what, JacksonException e) {
    return e.getCause() instanceof LatheException inner
        ? inner
        : new LatheException(error, JsonFault.describe(e, what), e);
  }

  /** A key that nobody knows explains best why another one is missing: it is misspelt. */
  private static Optional<JacksonException> unknownKey(byte[] json, Class<?> type) {
    try {
      STRICT
          .readerFor(type)
          .without(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .readValue(json);
      return Optional.empty();
    } catch (UnrecognizedPropertyException e) {
      return Optional.of(e);
    } catch (JacksonException | LatheException e) {
      return Optional.empty();
    }
  }

  private static JsonMapper mapper() {
    SimpleModule tensors = new SimpleModule("lathe");
    tensors.addDeserializer(Tensor.class, new TensorJson.Reader());
    tensors.addSerializer(Tensor.class, new TensorJson.Writer());
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxStringLength(LONGEST_STRING)
            .maxDocumentLength(LONGEST_DOCUMENT)
            .build();
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
        .addModule(tensors)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .changeDefaultPropertyInclusion(
            other -> other.withValueInclusion(JsonInclude.Include.NON_ABSENT))
        .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }
}
