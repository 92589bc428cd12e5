package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a response as that of a chat: input items become messages, flat tools nested ones.
 *
 * @param chat what a chat would be asked
 * @param asked the body as it came, for what the answer repeats
 * @param stream whether the answer comes as events
 * @param stored whether the answer is kept
 */
record ResponseBody(Fields chat, JsonNode asked, boolean stream, boolean stored) {
  static final int MOST_ITEMS = 10_000;
  private static final Set<String> SAME =
      Set.of("model", "temperature", "top_p", "metadata", "user", "store", "service_tier");

  /**
   * Reads a body.
   *
   * @param before finds what was said until the end of a response that was kept
   */
  static ResponseBody of(JsonNode asked, Function<String, List<JsonNode>> before) {
    Fields body = Fields.of(asked, "");
    ObjectNode chat = Bodies.JSON.createObjectNode();
    SAME.forEach(name -> copy(body, name, chat, name));
    copy(body, "max_output_tokens", chat, "max_completion_tokens");
    copy(body, "parallel_tool_calls", chat, "parallel_tool_calls");
    body.whole("max_output_tokens", 1, Integer.MAX_VALUE);
    List<JsonNode> earlier = body.text("previous_response_id").map(before).orElse(List.of());
    messages(body, earlier, chat.putArray("messages"));
    tools(body, chat);
    format(body, chat);
    for (String stored : new String[] {"conversation", "prompt"}) {
      if (body.has(stored)) {
        throw Fields.bad(
            stored, Fields.shown(body.node(stored)), "none: previous_response_id is understood");
      }
    }
    if (body.flag("background")) {
      throw Fields.bad("background", "true", "false: batches are answered in the background");
    }
    boolean stream = body.flag("stream");
    boolean stored = !body.has("store") || body.flag("store");
    body.ignore(
        Set.of(
            "stream_options",
            "include",
            "reasoning",
            "truncation",
            "safety_identifier",
            "prompt_cache_key",
            "max_tool_calls"));
    body.end();
    return new ResponseBody(Fields.of(chat, ""), asked, stream, stored);
  }

  private static void copy(Fields body, String from, ObjectNode chat, String to) {
    if (body.has(from)) {
      chat.set(to, body.node(from));
    }
  }

  private static void messages(Fields body, List<JsonNode> earlier, ArrayNode messages) {
    body.text("instructions")
        .ifPresent(text -> messages.addObject().put("role", "system").put("content", text));
    JsonNode input = body.node("input");
    int items = earlier.size() + (input.isString() ? 1 : input.size());
    boolean given = input.isString() || input.isArray();
    if (!given || items == earlier.size() || items > MOST_ITEMS) {
      String found = given ? items + " items" : Fields.shown(input);
      throw Fields.bad("input", found, "a text, or an array of 1 to " + MOST_ITEMS + " items");
    }
    for (int i = 0; i < earlier.size(); i++) {
      item(Fields.of(earlier.get(i), "previous_response_id[" + i + "]"), messages);
    }
    if (input.isString()) {
      messages.addObject().put("role", "user").put("content", input.stringValue());
      return;
    }
    for (int i = 0; i < input.size(); i++) {
      item(Fields.of(input.get(i), "input[" + i + "]"), messages);
    }
  }

  private static void item(Fields item, ArrayNode messages) {
    String type = item.text("type").orElse("message");
    switch (type) {
      case "message" ->
          messages
              .addObject()
              .put("role", item.needText("role"))
              .set("content", item.node("content"));
      case "function_call" -> {
        boolean goesOn = !messages.isEmpty() && messages.get(messages.size() - 1).has("tool_calls");
        ObjectNode message =
            goesOn
                ? (ObjectNode) messages.get(messages.size() - 1)
                : messages.addObject().put("role", "assistant");
        ObjectNode call = message.withArray("tool_calls").addObject();
        call.put("id", item.needText("call_id")).put("type", "function");
        call.putObject("function")
            .put("name", item.needText("name"))
            .put("arguments", item.text("arguments").orElse("{}"));
      }
      case "function_call_output" -> {
        JsonNode output = item.node("output");
        messages
            .addObject()
            .put("role", "tool")
            .put("tool_call_id", item.needText("call_id"))
            .put("content", output.isString() ? output.stringValue() : output.toString());
      }
      case "reasoning" -> {}
      default ->
          throw Fields.bad(
              item.name("type"),
              "\"" + type + "\"",
              "message, function_call, function_call_output or reasoning");
    }
  }

  private static void tools(Fields body, ObjectNode chat) {
    JsonNode tools = body.node("tools");
    if (tools.isArray() && !tools.isEmpty()) {
      ArrayNode nested = chat.putArray("tools");
      for (int i = 0; i < tools.size(); i++) {
        Fields tool = Fields.of(tools.get(i), "tools[" + i + "]");
        String type = tool.needText("type");
        if (!type.equals("function")) {
          throw Fields.bad(tool.name("type"), "\"" + type + "\"", "function");
        }
        ObjectNode function = Bodies.JSON.createObjectNode();
        function.put("name", tool.needText("name"));
        copy(tool, "description", function, "description");
        copy(tool, "parameters", function, "parameters");
        copy(tool, "strict", function, "strict");
        nested.addObject().put("type", type).set("function", function);
      }
    } else if (!tools.isMissingNode() && !tools.isArray()) {
      throw Fields.bad("tools", Fields.shown(tools), "an array");
    }
    JsonNode choice = body.node("tool_choice");
    if (choice.isString()) {
      chat.set("tool_choice", choice);
    } else if (!choice.isMissingNode()) {
      Fields wanted = Fields.of(choice, "tool_choice");
      ObjectNode nested = chat.putObject("tool_choice").put("type", wanted.needText("type"));
      nested.putObject("function").put("name", wanted.needText("name"));
    }
  }

  private static void format(Fields body, ObjectNode chat) {
    JsonNode text = body.node("text");
    if (text.isMissingNode()) {
      return;
    }
    JsonNode format = Fields.of(text, "text").node("format");
    if (format.isMissingNode()) {
      return;
    }
    Fields wanted = Fields.of(format, "text.format");
    String type = wanted.needText("type");
    ObjectNode nested = chat.putObject("response_format").put("type", type);
    if (type.equals("json_schema")) {
      ObjectNode schema = nested.putObject("json_schema").put("name", wanted.needText("name"));
      if (!wanted.has("schema")) {
        throw new LatheException(
            ServerError.BAD_REQUEST, "\"text.format.schema\": missing (expected: an object)");
      }
      schema.set("schema", wanted.node("schema"));
    }
  }
}
