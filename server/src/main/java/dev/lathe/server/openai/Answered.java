package dev.lathe.server.openai;

import dev.lathe.generate.GenerateEvent;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/**
 * What all parts of one answer have in common.
 *
 * @param id its name
 * @param created seconds since 1970
 * @param model as the request named it
 * @param fingerprint the version that answers
 */
record Answered(String id, long created, String model, String fingerprint) {
  static Answered now(String prefix, AskedModel asked) {
    return new Answered(
        Ids.of(prefix), Instant.now().getEpochSecond(), asked.name(), asked.fingerprint());
  }

  /** An object of this answer. */
  ObjectNode object(String type) {
    return Bodies.JSON
        .createObjectNode()
        .put("id", id)
        .put("object", type)
        .put("created", created)
        .put("model", model)
        .put("system_fingerprint", fingerprint);
  }

  /** What a request took. */
  static ObjectNode usage(GenerateEvent.Usage usage) {
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("prompt_tokens", usage.promptTokens());
    node.put("completion_tokens", usage.answerTokens());
    node.put("total_tokens", usage.promptTokens() + usage.answerTokens());
    node.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
    return node;
  }

  /** The sum of what two requests took. */
  static GenerateEvent.Usage sum(GenerateEvent.Usage first, GenerateEvent.Usage second) {
    return new GenerateEvent.Usage(
        first.promptTokens() + second.promptTokens(),
        first.cachedTokens() + second.cachedTokens(),
        first.answerTokens() + second.answerTokens(),
        second.timing());
  }
}
