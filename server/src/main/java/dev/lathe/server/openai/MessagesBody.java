package dev.lathe.server.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of Anthropic's messages as that of a chat: blocks become parts, calls and messages of
 * tools; schemas of tools become functions. Neighbours of one role become one message, and an
 * answer that the last one begins goes on.
 *
 * @param chat what a chat would be asked
 * @param stops the texts that end the answer
 * @param stream whether the answer comes as events
 * @see <a href="https://docs.anthropic.com/en/api/messages">Messages</a>
 */
record MessagesBody(Fields chat, List<String> stops, boolean stream) {
  private static final int MOST = 10_000;
  private static final Set<String> WITHOUT_MEANING =
      Set.of("metadata", "service_tier", "thinking", "cache_control");

  /** A question that is to be answered. */
  static MessagesBody of(JsonNode json) {
    Fields body = Fields.of(json, "");
    if (body.whole("max_tokens", 1, Integer.MAX_VALUE).isEmpty()) {
      throw Fields.bad("max_tokens", "missing", "a whole number from 1");
    }
    return read(body);
  }

  /** A question whose tokens are only counted. */
  static MessagesBody counted(JsonNode json) {
    return read(Fields.of(json, ""));
  }

  private static MessagesBody read(Fields body) {
    ObjectNode chat = Bodies.JSON.createObjectNode();
    body.needText("model");
    body.number("temperature", 0, 1).ifPresent(value -> chat.put("temperature", value));
    body.number("top_p", 0, 1).ifPresent(value -> chat.put("top_p", value));
    body.whole("top_k", 0, Integer.MAX_VALUE).ifPresent(value -> chat.put("top_k", value));
    body.whole("max_tokens", 1, Integer.MAX_VALUE)
        .ifPresent(value -> chat.put("max_completion_tokens", value));
    List<String> stops = stops(body.node("stop_sequences"));
    if (!stops.isEmpty()) {
      stops.forEach(chat.putArray("stop")::add);
    }
    ArrayNode messages = chat.putArray("messages");
    messages(body, messages);
    tools(body, chat);
    goOn(messages, chat);
    boolean stream = body.flag("stream");
    body.ignore(WITHOUT_MEANING);
    body.end();
    return new MessagesBody(Fields.of(chat, ""), stops, stream);
  }

  private static List<String> stops(JsonNode node) {
    List<String> stops = new ArrayList<>();
    if (!node.isMissingNode() && !node.isArray()) {
      throw Fields.bad("stop_sequences", Fields.shown(node), "an array of texts");
    }
    for (JsonNode one : node) {
      if (!one.isString()) {
        throw Fields.bad("stop_sequences", Fields.shown(one), "texts");
      }
      stops.add(one.stringValue());
    }
    return stops;
  }

  private static void messages(Fields body, ArrayNode messages) {
    JsonNode system = body.node("system");
    if (!system.isMissingNode()) {
      messages.addObject().put("role", "system").put("content", text(system, "system"));
    }
    JsonNode given = body.node("messages");
    if (!given.isArray() || given.isEmpty() || given.size() > MOST) {
      String found = given.isArray() ? given.size() + " messages" : Fields.shown(given);
      throw Fields.bad("messages", found, "an array of 1 to " + MOST);
    }
    for (int i = 0; i < given.size(); i++) {
      message(Fields.of(given.get(i), "messages[" + i + "]"), messages);
    }
    join(messages);
  }

  /** A text, or blocks of texts. */
  private static String text(JsonNode node, String path) {
    if (node.isString()) {
      return node.stringValue();
    }
    if (!node.isArray()) {
      throw Fields.bad(path, Fields.shown(node), "a text, or an array of blocks");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < node.size(); i++) {
      Fields block = Fields.of(node.get(i), path + "[" + i + "]");
      if (!block.needText("type").equals("text")) {
        throw other(block, "text");
      }
      text.append(block.needText("text"));
    }
    return text.toString();
  }

  private static RuntimeException other(Fields block, String expected) {
    return Fields.bad(
        block.name("type"),
        "\"" + block.needText("type") + "\"",
        expected + ": this model reads nothing else");
  }

