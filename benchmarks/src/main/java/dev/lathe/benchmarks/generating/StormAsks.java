package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.generating.StormAsk.Door;
import dev.lathe.benchmarks.generating.StormAsk.Must;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests of all kinds at random. */
final class StormAsks {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> WORDS =
      List.of(
          "wind", "rain", "the", "answer", "to", "a", "storm", "is", "häuser", "日本", "seven", "of");
  private static final Set<String> COLOURS = Set.of("red", "green", "blue");
  private static final String SCHEMA =
      """
      {"type": "object", "additionalProperties": false, "required": ["name", "count", "tags"],
       "properties": {
         "name": {"type": "string", "maxLength": 6},
         "count": {"type": "integer", "minimum": 0, "maximum": 999},
         "tags": {"type": "array", "maxItems": 2, "items": {"enum": ["red", "green", "blue"]}}}}
      """;

  private final SplittableRandom random;

  StormAsks(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Requests that are answered with the same text every time. */
  List<StormAsk> known(int count) {
    List<StormAsk> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(
          switch (i % 10) {
            case 0, 1 -> chat(seeded(JSON.createObjectNode(), "max_tokens"), new Must.BeKnown());
            case 2 -> completion(StormModels.CHAT);
            case 3, 4 -> completion(StormModels.adapter(random.nextInt(StormModels.ADAPTERS)));
            case 5 -> response();
            case 6 -> message();
            case 7 -> answer();
            case 8 -> translate();
            default -> structured(seeded(JSON.createObjectNode(), ""), new Must.BeKnown());
          });
    }
    return all;
  }

  /** One that is answered in another way every time, or refused. */
  StormAsk other() {
    return switch (random.nextInt(9)) {
      case 0 ->
          structured(JSON.createObjectNode().put("temperature", 1), new Must.Fit(StormAsks::fits));
      case 1 -> tool();
      case 2 -> colour();
      case 3, 4 -> numbers();
      case 5 -> tooLong();
      case 6 -> impossible();
      default -> chat(JSON.createObjectNode().put("max_tokens", 1 + random.nextInt(60)), any());
    };
  }

  private static Must any() {
    return new Must.Fit(_ -> true);
  }

  private ObjectNode seeded(ObjectNode body, String limit) {
    if (random.nextInt(2) == 0) {
      body.put("temperature", 0);
    } else {
      body.put("temperature", 0.5).put("seed", random.nextInt(1000));
    }
    return limit.isEmpty() ? body : body.put(limit, 4 + random.nextInt(60));
  }

  private String words(int most) {
    return random
        .ints(1 + random.nextInt(most), 0, WORDS.size())
        .mapToObj(WORDS::get)
        .collect(Collectors.joining(" "));
  }

  private StormAsk chat(ObjectNode body, Must must) {
    if (random.nextInt(3) == 0) {
      body.put("priority", 1 + random.nextInt(9));
    }
    messages(body);
    return new StormAsk(Door.CHAT, StormModels.CHAT, body, must);
  }

  /** Some begin alike, so that there is something to be found in the cache. */
  private void messages(ObjectNode body) {
    var messages = body.putArray("messages");
    if (random.nextInt(2) == 0) {
      messages.addObject().put("role", "system").put("content", "the storm is of wind and rain");
    }
    messages.addObject().put("role", "user").put("content", words(20));
    if (random.nextInt(3) == 0) {
      messages.addObject().put("role", "assistant").put("content", words(8));
      messages.addObject().put("role", "user").put("content", words(8));
    }
  }

  private StormAsk completion(String model) {
    ObjectNode body = seeded(JSON.createObjectNode(), "max_tokens").put("prompt", words(30));
    if (random.nextInt(4) == 0) {
      body.put("n", 2 + random.nextInt(2));
    }
    if (random.nextInt(4) == 0) {
      body.put("logprobs", 5);
    }
    return new StormAsk(Door.COMPLETION, model, body, new Must.BeKnown());
  }

  private StormAsk response() {
    ObjectNode body = JSON.createObjectNode().put("temperature", 0).put("input", words(20));
    body.put("max_output_tokens", 16 + random.nextInt(40)).put("store", random.nextInt(2) == 0);
    return new StormAsk(Door.RESPONSE, StormModels.CHAT, body, new Must.BeKnown());
  }

