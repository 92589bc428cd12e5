package dev.lathe.generate.constrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.lathe.ir.LatheException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SchemaWalkTest {
  private static final int SCHEMAS = 300;

  /** Reads as strictly as RFC 8259 says; numbers as they are written. */
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private static final TokenTable TRIE =
      MaskChecks.bytesAnd(
          "{\"",
          "\":",
          "\": \"",
          "\",",
          ", \"",
          "\"}",
          "}}",
          "]}",
          "\"]",
          "},",
          "[{\"",
          "\n  ",
          "true",
          "null",
          "12",
          "-0",
          "0.",
          "999",
          "e+",
          "name",
          "\":\"a",
          "\"}]",
          "\\u00e9",
          "日",
          "\\\"",
          "ab",
          "2024-02-29",
          "cat",
          "[]",
          "{}",
          ", ",
          "1,",
          "ar\"");

  @Test
  void everyFinishedAnswer_isValid_andTruncatedOnesAreKnown() {
    int finished = 0;
    int truncated = 0;
    for (int seed = 0; seed < SCHEMAS; seed++) {
      JsonNode json = new RandomSchemas(seed).root();
      Place start = start(json);
      Schema schema = REGISTRY.getSchema(json);
      for (int walk = 0; walk < 2; walk++) {
        String text = walk(start, new Random(seed * 31L + walk));
        if (text.isEmpty()) {
          truncated++;
          continue;
        }
        finished++;
        assertThat(
                schema.validate(
                    read(text, seed),
                    context ->
                        context.executionConfig(config -> config.formatAssertionsEnabled(true))))
            .as("seed %s: %s by %s", seed, text, json)
            .isEmpty();
      }
    }
    assertThat(finished).isGreaterThan(SCHEMAS);
    assertThat(truncated).isLessThan(SCHEMAS);
  }

  private static Place start(JsonNode json) {
    Form form = Translate.schema(json.toString(), JsonForms.spaced(), new Budget());
    try {
      return MaskChecks.start(form, TRIE);
    } catch (LatheException e) {
      throw new AssertionError(json.toString(), e);
    }
  }

  private static JsonNode read(String text, int seed) {
    try {
      return STRICT.readTree(text);
    } catch (tools.jackson.core.JacksonException e) {
      throw new AssertionError("seed " + seed + ": " + text, e);
    }
  }

  /** A finished answer, or nothing where it was cut off. */
  private static String walk(Place start, Random random) {
    Place at = start;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int step = 0; step < 600; step++) {
      if (at.mayEnd() && (at.finished() || random.nextInt(3) == 0)) {
        return text.toString(StandardCharsets.UTF_8);
      }
      int token = token(at, random, step);
      text.writeBytes(TRIE.bytes(token));
      at = at.after(token);
    }
    return "";
  }

  /** A token at random; the longer the text, the more often one that closes something. */
  private static int token(Place at, Random random, int step) {
    long[] bits = at.allowed();
    int[] allowed = new int[TRIE.size()];
    int count = 0;
    for (int token = 0; token < TRIE.size(); token++) {
      if (MaskChecks.has(bits, token)) {
        allowed[count++] = token;
      }
    }
    assertThat(count).as("tokens to go on with").isPositive();
    if (random.nextInt(300) < step * 2 + 40) {
      for (char close : "}]\"".toCharArray()) {
        if (MaskChecks.has(bits, close)) {
          return close;
        }
      }
    }
    return allowed[random.nextInt(count)];
  }
}
