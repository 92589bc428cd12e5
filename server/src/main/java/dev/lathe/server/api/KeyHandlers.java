package dev.lathe.server.api;

import dev.lathe.server.KeyWish;
import dev.lathe.server.Keys;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;

/** Keys over HTTP, for who administers the server. */
final class KeyHandlers {
  private static final String USUAL_OVERLAP = "24h";

  private final Keys keys;

  KeyHandlers(Keys keys) {
    this.keys = keys;
  }

  void list(ServerRequest request, ServerResponse response) {
    Answers.json(response, keys.list());
  }

  void create(ServerRequest request, ServerResponse response) {
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    Answers.json(response, keys.create(Requests.json(request, KeyWish.class)));
  }

  void revoke(ServerRequest request, ServerResponse response) {
    Answers.json(response, keys.revoke(Requests.parameter(request, "key")));
  }

  void rotate(ServerRequest request, ServerResponse response) {
    String overlap = Requests.json(request, Rotation.class).overlap().orElse(USUAL_OVERLAP);
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    Answers.json(response, keys.rotate(Requests.parameter(request, "key"), overlap));
  }

  /**
   * The body of a rotation.
   *
   * @param overlap how long the old key stays valid, such as {@code 24h}; a day if absent
   */
  record Rotation(Optional<String> overlap) {}
}
