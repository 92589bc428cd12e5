package dev.lathe.server.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a response is asked, as items of one form: clients may write them in several. What {@link
 * ResponseBody} does not read, and so costs its sender nothing, is not among them.
 */
final class ResponseItems {
  private static final int LONGEST_ID = 128;
  private static final Set<String> STATES = Set.of("in_progress", "completed", "incomplete");

  private ResponseItems() {}

  /** The items of an {@code input} that was found right; each has an id and says what it is. */
  static List<JsonNode> of(JsonNode input) {
    if (input.isString()) {
      ObjectNode message = Bodies.JSON.createObjectNode().put("role", "user");
      message.set("content", input);
      return List.of(whole(message));
    }
    List<JsonNode> items = new ArrayList<>();
    for (JsonNode item : input) {
      if (!isThought(item)) {
        items.add(whole(item));
      }
    }
    return items;
  }

  /** Whether an item is a model's thoughts, which are not read again. */
  static boolean isThought(JsonNode item) {
    return item.path("type").asString("").equals("reasoning");
  }

  private static ObjectNode whole(JsonNode item) {
    String type = item.path("type").asString("message");
    boolean message = type.equals("message");
    ObjectNode whole = Bodies.JSON.createObjectNode().put("type", type);
    String id = item.path("id").asString("");
    boolean named = !id.isEmpty() && id.length() <= LONGEST_ID;
    whole.put("id", named ? id : Ids.of(message ? "msg_" : "item_"));
    List<String> read =
        switch (type) {
          case "function_call" -> List.of("call_id", "name", "arguments");
          case "function_call_output" -> List.of("call_id", "output");
          default -> List.of("role");
        };
    for (String name : read) {
      if (item.has(name)) {
        whole.set(name, item.get(name));
      }
    }
    if (message) {
      content(item, whole.putArray("content"));
    }
    String status = item.path("status").asString("");
    if (message || STATES.contains(status)) {
      whole.put("status", STATES.contains(status) ? status : "completed");
    }
    return whole;
  }

  private static void content(JsonNode message, ArrayNode parts) {
    JsonNode content = message.path("content");
    if (content.isString()) {
      boolean said = message.path("role").asString("").equals("assistant");
      part(said ? "output_text" : "input_text", content, parts);
      return;
    }
    for (JsonNode part : content) {
      String type = part.path("type").asString("");
      part(type, part.path(type.equals("refusal") ? type : "text"), parts);
    }
  }

  private static void part(String type, JsonNode text, ArrayNode parts) {
    ObjectNode part = parts.addObject().put("type", type);
    part.set(type.equals("refusal") ? type : "text", text);
    if (type.equals("output_text")) {
      part.putArray("annotations");
    }
  }
}