  private StormAsk message() {
    ObjectNode body = JSON.createObjectNode().put("temperature", 0);
    body.put("max_tokens", 4 + random.nextInt(60));
    body.putArray("messages").addObject().put("role", "user").put("content", words(20));
    return new StormAsk(Door.MESSAGE, StormModels.CHAT, body, new Must.BeKnown());
  }

  private StormAsk answer() {
    ObjectNode body = JSON.createObjectNode().put("question", words(8)).put("context", words(20));
    body.put("max_tokens", 4 + random.nextInt(30));
    return new StormAsk(Door.ANSWER, StormModels.CHAT, body, new Must.BeKnown());
  }

  private StormAsk translate() {
    ObjectNode body = JSON.createObjectNode();
    body.putArray("texts").add(words(5)).add(words(5));
    body.put("beams", 1 + random.nextInt(2)).put("max_tokens", 4 + random.nextInt(12));
    return new StormAsk(Door.TRANSLATE, StormModels.WRITER, body, new Must.BeKnown());
  }

  private StormAsk structured(ObjectNode body, Must must) {
    ObjectNode format = body.putObject("response_format").put("type", "json_schema");
    ObjectNode named = format.putObject("json_schema").put("name", "storm").put("strict", true);
    named.set("schema", JSON.readTree(SCHEMA));
    return chat(body.put("max_tokens", 20 + random.nextInt(130)), must);
  }

  private StormAsk tool() {
    ObjectNode body = JSON.createObjectNode().put("max_tokens", 200).put("tool_choice", "required");
    ObjectNode function = body.putArray("tools").addObject().put("type", "function");
    function.putObject("function").put("name", "note").set("parameters", JSON.readTree(SCHEMA));
    return chat(body, new Must.Fit(StormAsks::fits));
  }

  private StormAsk colour() {
    ObjectNode body = JSON.createObjectNode().put("max_tokens", 20);
    body.putObject("structured_outputs").putArray("choice").add("red").add("green").add("blue");
    return chat(body, new Must.Fit(COLOURS::contains));
  }

  private StormAsk tooLong() {
    ObjectNode body = JSON.createObjectNode().put("max_tokens", 1);
    body.put("prompt", "rain wind ".repeat(StormModels.CONTEXT));
    return new StormAsk(Door.COMPLETION, StormModels.CHAT, body, new Must.BeRefused(400));
  }

  private StormAsk impossible() {
    ObjectNode body = JSON.createObjectNode();
    switch (random.nextInt(4)) {
      case 0 -> body.put("n", 1000);
      case 1 -> body.put("tool_choice", "no_such");
      case 2 -> body.put("temperature", -1);
      default -> {
        ObjectNode schema = body.putObject("structured_outputs").putObject("json");
        schema.put("type", "string").put("contentEncoding", "base64").put("no_such_keyword", 1);
      }
    }
    return chat(body, new Must.BeRefused(400));
  }

  /** Some have less time than a run takes. */
  private StormAsk numbers() {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("parameters").put("timeout", random.nextInt(2) == 0 ? 1 : 5_000_000);
    ObjectNode input = body.putArray("inputs").addObject().put("name", "x").put("datatype", "FP32");
    input.putArray("shape").add(1).add(64);
    random.doubles(64).forEach(input.putArray("data")::add);
    return new StormAsk(Door.NUMBERS, StormModels.NUMBERS, body, new Must.BeInTime());
  }

  /** Whether a text is what the schema asks for, looked at by hand. */
  static boolean fits(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      boolean tags = json.path("tags").isArray() && json.path("tags").size() <= 2;
      for (JsonNode tag : json.path("tags")) {
        tags &= COLOURS.contains(tag.asString(""));
      }
      String name = json.path("name").asString("too long");
      return json.size() == 3
          && tags
          && json.path("name").isString()
          && name.codePointCount(0, name.length()) <= 6
          && json.path("count").isIntegralNumber()
          && json.path("count").asInt() >= 0
          && json.path("count").asInt() <= 999;
    } catch (JacksonException e) {
      return false;
    }
  }
}
