package dev.lathe.server.openai;

import dev.lathe.generate.Constraint;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateEvent.Usage;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Probabilities;
import dev.lathe.ir.LatheException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/completions}. Prompts of one request are answered one after the other. */
final class CompletionHandler implements Verb {
  private static final String TYPE = "text_completion";
  private static final Usage NOTHING = new Usage(0, 0, 0, new GenerateEvent.Timing(0, 0, 0));

  private final Parts parts;

  CompletionHandler(Parts parts) {
    this.parts = parts;
  }

  /** A request that was read. */
  private record Wish(
      List<int[]> prompts, GenerateRequest usual, CompletionChoice.Shown shown, StreamWish stream) {
    GenerateRequest request(int prompt) {
      return new GenerateRequest(
          prompts.get(prompt),
          usual.choices(),
          usual.sampling(),
          usual.ending(),
          usual.probabilities(),
          usual.caller(),
          usual.constraint(),
          "");
    }
  }

  void handle(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    Asking asking = Asking.of(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, body)) {
      Wish wish = asked.prepare(on -> wish(on, body, asking.tenant()));
      Told told = new Told(asked, wish, Answered.now("cmpl-", asked));
      if (wish.stream().streams()) {
        stream(told, response);
      } else {
        Parts.send(response, whole(told));
      }
    }
  }

  @Override
  public ObjectNode answer(JsonNode json, Asking asking) {
    Fields body = Fields.of(json, "");
    try (AskedModel asked = AskedModel.of(parts.inference(), asking, body)) {
      Wish wish = asked.prepare(on -> wish(on, body, asking.tenant()));
      wish.stream().requireWhole();
      return whole(new Told(asked, wish, Answered.now("cmpl-", asked)));
    }
  }

  /**
   * Begins the answer to a body with one prompt, for doors with other words around it.
   *
   * @return the answer; the caller closes it
   */
  Begun begin(AskedModel asked, Fields body, Asking asking) {
    Wish wish = asked.prepare(on -> wish(on, body, asking.tenant()));
    CompletionChoice choice = new Told(asked, wish, Answered.now("", asked)).choices(0).getFirst();
    return new Begun(Generation.begin(parts, asked, wish.request(0)), choice);
  }

  /**
   * An answer that was begun.
   *
   * @param generation makes it
   * @param choice what there is of it
   */
  record Begun(Generation generation, CompletionChoice choice) implements AutoCloseable {
    /** Makes it to its end; the listener is called when there is something to tell. */
    void read(Runnable listener) {
      generation.all(
          event -> {
            push(List.of(choice), event);
            if (choice.hasNews()) {
              listener.run();
            }
          });
    }

    @Override
    public void close() {
      generation.close();
    }
  }

  private record Told(AskedModel asked, Wish wish, Answered answered) {
    List<CompletionChoice> choices(int prompt) {
      List<CompletionChoice> choices = new ArrayList<>();
      int count = wish.usual().choices();
      for (int i = 0; i < count; i++) {
        choices.add(
            new CompletionChoice(
                prompt * count + i, wish.prompts().get(prompt), asked.tokenizer(), wish.shown()));
      }
      return choices;
    }
  }

  private static Wish wish(AskedModel asked, Fields body, String tenant) {
    if (body.has("suffix")) {
      throw Fields.bad("suffix", "a text", "none: this model completes at the end only");
    }
    List<int[]> prompts = Prompts.of(asked, body.node("prompt"));
    boolean echo = body.flag("echo");
    Optional<Integer> scores = body.whole("logprobs", 0, 20).map(most -> (int) (long) most);
    Probabilities probabilities = scores.map(Probabilities::ofAnswer).orElse(Probabilities.NONE);
    if (echo && scores.isPresent()) {
      probabilities = probabilities.withPrompt(scores.get());
    }
    int choices = TextFields.choices(body);
    if (body.whole("best_of", 1, 128).orElse((long) choices) != choices) {
      throw Fields.bad("best_of", body.node("best_of") + "", "the same as n: " + choices);
    }
    GenerateRequest usual =
        new GenerateRequest(
            prompts.getFirst(),
            choices,
            TextFields.sampling(body, asked.model()),
            TextFields.ending(body, 16, asked.model().vocabulary()),
            probabilities,
            TextFields.caller(body, tenant),
            Optional.empty(),
            "");
    ScoreLimit.require(prompts, usual, asked.model().context());
    StreamWish stream = StreamWish.of(body);
    Optional<Constraint> constraint = Restraint.of(body);
    body.ignore(TextFields.WITHOUT_MEANING);
    body.end();
    if (constraint.isPresent()) {
      usual = usual.with(asked.constraints().start(constraint.get()));
    }
    return new Wish(prompts, usual, new CompletionChoice.Shown(echo, scores.isPresent()), stream);
  }

  private Usage answer(Told told, int prompt, Consumer<GenerateEvent> reader) {
    Usage[] usage = new Usage[1];
    GenerateRequest request = told.wish().request(prompt);
    try (Generation generation = Generation.begin(parts, told.asked(), request)) {
      generation.all(
          event -> {
            reader.accept(event);
            if (event instanceof GenerateEvent.Completed completed) {
              usage[0] = completed.usage();
            }
          });
    }
    return usage[0];
  }

  private ObjectNode whole(Told told) {
    ObjectNode answer = told.answered().object(TYPE);
    ArrayNode array = answer.putArray("choices");
    Usage total = NOTHING;
    for (int i = 0; i < told.wish().prompts().size(); i++) {
      List<CompletionChoice> choices = told.choices(i);
      total = Answered.sum(total, answer(told, i, event -> push(choices, event)));
      choices.forEach(choice -> array.add(choice.rest()));
    }
    answer.set("usage", Answered.usage(total));
    return answer;
  }

  private static void push(List<CompletionChoice> choices, GenerateEvent event) {
    switch (event) {
      case GenerateEvent.PromptScored scored -> choices.forEach(one -> one.prompt(scored));
      case GenerateEvent.Token token -> choices.get(token.choice()).push(token);
      case GenerateEvent.Finished end -> choices.get(end.choice()).finish(end);
      case GenerateEvent.Completed completed -> {}
    }
  }

  private void stream(Told told, ServerResponse response) {
    List<CompletionChoice> first = told.choices(0);
    GenerateRequest request = told.wish().request(0);
    try (Generation generation = Generation.begin(parts, told.asked(), request);
        EventWriter out = new EventWriter(response)) {
      try {
        Usage[] total = {NOTHING};
        Telling telling = new Telling(out, told, total);
        generation.all(event -> tell(telling, first, event));
        for (int i = 1; i < told.wish().prompts().size(); i++) {
          List<CompletionChoice> choices = told.choices(i);
          answer(told, i, event -> tell(telling, choices, event));
        }
        if (told.wish().stream().usage()) {
          ObjectNode last = told.answered().object(TYPE);
          last.putArray("choices");
          last.set("usage", Answered.usage(total[0]));
          out.send(last);
        }
        out.done();
      } catch (LatheException e) {
        out.failed(e);
      }
    }
  }

  /** Where pieces are told, and what they took so far. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Telling(EventWriter out, Told told, Usage[] total) {}

  private static void tell(Telling telling, List<CompletionChoice> choices, GenerateEvent event) {
    Told told = telling.told();
    Usage[] total = telling.total();
    push(choices, event);
    int choice =
        switch (event) {
          case GenerateEvent.Token token -> token.choice();
          case GenerateEvent.Finished end -> end.choice();
          case GenerateEvent.PromptScored scored -> -1;
          case GenerateEvent.Completed completed -> {
            total[0] = Answered.sum(total[0], completed.usage());
            yield -1;
          }
        };
    if (choice >= 0 && choices.get(choice).hasNews()) {
      ObjectNode chunk = told.answered().object(TYPE);
      chunk.putArray("choices").add(choices.get(choice).rest());
      if (told.wish().stream().usage()) {
        chunk.putNull("usage");
      }
      telling.out().send(chunk);
    }
  }
}
