package dev.lathe.server.openai;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.Constraint;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Probabilities;
import dev.lathe.ir.LatheException;
import java.util.Optional;

/**
 * What a chat asks for.
 *
 * @param request for the engine
 * @param form how the answer is written
 * @param stream whether it comes in pieces
 */
record ChatWish(GenerateRequest request, AnswerForm form, StreamWish stream) {
  /**
   * Reads a chat's fields.
   *
   * @throws LatheException BAD_REQUEST naming the field, or why the template or the constraint
   *     cannot be
   */
  static ChatWish of(AskedModel asked, Fields body, String tenant) {
    ChatPrompt prompt = ChatPrompt.of(asked, body);
    Optional<Constraint> constraint = Restraint.of(body, prompt, asked);
    int left = Math.max(1, asked.model().context() - prompt.tokens().length);
    int vocabulary = asked.model().vocabulary();
    GenerateRequest request =
        new GenerateRequest(
            prompt.tokens(),
            TextFields.choices(body),
            TextFields.sampling(body, asked.model()),
            TextFields.ending(body, left, vocabulary),
            probabilities(body),
            TextFields.caller(body, tenant),
            Optional.empty(),
            "");
    StreamWish stream = StreamWish.of(body);
    AnswerForm form = Restraint.form(body, prompt);
    body.ignore(TextFields.WITHOUT_MEANING);
    body.end();
    if (constraint.isPresent()) {
      request = request.with(asked.constraints().start(constraint.get()));
    }
    return new ChatWish(request, form, stream);
  }

  private static Probabilities probabilities(Fields body) {
    boolean told = body.flag("logprobs");
    Optional<Long> best = body.whole("top_logprobs", 0, 20);
    if (best.isPresent() && !told) {
      throw Fields.bad("top_logprobs", best.get() + "", "none unless logprobs is true");
    }
    return told ? Probabilities.ofAnswer((int) (long) best.orElse(0L)) : Probabilities.NONE;
  }
}
