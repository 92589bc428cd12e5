package dev.lathe.server.openai;

import dev.lathe.generate.AnswerForm;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Specials;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A conversation as a model reads it.
 *
 * @param tokens the prompt
 * @param form how the model writes its answer
 * @param tools the parameters of the tools by their names, as JSON Schemas
 * @param strict the tools whose arguments must be valid
 */
@SuppressWarnings("ArrayRecordComponent")
record ChatPrompt(int[] tokens, AnswerForm form, Map<String, JsonNode> tools, Set<String> strict) {
  private static final int MOST_MESSAGES = 10_000;
  private static final int MOST_TOOLS = 128;
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function");
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /**
   * The prompt of a request.
   *
   * @throws LatheException BAD_REQUEST, or why the template refuses it
   */
  static ChatPrompt of(AskedModel asked, Fields body) {
    ArrayNode messages = messages(body);
    Map<String, JsonNode> tools = new LinkedHashMap<>();
    JsonNode listed = tools(body, tools);
    Map<String, JsonNode> variables = new HashMap<>();
    JsonNode told = body.node("chat_template_kwargs");
    if (!told.isMissingNode()) {
      Fields.of(told, body.name("chat_template_kwargs"));
      told.forEachEntry(variables::put);
    }
    boolean begins = !body.has("add_generation_prompt") || body.flag("add_generation_prompt");
    variables.put(ChatTemplate.ANSWER_BEGINS, NODES.booleanNode(begins));
    ChatTemplate template = asked.template();
    String text =
        body.flag("continue_final_message")
            ? OpenTurn.of(template, messages, listed, variables)
            : template.render(messages, listed, variables);
    int[] tokens = asked.tokenizer().encode(text, Specials.WITHOUT).ids();
    return new ChatPrompt(
        tokens, AnswerForm.of(template.source(), text, tools.keySet()), tools, strict(listed));
  }

  private static ArrayNode messages(Fields body) {
    JsonNode node = body.node("messages");
    if (!node.isArray() || node.isEmpty() || node.size() > MOST_MESSAGES) {
      String found = node.isArray() ? node.size() + " messages" : Fields.shown(node);
      throw Fields.bad("messages", found, "an array of 1 to " + MOST_MESSAGES);
    }
    ArrayNode messages = NODES.arrayNode();
    for (int i = 0; i < node.size(); i++) {
      messages.add(message(Fields.of(node.get(i), "messages[" + i + "]"), node.get(i)));
    }
    return messages;
  }

  private static ObjectNode message(Fields fields, JsonNode said) {
    ObjectNode message = NODES.objectNode();
    said.forEachEntry(message::set);
    String role = fields.needText("role");
    if (!ROLES.contains(role)) {
      throw Fields.bad(
          fields.name("role"),
          "\"" + role + "\"",
          "one of " + String.join(", ", ROLES.stream().sorted().toList()));
    }
    message.put("role", role.equals("developer") ? "system" : role);
    JsonNode calls = fields.node("tool_calls");
    if (calls.isMissingNode()) {
      message.remove("tool_calls");
    } else {
      message.set("tool_calls", calls(calls, fields.name("tool_calls")));
    }
    JsonNode content = fields.node("content");
    if (content.isMissingNode() && (!role.equals("assistant") || calls.isMissingNode())) {
      throw Fields.bad(fields.name("content"), "missing", "a text, or an array of parts");
    }
    message.put("content", content(content, fields.name("content")));
    return message;
  }

  /** Content as one text: parts are put together. */
  private static String content(JsonNode content, String param) {
    if (content.isMissingNode()) {
      return "";
    }
    if (content.isString()) {
      return content.stringValue();
    }
    if (!content.isArray()) {
      throw Fields.bad(param, Fields.shown(content), "a text, or an array of parts");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      Fields part = Fields.of(content.get(i), param + "[" + i + "]");
      String type = part.needText("type");
      if (!Set.of("text", "input_text", "output_text", "refusal").contains(type)) {
        throw Fields.bad(part.name("type"), "\"" + type + "\"", "text: this model reads no other");
      }
      text.append(part.needText(type.equals("refusal") ? type : "text"));
    }
    return text.toString();
  }

  /** Calls with their arguments as objects, as templates want them. */
  private static ArrayNode calls(JsonNode calls, String param) {
    if (!calls.isArray() || calls.size() > MOST_TOOLS) {
      throw Fields.bad(param, Fields.shown(calls), "an array of at most " + MOST_TOOLS + " calls");
    }
    ArrayNode read = NODES.arrayNode();
    for (int i = 0; i < calls.size(); i++) {
      Fields call = Fields.of(calls.get(i), param + "[" + i + "]");
      Fields function = Fields.of(call.node("function"), call.name("function"));
      ObjectNode one = NODES.objectNode();
      call.text("id").ifPresent(id -> one.put("id", id));
      one.put("type", "function");
      ObjectNode inner = one.putObject("function");
      inner.put("name", function.needText("name"));
      inner.set("arguments", arguments(function));
      read.add(one);
    }
    return read;
  }

  private static JsonNode arguments(Fields function) {
    JsonNode node = function.node("arguments");
    if (!node.isString()) {
      return node.isMissingNode() ? NODES.objectNode() : node;
    }
    try {
      return node.stringValue().isBlank()
          ? NODES.objectNode()
          : Bodies.JSON.readTree(node.stringValue());
    } catch (JacksonException e) {
      throw Fields.bad(function.name("arguments"), "no JSON", "a JSON object as a text");
    }
  }

  /** The tools that ask for arguments by their schema. */
  private static Set<String> strict(JsonNode tools) {
    Set<String> strict = new HashSet<>();
    for (int i = 0; i < tools.size(); i++) {
      Fields function = Fields.of(tools.get(i).path("function"), "tools[" + i + "].function");
      if (function.flag("strict")) {
        strict.add(function.needText("name"));
      }
    }
    return strict;
  }

  /** The tools as templates want them; null if there are none, or none may be called. */
  private static JsonNode tools(Fields body, Map<String, JsonNode> byName) {
    JsonNode tools = body.node("tools");
    if (tools.isMissingNode() || tools.isArray() && tools.isEmpty()) {
      return NODES.nullNode();
    }
    if (!tools.isArray() || tools.size() > MOST_TOOLS) {
      String found = tools.isArray() ? tools.size() + " tools" : Fields.shown(tools);
      throw Fields.bad("tools", found, "an array of at most " + MOST_TOOLS);
    }
    for (int i = 0; i < tools.size(); i++) {
      Fields tool = Fields.of(tools.get(i), "tools[" + i + "]");
      String type = tool.needText("type");
      if (!type.equals("function")) {
        throw Fields.bad(tool.name("type"), "\"" + type + "\"", "function");
      }
      Fields function = Fields.of(tool.node("function"), tool.name("function"));
      String name = function.needText("name");
      if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
        throw Fields.bad(
            function.name("name"), "\"" + name + "\"", "1 to 64 of letters, digits, _ . -");
      }
      JsonNode parameters = function.node("parameters");
      JsonNode schema =
          parameters.isMissingNode()
              ? NODES.objectNode().put("type", "object").set("properties", NODES.objectNode())
              : parameters;
      Fields.of(schema, function.name("parameters"));
      if (byName.put(name, schema) != null) {
        throw Fields.bad(function.name("name"), "\"" + name + "\" twice", "each tool once");
      }
    }
    if (body.node("tool_choice").asString("").equals("none")) {
      byName.clear();
      return NODES.nullNode();
    }
    return tools;
  }
}
