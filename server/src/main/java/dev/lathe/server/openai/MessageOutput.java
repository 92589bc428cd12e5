package dev.lathe.server.openai;

import dev.lathe.generate.AnswerPart;
import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The blocks of a message while they are made, and an event for each thing that happens to them.
 *
 * @see <a href="https://docs.anthropic.com/en/docs/build-with-claude/streaming">Streaming</a>
 */
final class MessageOutput implements AnswerReader.Output {
  private static final String TEXT = "text";
  private static final String THINKING = "thinking";
  private static final String TOOL = "tool_use";

  private final ObjectNode message;
  private final List<String> stops;
  private final Consumer<ObjectNode> events;
  private final StringBuilder said = new StringBuilder();
  private ObjectNode block = Bodies.JSON.createObjectNode();
  private String open = "";
  private boolean called;

  /** A message of a model, whose prompt has so many tokens. */
  MessageOutput(String model, MessagesBody body, int promptTokens, Consumer<ObjectNode> events) {
    this.stops = body.stops();
    this.events = events;
    this.message = Bodies.JSON.createObjectNode();
    message.put("id", Ids.of("msg_")).put("type", "message").put("role", "assistant");
    message.put("model", model).putArray("content");
    message.putNull("stop_reason").putNull("stop_sequence");
    message.putObject("usage").put("input_tokens", promptTokens).put("output_tokens", 0);
  }

  /** The message as it is now. */
  ObjectNode message() {
    return message;
  }

  void begin() {
    ObjectNode event = Bodies.JSON.createObjectNode().put("type", "message_start");
    event.set("message", message.deepCopy());
    events.accept(event);
  }

  private ObjectNode event(String type) {
    return Bodies.JSON
        .createObjectNode()
        .put("type", type)
        .put("index", message.path("content").size());
  }

  @Override
  public void push(List<AnswerPart> parts) {
    for (AnswerPart part : parts) {
      switch (part) {
        case AnswerPart.Text text -> {
          enter(TEXT);
          delta("text_delta", "text", text.text());
        }
        case AnswerPart.Reasoning text -> {
          enter(THINKING);
          delta("thinking_delta", "thinking", text.text());
        }
        case AnswerPart.CallBegins call -> {
          leave();
          called = true;
          block = Bodies.JSON.createObjectNode().put("type", TOOL).put("id", Ids.of("toolu_"));
          block.put("name", call.name()).putObject("input");
          begin(TOOL);
        }
        case AnswerPart.CallArguments more ->
            delta("input_json_delta", "partial_json", more.text());
      }
    }
  }

  private void enter(String type) {
    if (!open.equals(type)) {
      leave();
      block = Bodies.JSON.createObjectNode().put("type", type).put(type, "");
      if (type.equals(THINKING)) {
        block.put("signature", "");
      }
      begin(type);
    }
  }

  private void begin(String type) {
    open = type;
    said.setLength(0);
    ObjectNode event = event("content_block_start");
    event.set("content_block", block.deepCopy());
    events.accept(event);
  }

  private void delta(String type, String field, String more) {
    said.append(more);
    ObjectNode event = event("content_block_delta");
    event.putObject("delta").put("type", type).put(field, more);
    events.accept(event);
  }

  /** Ends the block that is open. */
  private void leave() {
    if (open.isEmpty()) {
      return;
    }
    if (open.equals(TOOL)) {
      block.set("input", input(said.toString()));
    } else {
      block.put(open, said.toString());
    }
    events.accept(event("content_block_stop"));
    message.withArray("content").add(block);
    open = "";
  }

  /** Arguments that were cut off by the end of the answer are none. */
  private static JsonNode input(String arguments) {
    try {
      JsonNode input = Bodies.JSON.readTree(arguments);
      return input.isObject() ? input : Bodies.JSON.createObjectNode();
    } catch (JacksonException e) {
      return Bodies.JSON.createObjectNode();
    }
  }

  @Override
  public void end(GenerateEvent.Finished end) {
    leave();
    boolean stopped = end.reason() == FinishReason.STOP;
    if (!stopped) {
      message.put("stop_reason", "max_tokens");
    } else if (called) {
      message.put("stop_reason", TOOL);
    } else if (stops.contains(end.stop())) {
      message.put("stop_reason", "stop_sequence").put("stop_sequence", end.stop());
    } else {
      message.put("stop_reason", "end_turn");
    }
  }

  @Override
  public void complete(GenerateEvent.Usage usage) {
    ObjectNode told = message.putObject("usage");
    told.put("input_tokens", usage.promptTokens() - usage.cachedTokens());
    told.put("cache_creation_input_tokens", 0);
    told.put("cache_read_input_tokens", usage.cachedTokens());
    told.put("output_tokens", usage.answerTokens());
    ObjectNode event = Bodies.JSON.createObjectNode().put("type", "message_delta");
    ObjectNode delta = event.putObject("delta");
    delta.set("stop_reason", message.get("stop_reason"));
    delta.set("stop_sequence", message.get("stop_sequence"));
    event.set("usage", told.deepCopy());
    events.accept(event);
    events.accept(Bodies.JSON.createObjectNode().put("type", "message_stop"));
  }
}
