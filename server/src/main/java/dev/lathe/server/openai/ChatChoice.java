package dev.lathe.server.openai;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.AnswerParser;
import dev.lathe.generate.AnswerPart;
import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.prepare.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One of a chat's answers while it is made: what it has said so far, and what is new. */
final class ChatChoice {
  private final int index;
  private final AnswerParser parser;
  private final Spoken spoken;
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<Call> calls = new ArrayList<>();
  private ArrayNode scores = Bodies.JSON.createArrayNode();
  private boolean scored;
  private String finish = "";

  /** A call of a tool. */
  private record Call(String id, String name, StringBuilder arguments) {}

  ChatChoice(int index, AnswerForm form, Vocabulary vocabulary) {
    this.index = index;
    this.parser = new AnswerParser(form);
    this.spoken = new Spoken(vocabulary);
  }

  int index() {
    return index;
  }

  /** What a token adds. Special tokens that say something here are not in its text. */
  List<ObjectNode> push(GenerateEvent.Token token) {
    token
        .scored()
        .ifPresent(
            score -> {
              scored = true;
              scores.add(spoken.entry(score));
            });
    return deltas(parser.push(spoken.said(token)));
  }

  /** What the end adds. */
  List<ObjectNode> finish(GenerateEvent.Finished end) {
    List<ObjectNode> last = deltas(parser.push(end.text()));
    last.addAll(deltas(parser.finish()));
    boolean called = !calls.isEmpty() && end.reason() == FinishReason.STOP;
    finish = called ? "tool_calls" : end.reason() == FinishReason.STOP ? "stop" : "length";
    return last;
  }

  private List<ObjectNode> deltas(List<AnswerPart> parts) {
    List<ObjectNode> deltas = new ArrayList<>();
    for (AnswerPart part : parts) {
      ObjectNode delta = Bodies.JSON.createObjectNode();
      switch (part) {
        case AnswerPart.Text text -> {
          content.append(text.text());
          delta.put("content", text.text());
        }
        case AnswerPart.Reasoning text -> {
          reasoning.append(text.text());
          delta.put("reasoning_content", text.text());
        }
        case AnswerPart.CallBegins begins -> {
          Call call = new Call(Ids.of("call_"), begins.name(), new StringBuilder());
          calls.add(call);
          ObjectNode one = delta.putArray("tool_calls").addObject();
          one.put("index", begins.call()).put("id", call.id()).put("type", "function");
          one.putObject("function").put("name", call.name()).put("arguments", "");
        }
        case AnswerPart.CallArguments more -> {
          calls.getLast().arguments().append(more.text());
          ObjectNode one = delta.putArray("tool_calls").addObject().put("index", more.call());
          one.putObject("function").put("arguments", more.text());
        }
      }
      deltas.add(delta);
    }
    return deltas;
  }

  /** A choice of a chunk; it takes the probabilities that no chunk has had. */
  ObjectNode chunk(ObjectNode delta) {
    ObjectNode choice = Bodies.JSON.createObjectNode();
    choice.put("index", index);
    choice.set("delta", delta);
    choice.set("logprobs", scores());
    scores = Bodies.JSON.createArrayNode();
    choice.set("finish_reason", JsonNodeFactory.instance.nullNode());
    return choice;
  }

  /** The choice of the last chunk. */
  ObjectNode lastChunk() {
    ObjectNode choice = chunk(Bodies.JSON.createObjectNode());
    return choice.put("finish_reason", finish);
  }

  private JsonNode scores() {
    if (!scored || scores.isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    ObjectNode all = Bodies.JSON.createObjectNode();
    all.set("content", scores);
    all.set("refusal", JsonNodeFactory.instance.nullNode());
    return all;
  }

  /** The whole choice. */
  ObjectNode whole() {
    ObjectNode choice = Bodies.JSON.createObjectNode();
    choice.put("index", index);
    ObjectNode message = choice.putObject("message");
    message.put("role", "assistant");
    if (content.isEmpty() && !calls.isEmpty()) {
      message.putNull("content");
    } else {
      message.put("content", content.toString());
    }
    message.putNull("refusal");
    if (!reasoning.isEmpty()) {
      message.put("reasoning_content", reasoning.toString());
    }
    if (!calls.isEmpty()) {
      ArrayNode array = message.putArray("tool_calls");
      for (Call call : calls) {
        ObjectNode one = array.addObject().put("id", call.id()).put("type", "function");
        one.putObject("function")
            .put("name", call.name())
            .put("arguments", call.arguments().toString());
      }
    }
    choice.set("logprobs", scores());
    choice.put("finish_reason", finish);
    return choice;
  }

  /** What was said, without thoughts and calls. */
  String content() {
    return content.toString();
  }
}
