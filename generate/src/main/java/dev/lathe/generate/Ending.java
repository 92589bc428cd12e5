package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.List;
import java.util.Set;

/**
 * When an answer is complete.
 *
 * @param maxTokens the most tokens of an answer; what the context leaves is a limit, too
 * @param minTokens before so many tokens neither an end token nor a stop is heeded
 * @param stops texts that end the answer wherever they occur in it, also across tokens; they are
 *     not part of it
 * @param stopTokens tokens that end the answer as the model's own end tokens do
 * @param end whether the model's own end tokens end it
 */
public record Ending(
    int maxTokens, int minTokens, List<String> stops, Set<Integer> stopTokens, EndTokens end) {
  /** What the model's own end tokens do. */
  public enum EndTokens {
    /** They end the answer and are not part of its text. */
    END,
    /** They are tokens like others. */
    IGNORED
  }

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_REQUEST
   */
  public Ending {
    Sampling.require("max tokens", maxTokens, 0, Integer.MAX_VALUE);
    Sampling.require("min tokens", minTokens, 0, maxTokens);
    Sampling.require("stops", stops.size(), 0, StopText.MOST);
    Sampling.require("stop tokens", stopTokens.size(), 0, StopText.MOST);
    for (int i = 0; i < stops.size(); i++) {
      Sampling.require("length of stop " + i, stops.get(i).length(), 1, StopText.LONGEST);
    }
    stops = List.copyOf(stops);
    stopTokens = Set.copyOf(stopTokens);
  }

  /**
   * The model's end token, or a number of tokens.
   *
   * @param maxTokens the most tokens
   * @return the ending
   */
  public static Ending after(int maxTokens) {
    return new Ending(maxTokens, 0, List.of(), Set.of(), EndTokens.END);
  }

  /**
   * This with texts that end the answer.
   *
   * @param other the texts
   * @return a new ending
   */
  public Ending withStops(List<String> other) {
    return new Ending(maxTokens, minTokens, other, stopTokens, end);
  }

  /**
   * This with tokens that end the answer.
   *
   * @param other the tokens
   * @return a new ending
   */
  public Ending withStopTokens(Set<Integer> other) {
    return new Ending(maxTokens, minTokens, stops, other, end);
  }

  /**
   * This with a least length.
   *
   * @param other tokens
   * @return a new ending
   */
  public Ending withMinTokens(int other) {
    return new Ending(maxTokens, other, stops, stopTokens, end);
  }

  /**
   * This without heed of the model's end tokens.
   *
   * @return a new ending
   */
  public Ending ignoringEndTokens() {
    return new Ending(maxTokens, minTokens, stops, stopTokens, EndTokens.IGNORED);
  }
}
