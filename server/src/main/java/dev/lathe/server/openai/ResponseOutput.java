package dev.lathe.server.openai;

import dev.lathe.generate.AnswerPart;
import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The items of a response while they are made, and an event for each thing that happens to them.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/responses-streaming">Streaming
 *     events</a>
 */
final class ResponseOutput implements AnswerReader.Output {
  private static final String MESSAGE = "message";
  private static final String REASONING = "reasoning";
  private static final String CALL = "function_call";

  private final ObjectNode response;
  private final ArrayNode output;
  private final Consumer<ObjectNode> events;
  private final StringBuilder text = new StringBuilder();
  private ObjectNode item = Bodies.JSON.createObjectNode();
  private String open = "";
  private int sequence;
  private Runnable complete = () -> {};

  ResponseOutput(ObjectNode response, Consumer<ObjectNode> events) {
    this.response = response;
    this.output = response.putArray("output");
    this.events = events;
  }

  /** Does something when the response is whole, before that is told. */
  ResponseOutput whenComplete(Runnable work) {
    complete = work;
    return this;
  }

  void begin() {
    response.put("status", "in_progress");
    whole("response.created");
    whole("response.in_progress");
  }

  private void whole(String type) {
    event(type).set("response", response.deepCopy());
    send();
  }

  private ObjectNode now = Bodies.JSON.createObjectNode();

  private ObjectNode event(String type) {
    now = Bodies.JSON.createObjectNode().put("type", type).put("sequence_number", sequence++);
    return now;
  }

  private void send() {
    events.accept(now);
  }

  /** An event about the item that is open. */
  private ObjectNode about(String type) {
    return event(type)
        .put("item_id", item.path("id").asString(""))
        .put("output_index", output.size());
  }

  @Override
  public void push(List<AnswerPart> parts) {
    for (AnswerPart part : parts) {
      switch (part) {
        case AnswerPart.Text said -> {
          enter(MESSAGE, "msg_");
          text.append(said.text());
          about("response.output_text.delta").put("content_index", 0).put("delta", said.text());
          now.putArray("logprobs");
          send();
        }
        case AnswerPart.Reasoning said -> {
          enter(REASONING, "rs_");
          text.append(said.text());
          about("response.reasoning_text.delta").put("content_index", 0).put("delta", said.text());
          send();
        }
        case AnswerPart.CallBegins call -> {
          leave("completed");
          open(CALL, "fc_", call.name());
        }
        case AnswerPart.CallArguments more -> {
          text.append(more.text());
          about("response.function_call_arguments.delta").put("delta", more.text());
          send();
        }
      }
    }
  }

  private void enter(String type, String prefix) {
    if (!open.equals(type)) {
      leave("completed");
      open(type, prefix, "");
    }
  }

  private void open(String type, String prefix, String name) {
    open = type;
    text.setLength(0);
    item = Bodies.JSON.createObjectNode().put("type", type).put("id", Ids.of(prefix));
    item.put("status", "in_progress");
    switch (type) {
      case MESSAGE -> item.put("role", "assistant").putArray("content");
      case REASONING -> {
        item.putArray("summary");
        item.putArray("content");
      }
      default -> item.put("call_id", Ids.of("call_")).put("name", name).put("arguments", "");
    }
    about("response.output_item.added").remove("item_id");
    now.set("item", item.deepCopy());
    send();
    if (!type.equals(CALL)) {
      about("response.content_part.added").put("content_index", 0).set("part", part(""));
      send();
    }
  }

  private ObjectNode part(String said) {
    ObjectNode part = Bodies.JSON.createObjectNode();
    if (open.equals(REASONING)) {
      return part.put("type", "reasoning_text").put("text", said);
    }
    part.put("type", "output_text").put("text", said);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  /** Ends the item that is open. */
  private void leave(String status) {
    if (open.isEmpty()) {
      return;
    }
    String said = text.toString();
    if (open.equals(CALL)) {
      about("response.function_call_arguments.done").put("arguments", said);
      now.put("name", item.path("name").asString(""));
      send();
      item.put("arguments", said);
    } else {
      String kind = open.equals(MESSAGE) ? "output_text" : "reasoning_text";
      about("response." + kind + ".done").put("content_index", 0).put("text", said);
      if (open.equals(MESSAGE)) {
        now.putArray("logprobs");
      }
      send();
      about("response.content_part.done").put("content_index", 0).set("part", part(said));
      send();
      item.withArray("content").add(part(said));
    }
    item.put("status", status);
    about("response.output_item.done").remove("item_id");
    now.set("item", item.deepCopy());
    send();
    output.add(item);
    open = "";
  }

  @Override
  public void end(GenerateEvent.Finished end) {
    boolean complete = end.reason() == FinishReason.STOP;
    leave(complete ? "completed" : "incomplete");
    response.put("status", complete ? "completed" : "incomplete");
    if (!complete) {
      response.putObject("incomplete_details").put("reason", "max_output_tokens");
    }
  }

  @Override
  public void complete(GenerateEvent.Usage usage) {
    response.set("usage", told(usage));
    complete.run();
    whole("response." + response.path("status").asString());
  }

  private static ObjectNode told(GenerateEvent.Usage usage) {
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("input_tokens", usage.promptTokens());
    node.putObject("input_tokens_details").put("cached_tokens", usage.cachedTokens());
    node.put("output_tokens", usage.answerTokens());
    node.putObject("output_tokens_details").put("reasoning_tokens", 0);
    node.put("total_tokens", usage.promptTokens() + usage.answerTokens());
    return node;
  }

  /** Says why there is no more. */
  void failed(String message) {
    response.put("status", "failed");
    response.putObject("error").put("code", "server_error").put("message", message);
    whole("response.failed");
  }
}
