package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.access.Caller;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/responses}: a chat whose answer is a list of items. */
final class ResponseHandler implements Verb {
  private static final Set<String> REPEATED =
      Set.of(
          "instructions", "max_output_tokens", "temperature", "top_p", "metadata", "text", "user");

  private final Parts parts;
  private final KeptResponses kept;

  ResponseHandler(Parts parts, KeptResponses kept) {
    this.parts = parts;
    this.kept = kept;
  }

  void handle(ServerRequest request, ServerResponse response) {
    ResponseBody body = body(Bodies.json(request));
    Asking asking = Asking.of(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, body.chat())) {
      ChatWish wish = asked.prepare(on -> ChatWish.of(on, body.chat(), asking.tenant()));
      ObjectNode answer = answer(body, asked);
      AnswerReader reader = AnswerReader.of(asked, wish);
      try (Generation generation = Generation.begin(parts, asked, wish.request())) {
        if (body.stream()) {
          stream(generation, reader, new Told(body, answer), response);
        } else {
          reader.read(generation, new ResponseOutput(answer, event -> {}));
          keep(new Told(body, answer));
          Parts.send(response, answer);
        }
      }
    }
  }

  private ResponseBody body(JsonNode json) {
    return ResponseBody.of(json, last -> KeptConversation.items(kept, Caller.current(), last));
  }

  /** What was asked, and what is told. */
  private record Told(ResponseBody body, ObjectNode answer) {}

  /** Before the caller learns that it is complete: it may come back to it at once. */
  private void keep(Told told) {
    if (told.body().stored()) {
      List<JsonNode> input = ResponseItems.of(told.body().asked().path("input"));
      boolean done = kept.keep(Caller.current(), new KeptResponses.Kept(told.answer(), input));
      told.answer().put("store", done);
    }
  }

  @Override
  public ObjectNode answer(JsonNode json, Asking asking) {
    ResponseBody body = body(json);
    new StreamWish(body.stream(), false).requireWhole();
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, body.chat())) {
      ChatWish wish = asked.prepare(on -> ChatWish.of(on, body.chat(), asking.tenant()));
      ObjectNode answer = answer(body, asked).put("store", false);
      try (Generation generation = Generation.begin(parts, asked, wish.request())) {
        AnswerReader.of(asked, wish).read(generation, new ResponseOutput(answer, event -> {}));
      }
      return answer;
    }
  }

  private ObjectNode answer(ResponseBody body, AskedModel model) {
    JsonNode asked = body.asked();
    ObjectNode answer = Bodies.JSON.createObjectNode();
    answer.put("id", kept.newId()).put("object", "response");
    answer.put("created_at", Instant.now().getEpochSecond()).put("status", "in_progress");
    answer.putNull("error").putNull("incomplete_details").put("model", model.name());
    for (String name : REPEATED) {
      JsonNode said = asked.path(name);
      if (said.isMissingNode()) {
        answer.putNull(name);
      } else {
        answer.set(name, said);
      }
    }
    JsonNode tools = asked.path("tools");
    answer.set("tools", tools.isArray() ? tools : Bodies.JSON.createArrayNode());
    JsonNode choice = asked.path("tool_choice");
    if (choice.isMissingNode() || choice.isNull()) {
      answer.put("tool_choice", "auto");
    } else {
      answer.set("tool_choice", choice);
    }
    answer.put("parallel_tool_calls", true).put("store", body.stored());
    answer.put("previous_response_id", asked.path("previous_response_id").asString(null));
    return answer;
  }

  private void stream(
      Generation generation, AnswerReader reader, Told told, ServerResponse response) {
    try (EventWriter out = new EventWriter(response)) {
      Consumer<ObjectNode> events = event -> out.send(event.path("type").asString(), event);
      ResponseOutput output =
          new ResponseOutput(told.answer(), events).whenComplete(() -> keep(told));
      try {
        output.begin();
        reader.read(generation, output);
      } catch (LatheException e) {
        output.failed(ErrorMapping.answer(e).message());
      }
    }
  }
}
