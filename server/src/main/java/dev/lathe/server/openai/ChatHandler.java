package dev.lathe.server.openai;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Vocabulary;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/chat/completions}. */
final class ChatHandler implements Verb {
  private static final String CHUNK = "chat.completion.chunk";

  private final Parts parts;

  ChatHandler(Parts parts) {
    this.parts = parts;
  }

  void handle(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    Asking asking = Asking.of(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, body)) {
      ChatWish wish = asked.prepare(on -> ChatWish.of(on, body, asking.tenant()));
      Told told = told(asked, wish);
      try (Generation generation = Generation.begin(parts, asked, wish.request())) {
        if (wish.stream().streams()) {
          stream(generation, told, response);
        } else {
          Parts.send(response, whole(generation, told));
        }
      }
    }
  }

  @Override
  public ObjectNode answer(JsonNode json, Asking asking) {
    Fields body = Fields.of(json, "");
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, body)) {
      ChatWish wish = asked.prepare(on -> ChatWish.of(on, body, asking.tenant()));
      wish.stream().requireWhole();
      Told told = told(asked, wish);
      try (Generation generation = Generation.begin(parts, asked, wish.request())) {
        return whole(generation, told);
      }
    }
  }

  private static Told told(AskedModel asked, ChatWish wish) {
    return new Told(Answered.now("chatcmpl-", asked), choices(asked, wish), wish.stream());
  }

  /** What is told, and how. */
  private record Told(Answered answered, List<ChatChoice> choices, StreamWish stream) {}

  private static List<ChatChoice> choices(AskedModel asked, ChatWish wish) {
    Vocabulary vocabulary = asked.tokenizer().vocabulary();
    List<ChatChoice> choices = new ArrayList<>();
    for (int i = 0; i < wish.request().choices(); i++) {
      choices.add(new ChatChoice(i, wish.form(), vocabulary));
    }
    return choices;
  }

  private static ObjectNode whole(Generation generation, Told told) {
    ObjectNode answer = told.answered().object("chat.completion");
    generation.all(
        event -> {
          switch (event) {
            case GenerateEvent.PromptScored scored -> {}
            case GenerateEvent.Token token -> told.choices().get(token.choice()).push(token);
            case GenerateEvent.Finished end -> told.choices().get(end.choice()).finish(end);
            case GenerateEvent.Completed completed -> {
              told.choices().forEach(one -> answer.withArray("choices").add(one.whole()));
              answer.set("usage", Answered.usage(completed.usage()));
            }
          }
        });
    return answer;
  }

  private static void stream(Generation generation, Told told, ServerResponse response) {
    try (EventWriter out = new EventWriter(response)) {
      try {
        for (ChatChoice choice : told.choices()) {
          ObjectNode role = Bodies.JSON.createObjectNode().put("role", "assistant");
          send(out, told, choice.chunk(role.put("content", "")));
        }
        generation.all(event -> tell(out, told, event));
        out.done();
      } catch (LatheException e) {
        out.failed(e);
      }
    }
  }

  private static void tell(EventWriter out, Told told, GenerateEvent event) {
    switch (event) {
      case GenerateEvent.PromptScored scored -> {}
      case GenerateEvent.Token token -> {
        ChatChoice choice = told.choices().get(token.choice());
        choice.push(token).forEach(delta -> send(out, told, choice.chunk(delta)));
      }
      case GenerateEvent.Finished end -> {
        ChatChoice choice = told.choices().get(end.choice());
        choice.finish(end).forEach(delta -> send(out, told, choice.chunk(delta)));
        send(out, told, choice.lastChunk());
      }
      case GenerateEvent.Completed completed -> {
        if (told.stream().usage()) {
          ObjectNode last = told.answered().object(CHUNK);
          last.putArray("choices");
          last.set("usage", Answered.usage(completed.usage()));
          out.send(last);
        }
      }
    }
  }

  private static void send(EventWriter out, Told told, ObjectNode choice) {
    ObjectNode chunk = told.answered().object(CHUNK);
    chunk.putArray("choices").add(choice);
    if (told.stream().usage()) {
      chunk.putNull("usage");
    }
    out.send(chunk);
  }
}
