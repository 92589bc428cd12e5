package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class JsonFaultTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[[1,2|x 1:6: JSON ends too early",
        "{\"a\":\"b|x 1:8: JSON ends too early",
        "nope|x 1:1: not valid JSON: Unrecognized token 'nope': was expecting (JSON String, Number,"
            + " Array, Object or token 'null', 'true' or 'false')",
        "[NaN]|x 1:5: not valid JSON: Non-standard token 'NaN'",
        "[01]|x 1:3: not valid JSON: Invalid numeric value: Leading zeroes not allowed"
      })
  void syntax_isToldWithItsPlace(String json, String message) {
    assertThat(describe(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(message);
  }

  @Test
  void depth_isToldWithoutTheParsersSwitches() {
    assertThat(describe("[".repeat(5000).getBytes(StandardCharsets.UTF_8)))
        .contains("depth")
        .doesNotContain("`", "Constraints");
  }

  @Test
  void anyText_neverShowsTheParsersClasses() {
    long seed = 7;
    Random random = new Random(seed);
    byte[] valid =
        "{\"a\":[1.5e3,true,null,\"\\u00e4\"],\"b\":{}}".getBytes(StandardCharsets.UTF_8);
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] broken = valid.clone();
      broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      try {
        JsonMapper.shared().readTree(broken);
      } catch (JacksonException e) {
        refused++;
        assertThat(JsonFault.describe(e, "x"))
            .as("seed %d, round %d", seed, i)
            .startsWith("x")
            .doesNotContain("`", "Feature", "jackson", "REDACTED");
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  private static String describe(byte[] json) {
    JacksonException failure =
        catchThrowableOfType(JacksonException.class, () -> JsonMapper.shared().readTree(json));
    return JsonFault.describe(failure, "x");
  }
}
