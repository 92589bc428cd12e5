package dev.lathe.server.speak;

import dev.lathe.generate.AnswerParser;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.prepare.Vocabulary;
import java.util.Set;

/**
 * The text of tokens with the special ones that mark thoughts and calls, which an answer's own text
 * leaves out.
 *
 * @param vocabulary the model's tokens
 */
public record MarkedText(Vocabulary vocabulary) {
  private static final Set<String> MARKS = AnswerParser.specials();

  /**
   * What a token adds to an answer.
   *
   * @param token a token as the engine tells it
   * @return its text, and its name where that marks calls or thoughts
   */
  public String said(GenerateEvent.Token token) {
    String name = vocabulary.token(token.token());
    boolean marks = vocabulary.special(token.token()) && MARKS.contains(name);
    return marks ? token.text() + name : token.text();
  }
}
