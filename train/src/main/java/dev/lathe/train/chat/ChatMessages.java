package dev.lathe.train.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Messages as OpenAI's API has them, brought to what chat templates take. */
final class ChatMessages {
  private static final int MOST_MESSAGES = 1000;
  private static final int MOST_TOOLS = 128;
  private static final String ANSWER = "assistant";
  private static final Set<String> ROLES =
      new TreeSet<>(Set.of("system", "developer", "user", ANSWER, "tool", "function"));
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ChatMessages() {}

  /**
   * Reads a conversation.
   *
   * @param said an object with {@code messages}
   * @throws dev.lathe.ir.LatheException BAD_DATA naming what is wrong by its path
   */
  static ChatLine.Chat chat(JsonNode said) {
    JsonNode all = said.path("messages");
    if (!all.isArray() || all.isEmpty() || all.size() > MOST_MESSAGES) {
      String found = all.isArray() ? all.size() + " messages" : ChatFile.found(all);
      throw ChatFile.bad(
          "messages: " + found + " (expected: a list of 1 to " + MOST_MESSAGES + ")");
    }
    List<ObjectNode> messages = new ArrayList<>();
    List<Integer> learned = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      String path = "messages[" + i + "]";
      ObjectNode message = message(all.get(i), path);
      boolean answers = message.path("role").asString("").equals(ANSWER);
      if (weight(all.get(i), path, answers) && answers) {
        learned.add(i);
      }
      messages.add(message);
    }
    String last = messages.getLast().path("role").asString("");
    if (!last.equals(ANSWER)) {
      throw ChatFile.bad(
          "messages["
              + (messages.size() - 1)
              + "].role: \""
              + last
              + "\" (expected: \"assistant\", since the last message is what is learned)");
    }
    if (learned.isEmpty()) {
      throw ChatFile.bad("messages: each answer has weight 0 (expected: one that is learned)");
    }
    return new ChatLine.Chat(messages, learned, tools(said.path("tools")));
  }

  private static ObjectNode message(JsonNode said, String path) {
    if (!(said instanceof ObjectNode object)) {
      throw ChatFile.bad(path + ": " + ChatFile.found(said) + " (expected: an object)");
    }
    ObjectNode message = object.deepCopy();
    message.remove("weight");
    JsonNode role = said.path("role");
    if (!ROLES.contains(role.asString(""))) {
      throw ChatFile.bad(
          path
              + ".role: "
              + ChatFile.found(role)
              + " (expected: one of "
              + String.join(", ", ROLES)
              + ")");
    }
    boolean instructs = role.asString("").equals("developer");
    message.put("role", instructs ? "system" : role.asString(""));
    JsonNode calls = said.path("tool_calls");
    message.remove("tool_calls");
    if (!calls.isMissingNode() && !calls.isNull()) {
      message.set("tool_calls", calls(calls, path + ".tool_calls"));
    }
    boolean silent = message.has("tool_calls") && role.asString("").equals(ANSWER);
    message.put("content", content(said.path("content"), path + ".content", silent));
    return message;
  }

  private static boolean weight(JsonNode said, String path, boolean answers) {
    JsonNode weight = said.path("weight");
    if (weight.isMissingNode() || weight.isNull()) {
      return true;
    }
    boolean known = weight.isNumber() && (weight.asDouble() == 0 || weight.asDouble() == 1);
    if (!known || !answers) {
      throw ChatFile.bad(
          path
              + ".weight: "
              + ChatFile.found(weight)
              + (answers ? " (expected: 0 or 1)" : " (expected: none but at an assistant's)"));
    }
    return weight.asDouble() == 1;
  }

  private static String content(JsonNode content, String path, boolean mayLack) {
    if (content.isString()) {
      return content.stringValue();
    }
    if (mayLack && (content.isMissingNode() || content.isNull())) {
      return "";
    }
    if (!content.isArray()) {
      throw ChatFile.bad(path + ": " + ChatFile.found(content) + " (expected: a text)");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      JsonNode part = content.get(i);
      if (!part.path("type").asString("").equals("text") || !part.path("text").isString()) {
        throw ChatFile.bad(
            path
                + "["
                + i
                + "].type: "
                + ChatFile.found(part.path("type"))
                + " (expected: a part of type text)");
      }
      text.append(part.path("text").stringValue());
    }
    return text.toString();
  }

  /** Calls with their arguments as objects, as templates want them. */
  private static ArrayNode calls(JsonNode calls, String path) {
    if (!calls.isArray() || calls.isEmpty() || calls.size() > MOST_TOOLS) {
      throw ChatFile.bad(
          path + ": " + ChatFile.found(calls) + " (expected: a list of 1 to " + MOST_TOOLS + ")");
    }
    ArrayNode read = NODES.arrayNode();
    for (int i = 0; i < calls.size(); i++) {
      JsonNode function = calls.get(i).path("function");
      String at = path + "[" + i + "].function";
      if (!function.isObject() || !function.path("name").isString()) {
        throw ChatFile.bad(at + ".name: missing (expected: a function's name)");
      }
      ObjectNode call = ((ObjectNode) calls.get(i)).deepCopy();
      call.put("type", "function");
      ((ObjectNode) call.path("function")).set("arguments", arguments(function, at));
      read.add(call);
    }
    return read;
  }

  private static JsonNode arguments(JsonNode function, String path) {
    JsonNode said = function.path("arguments");
    try {
      JsonNode read =
          said.isMissingNode()
              ? NODES.objectNode()
              : said.isString() ? JsonMapper.shared().readTree(said.stringValue()) : said;
      if (read.isObject()) {
        return read;
      }
    } catch (JacksonException e) {
      // Told below.
    }
    throw ChatFile.bad(
        path + ".arguments: " + ChatFile.found(said) + " (expected: a JSON object as a text)");
  }

  private static JsonNode tools(JsonNode tools) {
    if (tools.isMissingNode() || tools.isNull() || tools.isArray() && tools.isEmpty()) {
      return NODES.nullNode();
    }
    if (!tools.isArray() || tools.size() > MOST_TOOLS) {
      throw ChatFile.bad(
          "tools: " + ChatFile.found(tools) + " (expected: a list of at most " + MOST_TOOLS + ")");
    }
    return tools;
  }
}
