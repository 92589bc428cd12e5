package dev.lathe.server.openai;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * A handler of requests whose body names the model. The guard lets in who has the right over any
 * model; the handler itself asks whether it is over the one that is named.
 *
 * @param inner what is done
 */
public record NamedInBody(Handler inner) implements Handler {
  @Override
  public void handle(ServerRequest request, ServerResponse response) throws Exception {
    inner.handle(request, response);
  }
}
