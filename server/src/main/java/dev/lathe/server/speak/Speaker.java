package dev.lathe.server.speak;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Sampling;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.serve.LoadedModel;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.server.access.AskedTimeout;
import dev.lathe.server.access.Caller;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Asks a text model in this process. */
public final class Speaker implements PromptMeasure {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final LoadedModel loaded;
  private final TextModel model;
  private final UnaryOperator<Supplier<TextStream>> begin;

  /**
   * Asks a loaded version.
   *
   * @param loaded a text model that the caller has a lease of
   * @throws LatheException the model's NO_TEXT; NOT_ALLOWED for an adapter whose base the caller
   *     may not ask
   */
  public Speaker(LoadedModel loaded) {
    this(loaded, answer -> answer);
  }

  /**
   * Asks a loaded version for a client of a server.
   *
   * @param loaded a text model that the caller has a lease of
   * @param attendance looks after the answer while it is made
   * @throws LatheException as there
   */
  public Speaker(LoadedModel loaded, Attendance attendance) {
    this(loaded, answer -> () -> attendance.begin(answer));
  }

  private Speaker(LoadedModel loaded, UnaryOperator<Supplier<TextStream>> begin) {
    AdapterRight.require(loaded);
    this.loaded = loaded;
    this.model = loaded.text();
    this.begin = begin;
  }

  @Override
  public int tokens(TextQuestion question) {
    return prompt(question).tokens().length;
  }

  @Override
  public int tokens(String text) {
    return tokenizer().encode(text, Specials.WITHOUT).length();
  }

  @Override
  public int context() {
    return model.context();
  }

  /**
   * Answers; the calling thread waits.
   *
   * @param question what is asked
   * @param listener hears the text, piece by piece, on the calling thread
   * @return the answer
   * @throws LatheException BAD_REQUEST if the model has no tokenizer, or no template for a
   *     conversation; what the engine says
   */
  public TextReply answer(TextQuestion question, Consumer<String> listener) {
    Prompt prompt = prompt(question);
    int room = Math.max(0, model.context() - prompt.tokens().length);
    int most = question.maxTokens() == 0 ? Math.max(1, room) : question.maxTokens();
    GenerateRequest request =
        GenerateRequest.of(prompt.tokens(), Ending.after(most).withStops(question.stops()))
            .with(sampling(question))
            .with(
                dev.lathe.generate.Caller.of(Caller.current().name())
                    .withTimeout(AskedTimeout.current()));
    Heard heard = Heard.of(tokenizer().vocabulary(), prompt.form(), listener);
    try (TextStream stream = begin.apply(() -> model.generate(request)).get()) {
      return reply(stream, heard);
    }
  }

  private TextReply reply(TextStream stream, Heard heard) {
    String finish = "";
    for (Optional<GenerateEvent> event = stream.next(); event.isPresent(); event = stream.next()) {
      switch (event.get()) {
        case GenerateEvent.Token token -> heard.hear(token);
        case GenerateEvent.Finished end -> {
          heard.end(end.text());
          finish = end.reason().name().toLowerCase(Locale.ROOT);
        }
        case GenerateEvent.PromptScored _ -> {}
        case GenerateEvent.Completed(GenerateEvent.Usage usage) -> {
          return new TextReply(
              loaded.id().model().toString(),
              loaded.id().version(),
              heard.text(),
              finish,
              usage.promptTokens(),
              usage.cachedTokens(),
              usage.answerTokens());
        }
      }
    }
    throw new IllegalStateException("a stream without an end");
  }

  /** A prompt, and how the answer to it is written; absent where it only goes on. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Prompt(int[] tokens, Optional<AnswerForm> form) {}

  private Prompt prompt(TextQuestion question) {
    Tokenizer tokenizer = tokenizer();
    if (question.turns().isEmpty()) {
      int[] tokens = tokenizer.encode(question.prompt(), Specials.WITH).ids();
      return new Prompt(tokens, Optional.empty());
    }
    ChatTemplate template =
        model
            .template()
            .orElseThrow(
                () -> refused("no chat template (expected: one, or a prompt to go on with)"));
    ArrayNode messages = NODES.arrayNode();
    for (TextQuestion.Turn turn : question.turns()) {
      messages.addObject().put("role", turn.role()).put("content", turn.content());
    }
    Map<String, JsonNode> variables = new HashMap<>();
    variables.put(ChatTemplate.ANSWER_BEGINS, NODES.booleanNode(true));
    String text = template.render(messages, NODES.nullNode(), variables);
    AnswerForm form = AnswerForm.of(template.source(), text, Set.of());
    return new Prompt(tokenizer.encode(text, Specials.WITHOUT).ids(), Optional.of(form));
  }

  private Tokenizer tokenizer() {
    return model
        .tokenizer()
        .orElseThrow(() -> refused("no tokenizer.json (expected: one, to read a text)"));
  }

  private LatheException refused(String what) {
    return new LatheException(ServerError.BAD_REQUEST, loaded.id() + ": " + what);
  }

  private Sampling sampling(TextQuestion question) {
    Sampling sampling = model.sampling();
    if (question.temperature().isPresent()) {
      sampling = sampling.withTemperature(question.temperature().get());
    }
    if (question.topP().isPresent()) {
      sampling = sampling.withTopP(question.topP().get());
    }
    return question.seed().isPresent() ? sampling.withSeed(question.seed().get()) : sampling;
  }
}
