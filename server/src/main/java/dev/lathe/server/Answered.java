package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * An answer from texts: found in them by a model that marks spans, or written by one that chats.
 * What the other kind gives is absent. The scores of all spans of all texts and of no answer are
 * probabilities: together they are 1.
 *
 * @param model its name
 * @param version the version that was asked
 * @param answers the most likely spans, the best first; with the next two, of an answer found
 * @param noAnswer how likely it is that the texts have no answer
 * @param windows how many windows the texts took
 * @param answer the text; with the next four, of an answer written
 * @param finishReason {@code stop} if the model ended, {@code length} if it was cut
 * @param usage the tokens that it took
 * @param quotes passages of the answer that stand in a text word by word, in their order
 * @param dropped ids of the texts that found no room in the model's context, from the last ones
 */
public record Answered(
    String model,
    String version,
    Optional<List<Answer>> answers,
    Optional<Double> noAnswer,
    Optional<Integer> windows,
    Optional<String> answer,
    Optional<String> finishReason,
    Optional<Usage> usage,
    Optional<List<Quote>> quotes,
    Optional<List<String>> dropped) {
  /** Copies the lists. */
  public Answered {
    answers = answers.map(List::copyOf);
    quotes = quotes.map(List::copyOf);
    dropped = dropped.map(List::copyOf);
  }

  /**
   * What is found in texts.
   *
   * @param answers spans, the best first
   * @param noAnswer how likely it is that there is none
   * @param windows how many windows were looked at
   */
  public record Found(List<Answer> answers, double noAnswer, int windows) {
    /** Copies the list. */
    public Found {
      answers = List.copyOf(answers);
    }
  }

  /**
   * What is written.
   *
   * @param reply what the model said
   * @param quotes what stands in a text
   * @param dropped ids of the texts that were not read
   */
  public record Written(TextReply reply, List<Quote> quotes, List<String> dropped) {
    /** Copies the lists. */
    public Written {
      quotes = List.copyOf(quotes);
      dropped = List.copyOf(dropped);
    }
  }

  /**
   * An answer of a model that marks spans.
   *
   * @param model its name
   * @param version the version that was asked
   * @param found what it found
   * @return the answer
   */
  public static Answered of(String model, String version, Found found) {
    return new Answered(
        model,
        version,
        Optional.of(found.answers()),
        Optional.of(found.noAnswer()),
        Optional.of(found.windows()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * An answer of a model that chats.
   *
   * @param written what it said
   * @return the answer
   */
  public static Answered of(Written written) {
    TextReply reply = written.reply();
    return new Answered(
        reply.model(),
        reply.version(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(reply.text()),
        Optional.of(reply.finish()),
        Optional.of(new Usage(reply.promptTokens(), reply.cachedTokens(), reply.answerTokens())),
        Optional.of(written.quotes()),
        Optional.of(written.dropped()));
  }

  /**
   * The spans that were found.
   *
   * @return the best first; empty if there is none, or the answer was written
   */
  public List<Answer> spans() {
    return answers.orElse(List.of());
  }

  /**
   * A span of a text, whole words.
   *
   * @param text the span
   * @param score how likely it is
   * @param start the place of its first character in the text, in code points
   * @param end the place behind its last character
   * @param document the text's id; absent where {@code context} was the only text
   */
  public record Answer(String text, double score, int start, int end, Optional<String> document) {}

  /**
   * A passage of an answer that stands in a text.
   *
   * @param text the passage, the same in both
   * @param document the text's id; {@code context} for {@code context}
   * @param start the place of its first character in the text, in code points
   * @param end the place behind its last character
   * @param at the place of its first character in the answer, in code points
   */
  public record Quote(String text, String document, int start, int end, int at) {}

  /**
   * Tokens of an answer that was written.
   *
   * @param promptTokens the question, the texts and what stands around them
   * @param cachedTokens how many of them were in the cache already
   * @param answerTokens the answer
   */
  public record Usage(int promptTokens, int cachedTokens, int answerTokens) {}
}
