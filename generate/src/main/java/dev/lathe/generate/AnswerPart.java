package dev.lathe.generate;

/** A part of an answer, in the order in which a model says it. */
public sealed interface AnswerPart {
  /**
   * More of what is said to the reader.
   *
   * @param text not empty
   */
  record Text(String text) implements AnswerPart {}

  /**
   * More of what the model thinks before it answers.
   *
   * @param text not empty
   */
  record Reasoning(String text) implements AnswerPart {}

  /**
   * A tool is called.
   *
   * @param call which call of the answer, from 0
   * @param name the tool
   */
  record CallBegins(int call, String name) implements AnswerPart {}

  /**
   * More of what a tool is called with: pieces of one JSON object.
   *
   * @param call which call of the answer
   * @param text not empty
   */
  record CallArguments(int call, String text) implements AnswerPart {}
}
