package dev.lathe.server.openai;

import dev.lathe.server.ClientWatch;
import dev.lathe.server.access.Quotas;
import dev.lathe.server.infer.Inference;
import io.helidon.http.HeaderValues;
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
  static void send(ServerResponse response, JsonNode answer) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Bodies.JSON.writeValueAsBytes(answer));
  }
}
