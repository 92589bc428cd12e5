package dev.lathe.generate.beam;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedTransducer;
import dev.lathe.transform.TransformError;
import java.util.List;

/** A model of an encoder and a decoder that scores what is written for sources. */
public interface SourceScores extends AutoCloseable {
  /**
   * Loads a model, over a cache if it has that form.
   *
   * @param model in plain form
   * @param pad the token that fills up sources
   * @param options how it uses the machine
   * @return the scores; the caller closes them
   * @throws LatheException BAD_MODEL for other inputs and outputs
   */
  static SourceScores open(Model model, int pad, SessionOptions options) {
    PlainScores.requireKnown(model);
    try {
      return CachedScores.open(CachedTransducer.of(model), pad, options);
    } catch (LatheException e) {
      if (e.code() != TransformError.UNSUPPORTED_FORM) {
        throw e;
      }
      return PlainScores.open(model, pad, options);
    }
  }

  /** Whether a source and a target so far are among the names of inputs. */
  static boolean takes(List<String> inputs) {
    return PlainScores.takes(inputs);
  }

  /**
   * Scores for sources that come and go.
   *
   * @return scores without a source yet, for one thread at a time
   */
  JointScores joint();

  /**
   * How many lines may be worked on together.
   *
   * @param longest the most tokens that are written for a source
   * @return at least one
   */
  int mostLines(int longest);

  /**
   * How long a target may become, by the model's tables of places.
   *
   * @return tokens; {@link Integer#MAX_VALUE} if nothing is known
   */
  int context();

  /**
   * What it takes in memory.
   *
   * @return bytes of weights
   */
  long bytes();

  @Override
  void close();
}
