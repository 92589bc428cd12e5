package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.util.List;

/** Texts that come as tokens of the model that is asked, where its tokenizer is at hand. */
public interface TokenTexts {
  /**
   * Makes a vector of each text, as {@link Texts#embed} does.
   *
   * @param model a model that gives features
   * @param tokens of each text, without what the tokenizer adds
   * @param how the version, and how to make vectors; its texts are not looked at
   * @return the vectors
   * @throws LatheException as {@link Texts} says; BAD_REQUEST for a token that the model has not
   */
  Embedded embed(String model, List<int[]> tokens, EmbedRequest how);
}
