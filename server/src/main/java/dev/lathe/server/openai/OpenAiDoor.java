package dev.lathe.server.openai;

import dev.lathe.server.Door;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.batches.Answers;
import dev.lathe.server.tasks.TextTasks;
import io.helidon.webserver.http.Handler;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Text models by the OpenAI API. A body names its model as {@code org/name}, {@code org/name@v2} or
 * {@code org/name@environment}.
 */
public final class OpenAiDoor implements Door {
  /** Whose answers may be written to files. */
  private static final List<String> IN_BATCHES =
      List.of("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings");

  private final ChatHandler chats;
  private final CompletionHandler completions;
  private final ResponseHandler responses;
  private final TokenHandlers tokens;
  private final EmbeddingHandler embeddings;
  private final ModerationHandler moderations;
  private final MessagesHandler messages;

  /**
   * A door to what is deployed.
   *
   * @param parts finds models, notices who has gone, is told what answers took
   * @param kept keeps responses
   * @param texts makes vectors of texts and finds their classes
   * @param moderation what is harmful
   */
  public OpenAiDoor(
      Parts parts, KeptResponses kept, TextTasks texts, OpenAiConfig.Moderation moderation) {
    this.chats = new ChatHandler(parts);
    this.completions = new CompletionHandler(parts);
    this.responses = new ResponseHandler(parts, kept);
    this.tokens = new TokenHandlers(parts);
    this.embeddings = new EmbeddingHandler(texts, texts);
    this.messages = new MessagesHandler(parts);
    this.moderations = new ModerationHandler(texts, moderation);
  }

  /**
   * The verbs that batches may ask.
   *
   * @return answers their lines, as the current caller
   */
  public Answers answers() {
    Map<String, Verb> verbs =
        Map.of(
            IN_BATCHES.get(0), chats,
            IN_BATCHES.get(1), completions,
            IN_BATCHES.get(2), responses,
            IN_BATCHES.get(3), embeddings);
    return new Answers() {
      @Override
      public List<String> endpoints() {
        return IN_BATCHES;
      }

      @Override
      public void require(JsonNode body) {
        String model = Fields.of(body, "body").needText("model");
        EmbeddingHandler.NamedModel.allowed(model);
      }

      @Override
      public JsonNode read(byte[] line) {
        return Bodies.read(line);
      }

      @Override
      public JsonNode answer(String endpoint, JsonNode body) {
        Verb verb = verbs.get(endpoint);
        if (verb == null) {
          throw Fields.bad("endpoint", endpoint, String.join(", ", IN_BATCHES));
        }
        return verb.answer(body, Asking.inBackground());
      }
    };
  }

  @Override
  public void routes(Routes routes) {
    post(routes, "/v1/chat/completions", chats::handle);
    post(routes, "/v1/completions", completions::handle);
    post(routes, "/v1/responses", responses::handle);
    post(routes, "/v1/embeddings", embeddings::handle);
    post(routes, "/v1/moderations", moderations::handle);
    post(routes, "/v1/messages", messages::handle);
    post(routes, "/v1/messages/count_tokens", messages::count);
    post(routes, "/tokenize", tokens::tokenize);
    post(routes, "/detokenize", tokens::detokenize);
  }

  private static void post(Routes routes, String path, Handler handler) {
    routes.post(Right.INFER, path, new NamedInBody(handler));
  }
}
