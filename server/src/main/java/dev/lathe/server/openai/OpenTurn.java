package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ChatTemplate;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A conversation whose last message is the beginning of the answer, so that the model goes on
 * within it. The beginning is put behind what the template writes where an answer begins; that this
 * is where the template itself puts an assistant's words is seen by rendering them as a whole turn.
 */
final class OpenTurn {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Some templates write down that nothing was thought. */
  private static final Pattern BEFORE_WORDS = Pattern.compile("\\s*(<think>\\s*</think>\\s*)?");

  private OpenTurn() {}

  /**
   * The conversation as the model reads it.
   *
   * @param messages as the template wants them; the last is the assistant's
   * @param tools as the template wants them
   * @param variables what the template is told besides
   * @return the text, which ends with that of the last message
   * @throws LatheException BAD_REQUEST if the last message is not the assistant's, or the template
   *     begins answers otherwise; or why the template refuses it
   */
  static String of(
      ChatTemplate template, ArrayNode messages, JsonNode tools, Map<String, JsonNode> variables) {
    int last = messages.size() - 1;
    JsonNode begun = messages.get(last);
    if (last == 0 || !begun.path("role").asString("").equals("assistant")) {
      String found = last == 0 ? "no message before it" : begun.path("role").toString();
      throw refused(found, "an assistant's, after others, where its text is to go on");
    }
    if (begun.has("tool_calls")) {
      throw refused("with calls of tools", "a text, or the results of the calls after it");
    }
    ArrayNode before = NODES.arrayNode();
    messages.values().stream().limit(last).forEach(before::add);
    Map<String, JsonNode> told = new HashMap<>(variables);
    told.put(ChatTemplate.ANSWER_BEGINS, NODES.booleanNode(true));
    String open = template.render(before, tools, told);
    told.put(ChatTemplate.ANSWER_BEGINS, NODES.booleanNode(false));
    String whole = template.render(messages, tools, told);
    String words = begun.path("content").asString("");
    if (whole.startsWith(open)) {
      Matcher between = BEFORE_WORDS.matcher(whole).region(open.length(), whole.length());
      if (between.lookingAt() && whole.startsWith(words.strip(), between.end())) {
        return whole.substring(0, between.end()) + words.stripLeading();
      }
    }
    throw refused(
        "\"assistant\"", "the user's: this model's template lets no answer that was begun go on");
  }

  private static LatheException refused(String found, String expected) {
    return Fields.bad("messages", "the last one: " + found, expected);
  }
}
