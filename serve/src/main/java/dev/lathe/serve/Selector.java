package dev.lathe.serve;

import dev.lathe.ir.LatheException;

/** Which version of a model is meant. */
public sealed interface Selector {
  /**
   * Whatever is live in an environment at the moment.
   *
   * @param environment the environment's name
   */
  record Live(String environment) implements Selector {}

  /**
   * A certain version.
   *
   * @param version {@code v<N>}
   */
  record Exact(String version) implements Selector {}

  /**
   * What is live in an environment.
   *
   * @param environment the environment's name
   * @return the selector
   */
  static Selector live(String environment) {
    return new Live(environment);
  }

  /**
   * A certain version.
   *
   * @param text {@code v3} or {@code 3}
   * @return the selector
   * @throws LatheException BAD_INPUT if it is neither
   */
  static Selector version(String text) {
    String digits = text.startsWith("v") ? text.substring(1) : text;
    if (!digits.matches("[1-9][0-9]{0,8}")) {
      throw new LatheException(
          ServeError.BAD_INPUT, "version \"" + text + "\" (expected: a number, such as 3 or v3)");
    }
    return new Exact("v" + digits);
  }
}
