package dev.lathe.server.remote;

import dev.lathe.registry.ModelName;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.Embedded;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import dev.lathe.server.Texts;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import dev.lathe.server.remote.ApiClient.Body;

/**
 * The verbs about texts of a server at another address.
 *
 * @param client how it is spoken to
 */
public record RemoteTexts(ApiClient client) implements Texts {
  @Override
  public Translated translate(String model, TranslateRequest request) {
    return client.post(path(model, "translate"), Body.json(request), Translated.class);
  }

  @Override
  public Answered answer(String model, AnswerRequest request) {
    return client.post(path(model, "answer"), Body.json(request), Answered.class);
  }

  @Override
  public Classified classify(String model, ClassifyRequest request) {
    return client.post(path(model, "classify"), Body.json(request), Classified.class);
  }

  @Override
  public Reranked rerank(String model, RerankRequest request) {
    return client.post(path(model, "rerank"), Body.json(request), Reranked.class);
  }

  @Override
  public Embedded embed(String model, EmbedRequest request) {
    return client.post(path(model, "embed"), Body.json(request), Embedded.class);
  }

  private static String path(String model, String verb) {
    ModelName name = ModelName.parse(model);
    return "/models/" + name.namespace() + "/" + name.name() + "/" + verb;
  }
}
