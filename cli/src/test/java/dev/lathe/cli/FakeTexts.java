package dev.lathe.cli;

import dev.lathe.ir.Tensor;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.Embedded;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import dev.lathe.server.TextReply;
import dev.lathe.server.Texts;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import java.util.List;
import java.util.Locale;

/**
 * Verbs about texts with known answers.
 *
 * @param asked remembers what they were asked
 */
record FakeTexts(List<String> asked) implements Texts {
  @Override
  public Translated translate(String model, TranslateRequest request) {
    asked.add("translate " + model + " " + request.texts());
    return new Translated(
        model,
        "v2",
        request.texts().stream()
            .map(
                text ->
                    new Translated.Translation(
                        text.toUpperCase(Locale.ROOT),
                        -0.5,
                        request.alternatives().orElse(0) > 0
                            ? List.of(new Translated.Alternative("else", -1))
                            : List.of()))
            .toList(),
        3,
        4);
  }

  @Override
  public Answered answer(String model, AnswerRequest request) {
    String from = request.context().orElse("") + request.documents().orElse(List.of());
    asked.add("answer " + model + " " + request.question() + " " + from);
    if (model.equals("demo/chat")) {
      TextReply reply = new TextReply(model, "v2", "It is blue.\n", "length", 9, 4, 3);
      List<Answered.Quote> quotes = List.of(new Answered.Quote("It is blue", "sky", 4, 14, 0));
      return Answered.of(new Answered.Written(reply, quotes, List.of("sea")));
    }
    boolean none = request.allowNoAnswer().orElse(false);
    List<Answered.Answer> answers =
        none
            ? List.of()
            : List.of(
                new Answered.Answer("blue", 0.875, 11, 15, request.documents().map(_ -> "d")));
    return Answered.of(model, "v2", new Answered.Found(answers, 0.0625, 1));
  }

  @Override
  public Classified classify(String model, ClassifyRequest request) {
    asked.add("classify " + model + " " + request.texts() + request.labels().orElse(List.of()));
    return new Classified(
        model,
        "v2",
        request.texts().stream()
            .map(
                text ->
                    text.startsWith("In ")
                        ? new Classified.Row(
                            List.of(), List.of(new Classified.Span("LOC", 0.75, 3, 8, "Paris")))
                        : new Classified.Row(
                            List.of(
                                new Classified.Score("good", 0.75),
                                new Classified.Score("bad", 0.25)),
                            List.of()))
            .toList());
  }

  @Override
  public Reranked rerank(String model, RerankRequest request) {
    return new Reranked(model, "v2", List.of(new Reranked.Result(0, 0.5)), 3);
  }

  @Override
  public Embedded embed(String model, EmbedRequest request) {
    return new Embedded(model, "v2", Tensor.ofFloats(new float[] {1, 0}, 1, 2), 3);
  }
}
