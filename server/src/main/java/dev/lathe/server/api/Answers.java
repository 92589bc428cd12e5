package dev.lathe.server.api;

import dev.lathe.server.ApiJson;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

/** Sends what the verbs gave. */
final class Answers {
  private Answers() {}

  static void json(ServerResponse response, Object value) {
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.send(ApiJson.bytes(value));
  }
}
