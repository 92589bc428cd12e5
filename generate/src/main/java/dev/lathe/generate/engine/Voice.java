package dev.lathe.generate.engine;

/** Makes a text of tokens, one after another. For one thread. */
public interface Voice {
  /**
   * One more token.
   *
   * @param token the token
   * @return the text that is certain now
   */
  String push(int token);

  /**
   * There are no more tokens.
   *
   * @return what was held back
   */
  String finish();
}
