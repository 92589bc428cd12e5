package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/messages} as Anthropic's clients ask: a chat with other words around it. */
final class MessagesHandler {
  private final Parts parts;

  MessagesHandler(Parts parts) {
    this.parts = parts;
  }

  void handle(ServerRequest request, ServerResponse response) {
    JsonNode json = Bodies.json(request);
    Asking asking = Asking.of(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, Fields.of(json, ""))) {
      MessagesBody body = MessagesBody.of(json);
      ChatWish wish = asked.prepare(on -> ChatWish.of(on, body.chat(), asking.tenant()));
      try (Generation generation = Generation.begin(parts, asked, wish.request())) {
        AnswerReader reader = AnswerReader.of(asked, wish);
        int tokens = wish.request().prompt().length;
        if (body.stream()) {
          try (EventWriter out = new EventWriter(response)) {
            Consumer<ObjectNode> events = event -> out.send(event.path("type").asString(), event);
            MessageOutput output = new MessageOutput(asked.name(), body, tokens, events);
            stream(() -> reader.read(generation, output), output, events);
          }
        } else {
          MessageOutput output = new MessageOutput(asked.name(), body, tokens, event -> {});
          reader.read(generation, output);
          Parts.send(response, output.message());
        }
      }
    }
  }

  /** {@code POST /v1/messages/count_tokens}. */
  void count(ServerRequest request, ServerResponse response) {
    JsonNode json = Bodies.json(request);
    Asking asking = Asking.of(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, Fields.of(json, ""))) {
      int tokens = ChatPrompt.of(asked, MessagesBody.counted(json).chat()).tokens().length;
      Parts.send(response, Bodies.JSON.createObjectNode().put("input_tokens", tokens));
    }
  }

  private static void stream(Runnable answer, MessageOutput output, Consumer<ObjectNode> events) {
    try {
      output.begin();
      answer.run();
    } catch (LatheException e) {
      events.accept((ObjectNode) Bodies.read(ErrorMapping.anthropic(ErrorMapping.answer(e))));
    }
  }
}
