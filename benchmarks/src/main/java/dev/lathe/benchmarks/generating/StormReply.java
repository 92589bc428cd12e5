package dev.lathe.benchmarks.generating;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an answer says, whole or in pieces: the text of each choice, the version that wrote it if
 * that is told, how it ended, and whether its end came.
 */
final class StormReply {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final StormAsk.Door door;
  private final Map<Integer, StringBuilder> texts = new TreeMap<>();
  private String version = "";
  private String finish = "";
  private String error = "";
  private boolean complete;

  private StormReply(StormAsk.Door door) {
    this.door = door;
  }

  static StormReply whole(StormAsk.Door door, String body) {
    StormReply reply = new StormReply(door);
    JsonNode json = JSON.readTree(body);
    reply.complete = true;
    switch (door) {
      case CHAT, COMPLETION -> reply.choices(json, "message");
      case RESPONSE -> {
        for (JsonNode item : json.path("output")) {
          item.path("content").forEach(part -> reply.add(0, part.path("text").asString("")));
        }
        reply.finish = json.path("status").asString("");
      }
      case MESSAGE -> {
        json.path("content").forEach(part -> reply.add(0, part.path("text").asString("")));
        reply.finish = json.path("stop_reason").asString("");
      }
      case ANSWER -> reply.add(0, json.path("answer").asString("")).version(json.path("version"));
      case TRANSLATE ->
          json.path("translations").forEach(one -> reply.add(0, one.path("text").asString("")));
      case NUMBERS -> reply.add(0, json.at("/outputs/0/data").toString());
    }
    return reply;
  }

  static StormReply streamed(StormAsk.Door door, String body) {
    StormReply reply = new StormReply(door);
    body.lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring(6))
        .forEach(reply::event);
    return reply;
  }

  private void event(String data) {
    if (data.equals("[DONE]")) {
      complete = true;
      return;
    }
    JsonNode json = JSON.readTree(data);
    String type = json.path("type").asString("");
    if (json.has("error") && !json.path("error").isNull() || type.equals("error")) {
      error = data;
      return;
    }
    switch (type) {
      case "response.output_text.delta" -> add(0, json.path("delta").asString(""));
      case "response.completed", "response.incomplete" -> complete = true;
      case "content_block_delta" -> add(0, json.at("/delta/text").asString(""));
      case "message_stop" -> complete = true;
      default -> choices(json, "delta");
    }
  }

  private void choices(JsonNode json, String part) {
    version(json.path("system_fingerprint"));
    for (JsonNode choice : json.path("choices")) {
      int index = choice.path("index").asInt(0);
      JsonNode told = door == StormAsk.Door.CHAT ? choice.path(part) : choice;
      add(index, told.path(door == StormAsk.Door.CHAT ? "content" : "text").asString(""));
      for (JsonNode call : told.path("tool_calls")) {
        add(index, call.at("/function/arguments").asString(""));
      }
      finish = choice.path("finish_reason").asString(finish);
    }
  }

  private StormReply add(int choice, String text) {
    texts.computeIfAbsent(choice, _ -> new StringBuilder()).append(text);
    return this;
  }

  private void version(JsonNode told) {
    String text = told.asString("");
    version = text.isEmpty() ? version : text.substring(text.indexOf('@') + 1);
  }

  /** The texts of all choices, in their order. */
  String text() {
    return String.join("\n---\n", texts.values());
  }

  /** {@code v1}; empty if it is not told. */
  String version() {
    return version;
  }

  /** Whether it was cut at the most tokens. */
  boolean isCut() {
    return finish.equals("length") || finish.equals("incomplete") || finish.equals("max_tokens");
  }

  /** What went wrong after a stream had begun; empty if nothing did. */
  String error() {
    return error;
  }

  boolean isComplete() {
    return complete;
  }
}
