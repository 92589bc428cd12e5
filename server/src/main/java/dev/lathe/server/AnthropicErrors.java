package dev.lathe.server;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Errors as Anthropic's clients expect them.
 *
 * @see <a href="https://docs.anthropic.com/en/api/errors">Errors</a>
 */
final class AnthropicErrors {
  private static final String PATH = "/v1/messages";

  private AnthropicErrors() {}

  /** Whether a path is one of that API. */
  static boolean covers(String path) {
    return path.startsWith(PATH);
  }

  static byte[] body(ErrorMapping.Answer answer) {
    Map<String, String> error = Map.of("type", type(answer.status()), "message", answer.message());
    return JsonMapper.shared().writeValueAsBytes(Map.of("type", "error", "error", error));
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503 -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }
}
