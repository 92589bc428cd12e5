package dev.lathe.server.openai;

import dev.lathe.generate.Caller;
import dev.lathe.generate.Ending;
import dev.lathe.generate.Sampling;
import dev.lathe.generate.StopText;
import dev.lathe.generate.TextModel;
import dev.lathe.server.access.AskedTimeout;
import dev.lathe.server.access.Background;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The fields that chats and completions have in common: how tokens are drawn, when it ends. */
final class TextFields {
  /** Understood, and without meaning here. */
  static final Set<String> WITHOUT_MEANING =
      Set.of(
          "user",
          "store",
          "metadata",
          "service_tier",
          "safety_identifier",
          "prompt_cache_key",
          "prompt_cache_retention",
          "parallel_tool_calls",
          "reasoning_effort",
          "verbosity");

  private static final int MOST_CHOICES = 128;
  private static final int MOST_BIASES = 1024;

  private TextFields() {}

  static int choices(Fields body) {
    return (int) (long) body.whole("n", 1, MOST_CHOICES).orElse(1L);
  }

  /** How tokens are drawn: as the model's makers say, except what the request says. */
  static Sampling sampling(Fields body, TextModel model) {
    Sampling sampling = model.sampling();
    sampling =
        sampling.withTemperature(body.number("temperature", 0, 2).orElse(sampling.temperature()));
    sampling = sampling.withTopP(body.number("top_p", 0, 1).orElse(sampling.topP()));
    sampling = sampling.withMinP(body.number("min_p", 0, 1).orElse(sampling.minP()));
    sampling = sampling.withTypical(body.number("typical_p", 0, 1).orElse(sampling.typical()));
    Optional<Long> topK = body.whole("top_k", -1, Integer.MAX_VALUE);
    sampling = sampling.withTopK(topK.map(k -> (int) Math.max(0, k)).orElse(sampling.topK()));
    Sampling.Penalties usual = sampling.penalties();
    sampling =
        sampling.withPenalties(
            new Sampling.Penalties(
                body.number("repetition_penalty", 0.01, 100).orElse(usual.repetition()),
                body.number("frequency_penalty", -2, 2).orElse(usual.frequency()),
                body.number("presence_penalty", -2, 2).orElse(usual.presence())));
    sampling = sampling.withBias(bias(body, model.vocabulary()));
    Optional<Long> seed = body.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    return seed.isPresent() ? sampling.withSeed(seed.get()) : sampling;
  }

  private static Map<Integer, Float> bias(Fields body, int vocabulary) {
    JsonNode node = body.node("logit_bias");
    if (node.isMissingNode()) {
      return Map.of();
    }
    if (!node.isObject() || node.size() > MOST_BIASES) {
      throw Fields.bad(
          body.name("logit_bias"),
          node.isObject() ? node.size() + " tokens" : Fields.shown(node),
          "an object of at most " + MOST_BIASES + " tokens");
    }
    Map<Integer, Float> bias = new HashMap<>();
    Fields values = Fields.of(node, body.name("logit_bias"));
    for (String token : node.propertyNames()) {
      boolean number = token.matches("[0-9]{1,9}");
      if (!number || Integer.parseInt(token) >= vocabulary) {
        throw Fields.bad(
            body.name("logit_bias"), "token \"" + token + "\"", "0 to " + (vocabulary - 1));
      }
      values
          .number(token, -100, 100)
          .ifPresent(v -> bias.put(Integer.parseInt(token), (float) (double) v));
    }
    return bias;
  }

  /** When an answer ends. */
  static Ending ending(Fields body, int usualTokens, int vocabulary) {
    Optional<Long> most = body.whole("max_completion_tokens", 1, Integer.MAX_VALUE);
    Optional<Long> older = body.whole("max_tokens", 0, Integer.MAX_VALUE);
    int tokens = (int) (long) most.or(() -> older).orElse((long) usualTokens);
    long least = body.whole("min_tokens", 0, tokens).orElse(0L);
    Ending ending =
        Ending.after(tokens)
            .withStops(stops(body))
            .withStopTokens(stopTokens(body, vocabulary))
            .withMinTokens((int) least);
    return body.flag("ignore_eos") ? ending.ignoringEndTokens() : ending;
  }

  private static List<String> stops(Fields body) {
    JsonNode node = body.node("stop");
    if (node.isMissingNode()) {
      return List.of();
    }
    List<String> stops = new ArrayList<>();
    if (node.isString()) {
      stops.add(node.stringValue());
    } else if (node.isArray() && node.size() <= StopText.MOST) {
      node.forEach(one -> stops.add(one.isString() ? one.stringValue() : ""));
    } else {
      String found = node.isArray() ? node.size() + " texts" : Fields.shown(node);
      throw Fields.bad(body.name("stop"), found, "a text, or an array of at most " + StopText.MOST);
    }
    for (int i = 0; i < stops.size(); i++) {
      int length = stops.get(i).length();
      if (length == 0 || length > StopText.LONGEST) {
        throw Fields.bad(
            body.name("stop"),
            "text " + i + " of " + length + " characters",
            "1 to " + StopText.LONGEST);
      }
    }
    return stops;
  }

  private static Set<Integer> stopTokens(Fields body, int vocabulary) {
    JsonNode node = body.node("stop_token_ids");
    return node.isMissingNode()
        ? Set.of()
        : new HashSet<>(TokenArrays.tokens(node, body.name("stop_token_ids"), vocabulary));
  }

  /** Who asks; the lower {@code priority}, the more urgent it is. Work in the background is not. */
  static Caller caller(Fields body, String tenant) {
    long asked = body.whole("priority", 1, Caller.LOWEST).orElse((long) Caller.USUAL.priority());
    boolean waits = Background.current().isPresent();
    return new Caller(tenant, waits ? Caller.LOWEST : (int) asked, AskedTimeout.current());
  }
}