  private static void message(Fields message, ArrayNode messages) {
    String role = message.needText("role");
    if (!Set.of("user", "assistant").contains(role)) {
      throw Fields.bad(message.name("role"), "\"" + role + "\"", "user or assistant");
    }
    JsonNode content = message.node("content");
    message.end();
    String path = message.name("content");
    if (content.isString()) {
      say(Bodies.JSON.createObjectNode().put("role", role), content.stringValue(), messages);
      return;
    }
    if (!content.isArray() || content.isEmpty() || content.size() > MOST) {
      throw Fields.bad(path, Fields.shown(content), "a text, or an array of blocks");
    }
    ObjectNode said = Bodies.JSON.createObjectNode().put("role", role);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      Fields block = Fields.of(content.get(i), path + "[" + i + "]");
      String type = block.needText("type");
      switch (type) {
        case "text" -> text.append(block.needText("text"));
        case "thinking", "redacted_thinking" -> {}
        case "tool_use" -> call(block, said);
        case "tool_result" -> result(block, messages);
        default -> throw other(block, "text, tool_use, tool_result or thinking");
      }
    }
    if (!text.isEmpty() || said.has("tool_calls")) {
      say(said, text.toString(), messages);
    }
  }

  /** Adds a message, or joins it to the one before if that has its role: templates want turns. */
  private static void say(ObjectNode said, String text, ArrayNode messages) {
    ObjectNode turn = said;
    if (messages.path(messages.size() - 1).path("role").equals(said.path("role"))) {
      turn = (ObjectNode) messages.get(messages.size() - 1);
      for (JsonNode call : said.path("tool_calls")) {
        turn.withArray("tool_calls").add(call);
      }
    } else {
      messages.add(said);
    }
    turn.withArray("content").add(text);
  }

  /** Puts the texts of each turn together, once it is known how many there are. */
  private static void join(ArrayNode messages) {
    for (JsonNode turn : messages) {
      if (turn.path("content").isArray()) {
        List<String> texts = new ArrayList<>();
        turn.path("content").forEach(text -> texts.add(text.stringValue()));
        texts.removeIf(String::isEmpty);
        ((ObjectNode) turn).put("content", String.join("\n\n", texts));
      }
    }
  }

  /** A last message of the assistant's is the beginning of the answer. */
  private static void goOn(ArrayNode messages, ObjectNode chat) {
    JsonNode last = messages.path(messages.size() - 1);
    if (!last.path("role").asString("").equals("assistant")) {
      return;
    }
    String begun = last.path("content").asString("");
    if (begun.isEmpty() && !last.has("tool_calls")) {
      messages.remove(messages.size() - 1);
      return;
    }
    if (!begun.equals(begun.stripTrailing())) {
      throw Fields.bad(
          "messages", "the last one, the assistant's, ends with white space", "none at its end");
    }
    String choice = chat.path("tool_choice").asString("auto");
    if (chat.path("tool_choice").isObject() || choice.equals("required")) {
      throw Fields.bad(
          "tool_choice", "a call, after the beginning of an answer", "auto or none there");
    }
    chat.put("continue_final_message", true);
  }

  private static void call(Fields block, ObjectNode said) {
    ObjectNode call = said.withArray("tool_calls").addObject();
    call.put("id", block.needText("id")).put("type", "function");
    JsonNode input = block.node("input");
    call.putObject("function")
        .put("name", block.needText("name"))
        .put("arguments", input.isMissingNode() ? "{}" : input.toString());
  }

  private static void result(Fields block, ArrayNode messages) {
    JsonNode content = block.node("content");
    messages
        .addObject()
        .put("role", "tool")
        .put("tool_call_id", block.needText("tool_use_id"))
        .put("content", content.isMissingNode() ? "" : text(content, block.name("content")));
  }

  private static void tools(Fields body, ObjectNode chat) {
    JsonNode tools = body.node("tools");
    if (!tools.isMissingNode() && !tools.isArray()) {
      throw Fields.bad("tools", Fields.shown(tools), "an array");
    }
    for (int i = 0; i < tools.size(); i++) {
      Fields tool = Fields.of(tools.get(i), "tools[" + i + "]");
      if (!tool.text("type").orElse("custom").equals("custom")) {
        throw Fields.bad(tool.name("type"), tool.needText("type"), "custom, or none");
      }
      ObjectNode function = Bodies.JSON.createObjectNode().put("name", tool.needText("name"));
      tool.text("description").ifPresent(text -> function.put("description", text));
      if (!tool.has("input_schema")) {
        throw Fields.bad(tool.name("input_schema"), "missing", "an object");
      }
      function.set("parameters", tool.node("input_schema"));
      if (tool.flag("strict")) {
        function.put("strict", true);
      }
      tool.ignore(WITHOUT_MEANING);
      tool.end();
      chat.withArray("tools").addObject().put("type", "function").set("function", function);
    }
    JsonNode choice = body.node("tool_choice");
    if (!choice.isMissingNode()) {
      choice(Fields.of(choice, "tool_choice"), chat);
    }
  }

  private static void choice(Fields choice, ObjectNode chat) {
    String type = choice.needText("type");
    switch (type) {
      case "auto", "none" -> chat.put("tool_choice", type);
      case "any" -> chat.put("tool_choice", "required");
      case "tool" -> {
        ObjectNode named = chat.putObject("tool_choice").put("type", "function");
        named.putObject("function").put("name", choice.needText("name"));
      }
      default ->
          throw Fields.bad("tool_choice.type", "\"" + type + "\"", "auto, any, tool or none");
    }
    choice.flag("disable_parallel_tool_use");
    choice.end();
  }
}
