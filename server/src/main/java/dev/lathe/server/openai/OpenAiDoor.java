package dev.lathe.server.openai;

import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.Texts;
import dev.lathe.server.TokenTexts;
import io.helidon.webserver.http.Handler;

/**
 * Text models by the OpenAI API. A body names its model as {@code org/name}, {@code org/name@v2} or
 * {@code org/name@environment}.
 */
public final class OpenAiDoor implements Door {
  private final ChatHandler chats;
  private final CompletionHandler completions;
  private final ResponseHandler responses;
  private final TokenHandlers tokens;
  private final EmbeddingHandler embeddings;

  /**
   * A door to what is deployed.
   *
   * @param parts finds models, notices who has gone, is told what answers took
   * @param texts makes vectors of texts
   * @param spoken makes vectors of tokens
   */
  public OpenAiDoor(Parts parts, Texts texts, TokenTexts spoken) {
    this.chats = new ChatHandler(parts);
    this.completions = new CompletionHandler(parts);
    this.responses = new ResponseHandler(parts);
    this.tokens = new TokenHandlers(parts);
    this.embeddings = new EmbeddingHandler(texts, spoken);
  }

  @Override
  public void routes(Routes routes) {
    post(routes, "/v1/chat/completions", chats::handle);
    post(routes, "/v1/completions", completions::handle);
    post(routes, "/v1/responses", responses::handle);
    post(routes, "/v1/embeddings", embeddings::handle);
    post(routes, "/tokenize", tokens::tokenize);
    post(routes, "/detokenize", tokens::detokenize);
  }

  private static void post(Routes routes, String path, Handler handler) {
    routes.post(Right.INFER, path, new NamedInBody(handler));
  }
}
