package dev.lathe.server.api;

import dev.lathe.server.AnswerRequest;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Texts;
import dev.lathe.server.TranslateRequest;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/** The verbs about texts. */
final class TextHandlers {
  private static final int LARGEST = 16 << 20;

  private final Texts texts;

  TextHandlers(Texts texts) {
    this.texts = texts;
  }

  void translate(ServerRequest request, ServerResponse response) {
    TranslateRequest body = body(request, TranslateRequest.class);
    Answers.json(response, texts.translate(Requests.model(request), body));
  }

  void answer(ServerRequest request, ServerResponse response) {
    AnswerRequest body = body(request, AnswerRequest.class);
    Answers.json(response, texts.answer(Requests.model(request), body));
  }

  void classify(ServerRequest request, ServerResponse response) {
    ClassifyRequest body = body(request, ClassifyRequest.class);
    Answers.json(response, texts.classify(Requests.model(request), body));
  }

  void rerank(ServerRequest request, ServerResponse response) {
    RerankRequest body = body(request, RerankRequest.class);
    Answers.json(response, texts.rerank(Requests.model(request), body));
  }

  void embed(ServerRequest request, ServerResponse response) {
    EmbedRequest body = body(request, EmbedRequest.class);
    Answers.json(response, texts.embed(Requests.model(request), body));
  }

  private static <T> T body(ServerRequest request, Class<T> type) {
    return ApiJson.readRequest(Requests.body(request, LARGEST, List.of("application/json")), type);
  }
}
