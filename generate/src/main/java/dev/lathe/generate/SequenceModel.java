package dev.lathe.generate;

import dev.lathe.generate.beam.SourceScores;
import dev.lathe.generate.beam.WritingOrder;
import dev.lathe.generate.beam.WritingQueue;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * An encoder and a decoder in memory, which write a target for a source: a translation, a summary.
 * For many threads at once.
 */
public final class SequenceModel implements AutoCloseable {
  private final SourceScores scores;
  private final WritingRules own;
  private final WritingQueue queue;

  private SequenceModel(SourceScores scores, WritingRules rules, int threads) {
    this.scores = scores;
    this.own = rules;
    this.queue =
        new WritingQueue(scores, Runtime.getRuntime().availableProcessors() / Math.max(1, threads));
  }

  /**
   * Loads a model.
   *
   * @param model in plain form: source, mask if it takes one, and target so far, INT64, to scores
   *     FLOAT [N, T, V]; named as Hugging Face or as this project's training names them
   * @param rules how its makers want it to write
   * @param options how it uses the machine
   * @return the model; the caller closes it
   * @throws LatheException BAD_MODEL for other inputs and outputs, or as opening a session says
   */
  public static SequenceModel open(Model model, WritingRules rules, SessionOptions options) {
    SourceScores scores = SourceScores.open(model, rules.marks().pad(), options);
    return new SequenceModel(scores, rules, options.threads());
  }

  /**
   * Whether a model looks like one of an encoder and a decoder.
   *
   * @param inputs the names of its inputs
   * @return true if a source and a target so far are among them
   */
  public static boolean takes(List<String> inputs) {
    return SourceScores.takes(inputs);
  }

  /**
   * What it takes in memory.
   *
   * @return bytes of weights
   */
  public long bytes() {
    return scores.bytes();
  }

  /**
   * Who hears how many bytes keys and values of what is being written take more than before, or
   * less.
   *
   * @param listener takes the place of an earlier one
   */
  public void onResized(LongConsumer listener) {
    queue.onResized(listener);
  }

  /**
   * How the model's makers want it to write.
   *
   * @return what {@link WritingRules#parse} gave
   */
  public WritingRules rules() {
    return own;
  }

  /**
   * Writes targets, for nobody in particular.
   *
   * @param sources the tokens of each, the end among them where the model wants it
   * @param how the rules, changed or as they are
   * @return for each source what was found, the best first
   * @throws LatheException as {@link #write(List, WritingRules, Sitting)}
   */
  public List<List<Hypothesis>> write(List<long[]> sources, WritingRules how) {
    return write(sources, how, Sitting.USUAL);
  }

  /**
   * Writes targets as long as somebody wants them; the calling thread waits. Sources of all callers
   * are written for side by side, and each gets what it would get alone, up to rounding.
   *
   * @param sources as above
   * @param how as above
   * @param sitting who waits
   * @return as above
   * @throws LatheException BAD_REQUEST for a source without tokens; QUEUE_FULL with a time to come
   *     back after; DEADLINE_PASSED; ABANDONED if the thread is interrupted; NOT_FINITE if the
   *     model gives no numbers, DEAD_END if no token is left; CLOSED after close
   */
  public List<List<Hypothesis>> write(List<long[]> sources, WritingRules how, Sitting sitting) {
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).length == 0) {
        throw new LatheException(
            GenerateError.BAD_REQUEST, "source " + i + ": no tokens (expected: at least one)");
      }
    }
    if (sources.isEmpty()) {
      return List.of();
    }
    WritingRules rules = how.withLongest(Math.min(how.lengths().most(), scores.context()));
    return queue.write(new WritingOrder(sources, rules, sitting));
  }

  /**
   * The tokens of a target without its start and its end.
   *
   * @param hypothesis a target
   * @return the tokens that say something, and special ones between them
   */
  public int[] inner(Hypothesis hypothesis) {
    int[] tokens = hypothesis.tokens();
    boolean ended = tokens.length > 1 && own.marks().isEnd(tokens[tokens.length - 1]);
    return Arrays.copyOfRange(tokens, 1, tokens.length - (ended ? 1 : 0));
  }

  @Override
  public void close() {
    queue.close();
    scores.close();
  }
}
