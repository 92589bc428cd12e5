package dev.lathe.generate;

import dev.lathe.generate.beam.RulesForm;
import dev.lathe.ir.LatheException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How targets are written: what a {@code generation_config.json} of Hugging Face says. Sampling is
 * not among it: of the same source comes the same target.
 *
 * @param marks the tokens around a target
 * @param lengths how long a target is
 * @param beams how it is searched for
 * @param forced tokens that must stand first or last
 * @param avoided tokens that must not be written, or not again
 * @see <a href="https://huggingface.co/docs/transformers/main_classes/text_generation">Hugging
 *     Face: generation</a>
 */
public record WritingRules(
    Marks marks, Lengths lengths, Beams beams, Forced forced, Avoided avoided) {
  /** The name of the file that they are read from. */
  public static final String FILE = "generation_config.json";

  /** The most beams of a search. */
  public static final int MOST_BEAMS = 64;

  /**
   * The tokens around a target.
   *
   * @param start what every target begins with
   * @param ends what it may end with
   * @param pad what fills a source up to the length of those beside it
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Marks(int start, int[] ends, int pad) {
    /**
     * Whether a token ends a target.
     *
     * @param token a token
     * @return whether it is one of the ends
     */
    public boolean isEnd(int token) {
      return Arrays.stream(ends).anyMatch(end -> end == token);
    }
  }

  /**
   * How long a target is, the start and the end counted.
   *
   * @param most the most tokens
   * @param least how many there must be before an end
   */
  public record Lengths(int most, int least) {}

  /** When a beam search stops. */
  public enum Early {
    /** When no open beam is likely to become better than those kept, at its length of now. */
    NO,
    /** As soon as there are enough that ended. */
    YES,
    /** When no open beam can become better than those kept, however long it gets. */
    NEVER
  }

  /**
   * How a target is searched for.
   *
   * @param count beams; 1 is greedy
   * @param lengthPenalty the power of the length that a sum of log probabilities is divided by
   * @param early when it stops
   */
  public record Beams(int count, double lengthPenalty, Early early) {}

  /**
   * Tokens that must stand somewhere.
   *
   * @param first what follows the start; the target's language, for example
   * @param last what stands last in a target of the longest length; empty for anything
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Forced(OptionalInt first, int[] last) {}

  /**
   * Tokens that must not be written, or not again.
   *
   * @param repetition what the score of a token that was written is divided by; 1 for nothing
   * @param noRepeat no run of that many tokens is written twice; 0 for any
   * @param noRepeatOfSource no run of that many tokens of the source is written; 0 for any
   * @param words runs of tokens that are never written
   * @param suppressed tokens that are never written
   * @param suppressedFirst tokens that are not written first
   * @param renormalize whether scores are made log probabilities again after all this
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Avoided(
      double repetition,
      int noRepeat,
      int noRepeatOfSource,
      List<int[]> words,
      int[] suppressed,
      int[] suppressedFirst,
      boolean renormalize) {}

  /**
   * Reads what lies beside a model.
   *
   * @param files texts by name: {@link #FILE} where there is one, and {@code config.json}, which
   *     says the rest
   * @return the rules
   * @throws LatheException BAD_RULES for a file that is no JSON, a number out of range, no start
   *     token or a setting that changes what is written and is not known here
   */
  public static WritingRules parse(Map<String, String> files) {
    return RulesForm.parse(files);
  }

  /**
   * The same with other beams.
   *
   * @param count 1 to {@link #MOST_BEAMS}
   * @return the rules
   * @throws LatheException BAD_RULES for a count out of range
   */
  public WritingRules withBeams(int count) {
    RulesForm.requireRange("num_beams", count, 1, MOST_BEAMS);
    Beams other = new Beams(count, beams.lengthPenalty(), beams.early());
    return new WritingRules(marks, lengths, other, forced, avoided);
  }

  /**
   * The same with targets of another length.
   *
   * @param most the most tokens, the start and the end counted
   * @return the rules
   * @throws LatheException BAD_RULES for fewer than 2
   */
  public WritingRules withLongest(int most) {
    RulesForm.requireRange("max_length", most, 2, RulesForm.LONGEST);
    Lengths other = new Lengths(most, Math.min(most, lengths.least()));
    return new WritingRules(marks, other, beams, forced, avoided);
  }

  /**
   * The same with another first token.
   *
   * @param first what follows the start: the token of the target's language
   * @return the rules
   */
  public WritingRules withFirst(int first) {
    Forced other = new Forced(OptionalInt.of(first), forced.last());
    return new WritingRules(marks, lengths, beams, other, avoided);
  }
}
