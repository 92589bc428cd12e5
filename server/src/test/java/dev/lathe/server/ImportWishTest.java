package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The body of an import from a hub, as callers send it. */
class ImportWishTest {
  private static ImportWish read(String body) {
    return ApiJson.readRequest(body.getBytes(StandardCharsets.UTF_8), ImportWish.class);
  }

  @Test
  void base_isToldOfAdaptersAlone() {
    String source = "{\"source\": \"hf://org/tiny\", \"message\": \"why\"";
    assertThat(read(source + "}").base()).isEmpty();
    assertThat(read(source + ", \"base\": null}").base()).isEmpty();
    assertThat(read(source + ", \"base\": \"org/base@v2\"}").base()).contains("org/base@v2");
  }
}
