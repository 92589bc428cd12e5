package dev.lathe.server.openai;

import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.access.Caller;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Responses that were kept: {@code /v1/responses/{id}}. They belong to the caller who made them.
 */
public final class ResponseDoor implements Door {
  private static final String ONE = "/v1/responses/{id}";
  private static final int USUAL = 20;
  private static final int MOST = 100;

  private final KeptResponses kept;

  /**
   * A door to what is kept.
   *
   * @param kept where they are
   */
  public ResponseDoor(KeptResponses kept) {
    this.kept = kept;
  }

  @Override
  public void routes(Routes routes) {
    routes.get(Right.KNOWN, ONE, this::show);
    routes.get(Right.KNOWN, ONE + "/input_items", this::items);
    routes.route(Right.KNOWN, Method.DELETE, ONE, this::delete);
  }

  private KeptResponses.Kept asked(ServerRequest request) {
    return kept.need(Caller.current(), request.path().pathParameters().get("id"));
  }

  private void show(ServerRequest request, ServerResponse response) {
    if (Paging.text(request.query(), "stream").equals("true")) {
      throw Fields.bad("stream", "true", "false: what is kept is whole");
    }
    Parts.send(response, asked(request).response());
  }

  private void items(ServerRequest request, ServerResponse response) {
    List<JsonNode> input = asked(request).input();
    Paging paging = Paging.of(request, USUAL, MOST);
    Parts.send(
        response,
        paging.page(input, item -> item.path("id").asString(""), item -> (ObjectNode) item));
  }

  private void delete(ServerRequest request, ServerResponse response) {
    String id = request.path().pathParameters().get("id");
    kept.delete(Caller.current(), id);
    ObjectNode answer = Bodies.JSON.createObjectNode();
    Parts.send(response, answer.put("id", id).put("object", "response").put("deleted", true));
  }
}
