package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.ir.LatheException;

/** Refuses requests that can never be answered. */
final class Admission {
  private Admission() {}

  /**
   * Refuses tokens that the model does not know, and prompts without room for an answer.
   *
   * @param request a request
   * @param vocabulary how many tokens the model knows
   * @param longest the most tokens of prompt and answer together
   * @throws LatheException BAD_REQUEST, PROMPT_TOO_LONG
   */
  static void require(GenerateRequest request, int vocabulary, int longest) {
    int[] prompt = request.prompt();
    int least = Math.min(1, request.ending().maxTokens());
    if (prompt.length + least > longest) {
      throw new LatheException(
          GenerateError.PROMPT_TOO_LONG,
          "prompt: %d tokens (expected: at most %d, so that an answer has room in the %d tokens of the"
                  .formatted(prompt.length, longest - least, longest)
              + " model's context)");
    }
    for (int i = 0; i < prompt.length; i++) {
      requireToken("prompt: token " + i, prompt[i], vocabulary);
    }
    request.ending().stopTokens().forEach(t -> requireToken("stop token", t, vocabulary));
    request.sampling().bias().keySet().forEach(t -> requireToken("logit bias", t, vocabulary));
  }

  private static void requireToken(String what, int token, int vocabulary) {
    if (token < 0 || token >= vocabulary) {
      throw new LatheException(
          GenerateError.BAD_REQUEST,
          what + ": " + token + " (expected: 0 to " + (vocabulary - 1) + ")");
    }
  }
}
