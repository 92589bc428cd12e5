package dev.lathe.server.openai;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.Constraint;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Probabilities;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Vocabulary;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/chat/completions}. */
final class ChatHandler {
  private static final String CHUNK = "chat.completion.chunk";

  private final Parts parts;

  ChatHandler(Parts parts) {
    this.parts = parts;
  }

  /** A request that was read. */
  private record Wish(GenerateRequest request, AnswerForm form, StreamWish stream) {}

  void handle(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), request, body)) {
      Wish wish = wish(asked, body, Parts.tenant(request));
      Answered answered = Answered.now("chatcmpl-", asked);
      List<ChatChoice> choices = choices(asked, wish);
      try (Generation generation = Generation.begin(parts.clients(), asked, wish.request())) {
        if (wish.stream().streams()) {
          stream(generation, new Told(answered, choices, wish.stream()), response);
        } else {
          whole(generation, new Told(answered, choices, wish.stream()), response);
        }
      }
    }
  }

  /** What is told, and how. */
  private record Told(Answered answered, List<ChatChoice> choices, StreamWish stream) {}

  private static List<ChatChoice> choices(AskedModel asked, Wish wish) {
    Vocabulary vocabulary = asked.tokenizer().vocabulary();
    List<ChatChoice> choices = new ArrayList<>();
    for (int i = 0; i < wish.request().choices(); i++) {
      choices.add(new ChatChoice(i, wish.form(), vocabulary));
    }
    return choices;
  }

  private static Wish wish(AskedModel asked, Fields body, String tenant) {
    ChatPrompt prompt = ChatPrompt.of(asked, body);
    Optional<Constraint> constraint = Restraint.of(body, prompt, asked.tokenizer().vocabulary());
    int left = Math.max(1, asked.model().context() - prompt.tokens().length);
    int vocabulary = asked.model().vocabulary();
    GenerateRequest request =
        new GenerateRequest(
            prompt.tokens(),
            TextFields.choices(body),
            TextFields.sampling(body, asked.model()),
            TextFields.ending(body, left, vocabulary),
            probabilities(body),
            TextFields.caller(body, tenant),
            Optional.empty(),
            "");
    StreamWish stream = StreamWish.of(body);
    AnswerForm form = Restraint.form(body, prompt);
    body.ignore(TextFields.WITHOUT_MEANING);
    body.end();
    if (constraint.isPresent()) {
      request = request.with(asked.constraints().start(constraint.get()));
    }
    return new Wish(request, form, stream);
  }

  private static Probabilities probabilities(Fields body) {
    boolean told = body.flag("logprobs");
    Optional<Long> best = body.whole("top_logprobs", 0, 20);
    if (best.isPresent() && !told) {
      throw Fields.bad("top_logprobs", best.get() + "", "none unless logprobs is true");
    }
    return told ? Probabilities.ofAnswer((int) (long) best.orElse(0L)) : Probabilities.NONE;
  }

  private static void whole(Generation generation, Told told, ServerResponse response) {
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
    Parts.send(response, answer);
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
