package dev.lathe.server.openai;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a response is asked, as items of one form: clients may write them in several. */
final class ResponseItems {
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
      items.add(whole((ObjectNode) item.deepCopy()));
    }
    return items;
  }

  private static ObjectNode whole(ObjectNode item) {
    String type = item.path("type").asString("message");
    item.put("type", type);
    if (!item.path("id").isString()) {
      item.put("id", Ids.of(type.equals("message") ? "msg_" : "item_"));
    }
    JsonNode content = item.path("content");
    if (type.equals("message") && content.isString()) {
      boolean said = item.path("role").asString("").equals("assistant");
      ObjectNode part = Bodies.JSON.createObjectNode();
      part.put("type", said ? "output_text" : "input_text").put("text", content.stringValue());
      if (said) {
        part.putArray("annotations");
      }
      item.putArray("content").add(part);
    }
    if (type.equals("message") && !item.path("status").isString()) {
      item.put("status", "completed");
    }
    return item;
  }
}
