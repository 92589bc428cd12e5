package dev.lathe.server.speak;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.server.remote.ApiClient;
import dev.lathe.server.remote.EventReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a text model on a server, by the OpenAI API with a stream. */
public final class RemoteSpeaker {
  private static final String END = "[DONE]";

  private final ApiClient client;
  private String model = "";
  private String version = "";
  private String finish = "";
  private int promptTokens;
  private int cachedTokens;
  private int answerTokens;

  /**
   * Asks a server.
   *
   * @param client speaks to it
   */
  public RemoteSpeaker(ApiClient client) {
    this.client = client;
  }

  /**
   * Answers; the calling thread waits.
   *
   * @param asked {@code namespace/name}, with {@code @version} or {@code @environment} behind it if
   *     need be
   * @param question what is asked
   * @param listener hears the text, piece by piece
   * @return the answer
   */
  public TextReply answer(String asked, TextQuestion question, Consumer<String> listener) {
    model = asked;
    StringBuilder text = new StringBuilder();
    String path = question.turns().isEmpty() ? "/v1/completions" : "/v1/chat/completions";
    try (InputStream in = client.stream(path, ApiClient.Body.json(body(question)))) {
      EventReader events = new EventReader(in);
      for (Optional<EventReader.Event> event = events.next();
          event.isPresent() && !event.get().data().equals(END);
          event = events.next()) {
        String piece = read(event.get().data());
        if (!piece.isEmpty()) {
          text.append(piece);
          listener.accept(piece);
        }
      }
    } catch (IOException e) {
      throw new LatheException(ServerError.UNREACHABLE, "the answer broke off", e);
    }
    return new TextReply(
        model.split("@", 2)[0],
        version,
        text.toString(),
        finish,
        promptTokens,
        cachedTokens,
        answerTokens);
  }

  private Map<String, Object> body(TextQuestion question) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", model);
    if (question.turns().isEmpty()) {
      body.put("prompt", question.prompt());
    } else {
      List<Map<String, String>> messages =
          question.turns().stream()
              .map(turn -> Map.of("role", turn.role(), "content", turn.content()))
              .toList();
      body.put("messages", messages);
    }
    if (question.maxTokens() > 0) {
      body.put("max_tokens", question.maxTokens());
    }
    question.temperature().ifPresent(value -> body.put("temperature", value));
    question.topP().ifPresent(value -> body.put("top_p", value));
    question.seed().ifPresent(value -> body.put("seed", value));
    if (!question.stops().isEmpty()) {
      body.put("stop", question.stops());
    }
    body.put("stream", true);
    body.put("stream_options", Map.of("include_usage", true));
    return body;
  }

  private String read(String data) {
    JsonNode chunk;
    try {
      chunk = JsonMapper.shared().readTree(data);
    } catch (JacksonException e) {
      throw new LatheException(ServerError.BAD_ANSWER, "an event that is no JSON", e);
    }
    if (chunk.has("error")) {
      throw new LatheException(
          ServerError.BAD_REQUEST, chunk.path("error").path("message").asString("refused"));
    }
    JsonNode usage = chunk.path("usage");
    promptTokens = usage.path("prompt_tokens").asInt(promptTokens);
    answerTokens = usage.path("completion_tokens").asInt(answerTokens);
    cachedTokens = usage.path("prompt_tokens_details").path("cached_tokens").asInt(cachedTokens);
    JsonNode choice = chunk.path("choices").path(0);
    finish = choice.path("finish_reason").asString(finish);
    String fingerprint = chunk.path("system_fingerprint").asString("");
    version = fingerprint.contains("@") ? fingerprint.split("@", 2)[1] : version;
    return choice.path("delta").path("content").asString(choice.path("text").asString(""));
  }
}
