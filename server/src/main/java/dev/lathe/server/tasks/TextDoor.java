package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.Door;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.Texts;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.openai.NamedInBody;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.BiFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The verbs about texts where the body names the model: {@code /api/v1/translate} and so on, with
 * the fields that they have below a model's own path, and {@code /v1/rerank} and {@code /v1/score}
 * as others have them.
 */
public final class TextDoor implements Door {
  private static final int LARGEST = 16 << 20;

  private final Texts texts;
  private final ScoreHandlers scores;

  /**
   * A door to the verbs.
   *
   * @param texts the verbs; not closed by the door
   */
  public TextDoor(Texts texts) {
    this.texts = texts;
    this.scores = new ScoreHandlers(texts);
  }

  @Override
  public void routes(Routes routes) {
    verb(routes, "translate", TranslateRequest.class, texts::translate);
    verb(routes, "answer", AnswerRequest.class, texts::answer);
    verb(routes, "classify", ClassifyRequest.class, texts::classify);
    verb(routes, "rerank", RerankRequest.class, texts::rerank);
    verb(routes, "embed", EmbedRequest.class, texts::embed);
    routes.post(
        Right.INFER,
        "/v1/rerank",
        new NamedInBody((request, response) -> send(response, scores.rerank(body(request)))));
    routes.post(
        Right.INFER,
        "/v1/score",
        new NamedInBody((request, response) -> send(response, scores.score(body(request)))));
  }

  private static <T> void verb(
      Routes routes, String name, Class<T> type, BiFunction<String, T, Object> verb) {
    routes.post(
        Right.INFER,
        "/api/v1/" + name,
        new NamedInBody(
            (request, response) -> {
              ObjectNode body = body(request);
              NamedModel named = NamedModel.of(body.path("model").asString(""));
              body.remove("model");
              named.version().ifPresent(version -> body.put("version", version));
              byte[] rest = JsonMapper.shared().writeValueAsBytes(body);
              T asked = ApiJson.readRequest(rest, type);
              send(response, ApiJson.bytes(verb.apply(named.model(), asked)));
            }));
  }

  private static void send(ServerResponse response, byte[] json) {
    response.header(HeaderNames.CONTENT_TYPE, "application/json").send(json);
  }

  private static ObjectNode body(ServerRequest request) {
    String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw Bounds.bad("Content-Type \"" + type + "\" (expected: application/json)");
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new LatheException(
            ServerError.BODY_TOO_LARGE, "body: is larger than " + LARGEST + " bytes");
      }
      JsonNode body = JsonMapper.shared().readTree(bytes);
      if (!(body instanceof ObjectNode object)) {
        throw Bounds.bad("body: " + body.getNodeType() + " (expected: an object)");
      }
      return object;
    } catch (JacksonException e) {
      throw new LatheException(
          ServerError.BAD_REQUEST, "body: no JSON (" + e.getOriginalMessage() + ")", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
