package dev.lathe.server.speak;

import dev.lathe.server.TextQuestion;

/** How long questions are for a text model, which stays loaded meanwhile. */
public interface PromptMeasure {
  /**
   * The tokens of a question as the model reads it, with its template.
   *
   * @param question a question
   * @return how many
   */
  int tokens(TextQuestion question);

  /**
   * The tokens of a text alone.
   *
   * @param text a text
   * @return how many
   */
  int tokens(String text);

  /**
   * The longest text.
   *
   * @return the most tokens of prompt and answer together
   */
  int context();
}
