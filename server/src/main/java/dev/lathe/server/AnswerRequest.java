package dev.lathe.server;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.lathe.ir.LatheException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A question to texts: to one, {@code context}, to several, {@code documents}, or to both.
 *
 * @param version as for {@link Lathe#predict}
 * @param question the question
 * @param context a text in which the answer stands; as long as need be for a model that marks spans
 * @param top how many answers to give; absent for 1; as the next four, for models that mark spans
 * @param maxAnswerTokens the most tokens of an answer that is found; absent for 30
 * @param window the most tokens that the model looks at together, question and text; absent for 384
 *     or what the model can
 * @param stride how many tokens of the text two windows share; absent for 128, or a quarter of a
 *     smaller window
 * @param allowNoAnswer whether to give nothing where it is more likely that the texts have no
 *     answer; absent for no
 * @param documents more texts in which it may stand
 * @param maxTokens the most tokens of an answer that is written; absent for 512 or a quarter of a
 *     smaller context; as the next one, for models that chat
 * @param temperature what scores of tokens are divided by; absent for 0, which writes the same
 *     answer every time
 */
public record AnswerRequest(
    Optional<String> version,
    String question,
    Optional<String> context,
    Optional<Integer> top,
    Optional<Integer> maxAnswerTokens,
    Optional<Integer> window,
    Optional<Integer> stride,
    Optional<Boolean> allowNoAnswer,
    Optional<List<Document>> documents,
    Optional<Integer> maxTokens,
    Optional<Double> temperature) {
  /**
   * Copies the documents.
   *
   * @throws LatheException BAD_REQUEST if one of them is null
   */
  public AnswerRequest {
    if (documents.isPresent() && documents.get().stream().anyMatch(Objects::isNull)) {
      throw new LatheException(
          ServerError.BAD_REQUEST, "documents: null (expected: texts, or {\"id\", \"text\"})");
    }
    documents = documents.map(List::copyOf);
  }

  /**
   * A text with a name; in JSON also the text alone.
   *
   * @param id what the answer calls it; absent for its number, from 0
   * @param text the text
   */
  public record Document(Optional<String> id, String text) {
    /** A text and what it is called. */
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public Document {}

    /**
     * A text that goes by its number.
     *
     * @param text the text
     * @return the document
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Document of(String text) {
      return new Document(Optional.empty(), text);
    }
  }

  /**
   * A question with everything else as usual.
   *
   * @param question the question
   * @param context the text
   * @return the request
   */
  public static AnswerRequest of(String question, String context) {
    return about(question, Optional.of(context), Optional.empty());
  }

  /**
   * A question to several texts with everything else as usual.
   *
   * @param question the question
   * @param documents the texts
   * @return the request
   */
  public static AnswerRequest of(String question, List<Document> documents) {
    return about(question, Optional.empty(), Optional.of(documents));
  }

  private static AnswerRequest about(
      String question, Optional<String> context, Optional<List<Document>> documents) {
    return new AnswerRequest(
        Optional.empty(),
        question,
        context,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        documents,
        Optional.empty(),
        Optional.empty());
  }
}
