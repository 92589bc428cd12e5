package dev.lathe.server;

import dev.lathe.ir.LatheException;

/**
 * What models of texts are asked in plain words: texts come in and text, classes or numbers go out.
 * The model's own {@code tokenizer.json} makes tokens of texts.
 *
 * <p>Every method throws a {@link LatheException}: NOT_FOUND for a model or version that is not
 * there, NOT_OFFERED for a model of another kind, BAD_REQUEST for what it can never do.
 */
public interface Texts {
  /**
   * Writes another text for each text: a translation, a summary.
   *
   * @param model a model of an encoder and a decoder, imported or trained here
   * @param request the texts and how
   * @return a text for each
   */
  Translated translate(String model, TranslateRequest request);

  /**
   * Answers a question from texts: finds the answer in them, at any length, or writes it from them.
   *
   * @param model a model that marks spans, or one that chats
   * @param request the question and the texts
   * @return the most likely spans, or what was written
   */
  Answered answer(String model, AnswerRequest request);

  /**
   * Names the classes of texts, or of their parts.
   *
   * @param model a classifier of texts or of tokens
   * @param request the texts and how
   * @return the classes of each
   */
  Classified classify(String model, ClassifyRequest request);

  /**
   * Orders documents by how well they fit a query.
   *
   * @param model a model that scores pairs, or one that gives features, whose angle is the score
   * @param request the query and the documents
   * @return the documents, the best first
   */
  Reranked rerank(String model, RerankRequest request);

  /**
   * Makes a vector of each text, near for texts that are alike.
   *
   * @param model a model that gives features
   * @param request the texts and how
   * @return the vectors
   */
  Embedded embed(String model, EmbedRequest request);
}
