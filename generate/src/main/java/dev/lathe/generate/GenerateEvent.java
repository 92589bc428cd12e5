package dev.lathe.generate;

import java.util.List;
import java.util.Optional;

/** Something that happened to an answer. */
public sealed interface GenerateEvent {
  /**
   * A token and how probable the model found it.
   *
   * @param token the token
   * @param logprob the natural logarithm of its probability; NaN for the first of a prompt, which
   *     nothing precedes
   * @param rank how many tokens are at least as probable, itself included: 1 is the best; 0 for the
   *     first of a prompt
   * @param best the best tokens, the most probable first
   */
  record Scored(int token, float logprob, int rank, List<Alternative> best) {}

  /**
   * A token that might have been.
   *
   * @param token the token
   * @param logprob the natural logarithm of its probability
   */
  record Alternative(int token, float logprob) {}

  /**
   * The probabilities of the prompt's tokens, if they were asked for; once, before anything else.
   *
   * @param tokens one for each token of the prompt
   */
  record PromptScored(List<Scored> tokens) implements GenerateEvent {}

  /**
   * A token of an answer. Text comes when it is sure: characters that more tokens may complete, and
   * what may be the beginning of a stop, is held back and comes with a later event.
   *
   * @param choice which answer, from 0
   * @param token the token
   * @param text what can be shown now; often the token's own text, sometimes nothing
   * @param scored its probability, if asked for
   */
  record Token(int choice, int token, String text, Optional<Scored> scored)
      implements GenerateEvent {}

  /**
   * The end of an answer.
   *
   * @param choice which answer, from 0
   * @param reason why
   * @param text what was held back
   * @param stop the stop text or the token's number that ended it; empty for other reasons
   * @param tokens how many tokens it took, those of the stop included
   */
  record Finished(int choice, FinishReason reason, String text, String stop, int tokens)
      implements GenerateEvent {}

  /**
   * The end of the request; the last event.
   *
   * @param usage what it took
   */
  record Completed(Usage usage) implements GenerateEvent {}

  /**
   * What a request took.
   *
   * @param promptTokens tokens of the prompt, counted once however many answers it has
   * @param cachedTokens how many of them were in the cache already
   * @param answerTokens tokens of all answers
   * @param timing where the time went
   */
  record Usage(int promptTokens, int cachedTokens, int answerTokens, Timing timing) {}

  /**
   * Where the time of a request went.
   *
   * @param waitNanos until its first computation began
   * @param firstNanos until its first token was there
   * @param totalNanos until its end
   */
  record Timing(long waitNanos, long firstNanos, long totalNanos) {}
}
