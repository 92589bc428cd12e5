package dev.lathe.server.openai;

import dev.lathe.generate.AnswerParser;
import dev.lathe.generate.GenerateEvent;
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
      ChatWish wish = ChatWish.of(asked, body.chat(), asking.tenant());
      try (Generation generation = Generation.begin(parts, asked, wish.request())) {
        Spoken spoken = new Spoken(asked.tokenizer().vocabulary());
        Reader reader = new Reader(new AnswerParser(wish.form()), spoken, generation);
        int tokens = wish.request().prompt().length;
        if (body.stream()) {
          try (EventWriter out = new EventWriter(response)) {
            Consumer<ObjectNode> events = event -> out.send(event.path("type").asString(), event);
            stream(reader, new MessageOutput(asked.name(), body, tokens, events), events);
          }
        } else {
          MessageOutput output = new MessageOutput(asked.name(), body, tokens, event -> {});
          run(reader, output);
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

  /** What hears an answer. */
  private record Reader(AnswerParser parser, Spoken spoken, Generation generation) {}

  private static void run(Reader reader, MessageOutput output) {
    reader
        .generation()
        .all(
            event -> {
              switch (event) {
                case GenerateEvent.PromptScored scored -> {}
                case GenerateEvent.Token token ->
                    output.push(reader.parser().push(reader.spoken().said(token)));
                case GenerateEvent.Finished end -> {
                  output.push(reader.parser().push(end.text()));
                  output.push(reader.parser().finish());
                  output.end(end);
                }
                case GenerateEvent.Completed completed -> output.complete(completed.usage());
              }
            });
  }

  private static void stream(Reader reader, MessageOutput output, Consumer<ObjectNode> events) {
    try {
      output.begin();
      run(reader, output);
    } catch (LatheException e) {
      events.accept((ObjectNode) Bodies.read(ErrorMapping.anthropic(ErrorMapping.answer(e))));
    }
  }
}
