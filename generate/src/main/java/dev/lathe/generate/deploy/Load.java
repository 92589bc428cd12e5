package dev.lathe.generate.deploy;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;

/**
 * What a decoder is expected to do.
 *
 * @param streams texts that grow at the same time, 1 to 1024
 * @param promptShare tokens of prompts among all tokens, 0 to 1; those found in a cache do not
 *     count
 * @param longest tokens of a text at most, from 1; {@link Long#MAX_VALUE} if that is not known
 */
public record Load(int streams, double promptShare, long longest) {
  /** One text at a time, its prompt as long as the answer. */
  public static final Load ONE = new Load(1, 0.5, Long.MAX_VALUE);

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_OPTION
   */
  public Load {
    boolean within = streams >= 1 && streams <= 1024 && promptShare >= 0 && promptShare <= 1;
    if (!within || longest < 1) {
      throw new LatheException(
          GenerateError.BAD_OPTION,
          "load: "
              + streams
              + " streams, "
              + promptShare
              + " of the tokens in prompts, texts of "
              + longest
              + " (expected: 1 to 1024, 0 to 1, from 1)");
    }
  }
}
