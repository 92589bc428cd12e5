package dev.lathe.server;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Errors as OpenAI's clients expect them.
 *
 * @see <a href="https://platform.openai.com/docs/guides/error-codes">Error codes</a>
 */
final class OpenAiErrors {
  private static final List<String> PATHS =
      List.of(
          "/v1/chat/",
          "/v1/completions",
          "/v1/embeddings",
          "/v1/moderations",
          "/v1/rerank",
          "/v1/score",
          "/v1/responses",
          "/v1/files",
          "/v1/batches",
          "/v1/fine_tuning/",
          "/tokenize",
          "/detokenize");

  /** How a message begins that is about something else than a model. */
  private static final String ID = "\"id\": ";

  private static final Pattern TOO_LONG = Pattern.compile("prompt: [0-9]+ tokens ");
  private static final Pattern PARAM = Pattern.compile("\"([^\"]{1,100})\": ");

  private OpenAiErrors() {}

  /** Whether a path is one of the OpenAI API. */
  static boolean covers(String path) {
    boolean models = path.startsWith("/v1/models") && !path.endsWith(":predict");
    return models || PATHS.stream().anyMatch(path::startsWith);
  }

  /**
   * What is not offered is the caller's mistake here: clients would ask again after a status from
   * 500.
   */
  static ErrorMapping.Answer told(ErrorMapping.Answer answer) {
    return answer.status() == 501
        ? new ErrorMapping.Answer(400, answer.message(), answer.retrySeconds())
        : answer;
  }

  static byte[] body(ErrorMapping.Answer answer) {
    ObjectNode error = JsonMapper.shared().createObjectNode();
    error.put("message", answer.message());
    error.put("type", type(answer.status()));
    Matcher param = PARAM.matcher(answer.message());
    if (param.lookingAt()) {
      error.put("param", param.group(1));
    } else {
      error.putNull("param");
    }
    String code = code(answer);
    if (code.isEmpty()) {
      error.putNull("code");
    } else {
      error.put("code", code);
    }
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.set("error", error);
    return JsonMapper.shared().writeValueAsBytes(body);
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }

  private static String code(ErrorMapping.Answer answer) {
    if (answer.status() == 400 && TOO_LONG.matcher(answer.message()).lookingAt()) {
      return "context_length_exceeded";
    }
    return switch (answer.status()) {
      case 401 -> "invalid_api_key";
      case 404 -> answer.message().startsWith(ID) ? "" : "model_not_found";
      case 429 -> "rate_limit_exceeded";
      default -> "";
    };
  }
}
