package dev.lathe.server.openai;

import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.access.Caller;
import dev.lathe.server.batches.Batch;
import dev.lathe.server.batches.Batches;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/batches}. Who may ask some model may make a batch; which models its lines may ask is
 * found out when its file is read.
 */
public final class BatchDoor implements Door {
  private static final String ALL = "/v1/batches";
  private static final String ONE = ALL + "/{id}";
  private static final int USUAL = 20;
  private static final int MOST = 100;
  private static final int MOST_METADATA = 16;
  private static final long SHORTEST_LIFE = 3600;
  private static final long LONGEST_LIFE = 2_592_000;
  private static final List<Batch.State> TIMES =
      List.of(
          Batch.State.IN_PROGRESS,
          Batch.State.FINALIZING,
          Batch.State.COMPLETED,
          Batch.State.FAILED,
          Batch.State.EXPIRED,
          Batch.State.CANCELLING,
          Batch.State.CANCELLED);

  private final Batches batches;

  /**
   * A door to the batches.
   *
   * @param batches does the work
   */
  public BatchDoor(Batches batches) {
    this.batches = batches;
  }

  @Override
  public void routes(Routes routes) {
    routes.post(Right.INFER, ALL, new NamedInBody(this::create));
    routes.get(Right.KNOWN, ALL, this::list);
    routes.get(
        Right.KNOWN,
        ONE,
        (request, response) ->
            Parts.send(response, told(batches.get(Caller.current(), id(request)))));
    routes.post(
        Right.KNOWN,
        ONE + "/cancel",
        (request, response) ->
            Parts.send(response, told(batches.cancel(Caller.current(), id(request)))));
  }

  private static String id(ServerRequest request) {
    return request.path().pathParameters().get("id");
  }

  private void create(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    String window = body.needText("completion_window");
    if (!window.equals("24h")) {
      throw Fields.bad("completion_window", "\"" + window + "\"", "24h");
    }
    Batch.Order order =
        new Batch.Order(
            body.needText("endpoint"),
            body.needText("input_file_id"),
            metadata(body.node("metadata")),
            lifetime(body.node("output_expires_after")));
    body.end();
    Parts.send(response, told(batches.create(Caller.current(), order)));
  }

  private static Optional<Long> lifetime(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    Fields wish = Fields.of(node, "output_expires_after");
    String anchor = wish.needText("anchor");
    if (!anchor.equals("created_at")) {
      throw Fields.bad(wish.name("anchor"), "\"" + anchor + "\"", "created_at");
    }
    Optional<Long> seconds = wish.whole("seconds", SHORTEST_LIFE, LONGEST_LIFE);
    wish.end();
    if (seconds.isEmpty()) {
      throw Fields.bad(wish.name("seconds"), "missing", "a number of seconds");
    }
    return seconds;
  }

  private static Map<String, String> metadata(JsonNode node) {
    if (node.isMissingNode()) {
      return Map.of();
    }
    Fields fields = Fields.of(node, "metadata");
    if (node.size() > MOST_METADATA) {
      throw Fields.bad("metadata", node.size() + " entries", "at most " + MOST_METADATA);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String name : node.propertyNames()) {
      String text = fields.needText(name);
      if (name.length() > 64 || text.length() > 512) {
        throw Fields.bad("metadata", "a long entry", "names to 64 characters, texts to 512");
      }
      metadata.put(name, text);
    }
    return metadata;
  }

  private void list(ServerRequest request, ServerResponse response) {
    Paging paging = Paging.of(request, USUAL, MOST);
    List<Batch> all = batches.list(Caller.current());
    Parts.send(response, paging.page(all, Batch::id, BatchDoor::told));
  }

  private static ObjectNode told(Batch batch) {
    Batch.Progress progress = batch.progress();
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("id", batch.id()).put("object", "batch").put("endpoint", batch.order().endpoint());
    node.set("errors", problems(progress.problems()));
    node.put("input_file_id", batch.order().inputFile()).put("completion_window", "24h");
    node.put("status", progress.state().word());
    boolean ended = progress.state().ended();
    put(node, "output_file_id", progress.output().filter(id -> ended));
    put(node, "error_file_id", progress.errors().filter(id -> ended));
    node.put("created_at", batch.created().getEpochSecond());
    node.put("expires_at", batch.expires().getEpochSecond());
    for (Batch.State state : TIMES) {
      Instant since = progress.since().get(state.word());
      String name = state.word() + "_at";
      if (since == null) {
        node.putNull(name);
      } else {
        node.put(name, since.getEpochSecond());
      }
    }
    node.putObject("request_counts")
        .put("total", progress.counts().total())
        .put("completed", progress.counts().completed())
        .put("failed", progress.counts().failed());
    ObjectNode metadata = node.putObject("metadata");
    batch.order().metadata().forEach(metadata::put);
    return node;
  }

  private static void put(ObjectNode node, String name, Optional<String> text) {
    node.put(name, text.orElse(null));
  }

  private static JsonNode problems(List<Batch.Problem> problems) {
    if (problems.isEmpty()) {
      return Bodies.JSON.nullNode();
    }
    ObjectNode list = Bodies.JSON.createObjectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    for (Batch.Problem problem : problems) {
      ObjectNode one = data.addObject();
      one.put("code", problem.code()).put("message", problem.message());
      put(one, "param", problem.param());
      one.put("line", problem.line().orElse(null));
    }
    return list;
  }
}
