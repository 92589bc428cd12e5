package dev.lathe.server.api;

import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.Embedded;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import dev.lathe.server.Right;
import dev.lathe.server.Texts;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import dev.lathe.server.api.Route.Gives;
import dev.lathe.server.api.Route.Takes;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import java.util.List;

/** The table of the verbs about texts: one line for each. */
final class TextRoutes {
  private final String model;

  private TextRoutes(String model) {
    this.model = model;
  }

  /** What is asked and given: the records of a verb. */
  private record Words(Class<?> takes, Class<?> gives) {}

  static List<Route> of(Texts texts, String model) {
    TextHandlers handlers = new TextHandlers(texts);
    TextRoutes routes = new TextRoutes(model);
    return List.of(
        routes.route(
            "translate",
            "Writes another text for each text: a translation, a summary.",
            new Words(TranslateRequest.class, Translated.class),
            handlers::translate),
        routes.route(
            "answer",
            "Finds the answer to a question in texts, or writes it from them.",
            new Words(AnswerRequest.class, Answered.class),
            handlers::answer),
        routes.route(
            "classify",
            "Names the classes of texts, or of their parts.",
            new Words(ClassifyRequest.class, Classified.class),
            handlers::classify),
        routes.route(
            "rerank",
            "Orders documents by how well they fit a query.",
            new Words(RerankRequest.class, Reranked.class),
            handlers::rerank),
        routes.route(
            "embed",
            "Makes a vector of each text, near for texts that are alike.",
            new Words(EmbedRequest.class, Embedded.class),
            handlers::embed));
  }

  private Route route(String name, String summary, Words words, Handler handler) {
    return new Route(
        Right.INFER,
        Method.POST,
        model + "/" + name,
        name,
        summary,
        Takes.json(words.takes()),
        Gives.one(words.gives()),
        handler);
  }
}
