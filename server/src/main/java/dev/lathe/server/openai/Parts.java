package dev.lathe.server.openai;

import dev.lathe.server.ClientWatch;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Quotas;
import dev.lathe.server.infer.Inference;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import tools.jackson.databind.JsonNode;

/**
 * What handlers need.
 *
 * @param inference finds models
 * @param clients notices who has gone
 * @param quotas is told what answers took
 */
public record Parts(Inference inference, ClientWatch clients, Quotas quotas) {
  /** Whose turn it is: the caller that is known, or where the request comes from. */
  static String tenant(ServerRequest request) {
    String known = Caller.current().name();
    return known.isEmpty() ? request.remotePeer().host() : known;
  }

  static void send(ServerResponse response, JsonNode answer) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Bodies.JSON.writeValueAsBytes(answer));
  }
}
