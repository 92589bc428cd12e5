package dev.lathe.server.tasks;

import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import dev.lathe.server.Texts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Orders and scores in the words of others: {@code /v1/rerank} as Jina, Cohere and vLLM have it,
 * {@code /v1/score} as vLLM has it.
 *
 * @param texts the verbs
 */
record ScoreHandlers(Texts texts) {
  private static final Set<String> RERANK =
      Set.of("model", "query", "documents", "top_n", "return_documents", "user");
  private static final Set<String> SCORE = Set.of("model", "text_1", "text_2", "user");

  byte[] rerank(ObjectNode body) {
    NamedModel named = NamedModel.of(body.path("model").asString(""));
    requireKnown(body, RERANK);
    List<String> documents = texts(body, "documents");
    Optional<Integer> top = Optional.empty();
    if (body.hasNonNull("top_n")) {
      if (!body.path("top_n").isInt() || body.path("top_n").asInt() < 1) {
        throw Bounds.bad("\"top_n\": " + body.path("top_n") + " (expected: from 1)");
      }
      top = Optional.of(Math.min(documents.size(), body.path("top_n").asInt()));
    }
    JsonNode whole = body.path("return_documents");
    if (!whole.isMissingNode() && !whole.isBoolean()) {
      throw Bounds.bad("\"return_documents\": " + whole + " (expected: true or false)");
    }
    List<String> query = texts(body, "query");
    RerankRequest request = new RerankRequest(named.version(), query.getFirst(), documents, top);
    Reranked reranked = texts.rerank(named.model(), request);
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    answer.put("id", "rerank-" + UUID.randomUUID());
    answer.put("model", body.path("model").asString(""));
    ArrayNode results = answer.putArray("results");
    for (Reranked.Result each : reranked.results()) {
      ObjectNode result = results.addObject();
      result.put("index", each.index());
      result.put("relevance_score", each.score());
      if (whole.asBoolean(true)) {
        result.putObject("document").put("text", documents.get(each.index()));
      }
    }
    answer.putObject("usage").put("total_tokens", reranked.tokens());
    return JsonMapper.shared().writeValueAsBytes(answer);
  }

  byte[] score(ObjectNode body) {
    NamedModel named = NamedModel.of(body.path("model").asString(""));
    requireKnown(body, SCORE);
    List<String> first = texts(body, "text_1");
    List<String> second = texts(body, "text_2");
    if (first.size() != 1 && first.size() != second.size()) {
      throw Bounds.bad(
          "\"text_1\": "
              + first.size()
              + " texts (expected: 1, or "
              + second.size()
              + ", one for each of text_2)");
    }
    double[] scores = new double[second.size()];
    int tokens = 0;
    for (int i = 0; i < first.size(); i++) {
      List<String> against = first.size() == 1 ? second : second.subList(i, i + 1);
      RerankRequest request =
          new RerankRequest(named.version(), first.get(i), against, Optional.empty());
      Reranked reranked = texts.rerank(named.model(), request);
      tokens += reranked.tokens();
      for (Reranked.Result each : reranked.results()) {
        scores[i + each.index()] = each.score();
      }
    }
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    answer.put("id", "score-" + UUID.randomUUID());
    answer.put("object", "list");
    answer.put("created", Instant.now().getEpochSecond());
    answer.put("model", body.path("model").asString(""));
    ArrayNode data = answer.putArray("data");
    for (int i = 0; i < scores.length; i++) {
      data.addObject().put("index", i).put("object", "score").put("score", scores[i]);
    }
    answer.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return JsonMapper.shared().writeValueAsBytes(answer);
  }

  private static void requireKnown(ObjectNode body, Set<String> known) {
    for (String key : body.propertyNames()) {
      if (!known.contains(key)) {
        throw Bounds.bad(
            "\"" + key + "\": unknown (expected: " + known.stream().sorted().toList() + ")");
      }
    }
  }

  /** A text, a list of texts, or a list of objects with a text. */
  private static List<String> texts(ObjectNode body, String key) {
    JsonNode given = body.path(key);
    List<String> texts = new ArrayList<>();
    for (JsonNode each : given.isArray() ? given : List.of(given)) {
      JsonNode text = each.isObject() ? each.path("text") : each;
      if (!text.isString()) {
        throw Bounds.bad(
            "\"" + key + "\": " + each.getNodeType() + " (expected: a text, or a list of texts)");
      }
      texts.add(text.stringValue());
    }
    Bounds.requireTexts("\"" + key + "\"", texts);
    return texts;
  }
}
