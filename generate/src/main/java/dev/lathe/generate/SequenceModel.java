package dev.lathe.generate;

import dev.lathe.generate.beam.SourceScores;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An encoder and a decoder in memory, which write a target for a source: a translation, a summary.
 * For many threads at once.
 */
public final class SequenceModel implements AutoCloseable {
  private final SourceScores scores;
  private final WritingRules own;

  private SequenceModel(SourceScores scores, WritingRules rules) {
    this.scores = scores;
    this.own = rules;
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
    return new SequenceModel(SourceScores.open(model, rules.marks().pad(), options), rules);
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
   * How the model's makers want it to write.
   *
   * @return what {@link WritingRules#parse} gave
   */
  public WritingRules rules() {
    return own;
  }

  /**
   * Writes targets. Sources of like lengths are worked on side by side; each gets what it would get
   * alone, up to rounding.
   *
   * @param sources the tokens of each, the end among them where the model wants it
   * @param how the rules, changed or as they are
   * @return for each source what was found, the best first
   * @throws LatheException BAD_REQUEST for a source without tokens; NOT_FINITE and DEAD_END as
   *     {@link SequenceWriter#write}; UNAVAILABLE after close
   */
  public List<List<Hypothesis>> write(List<long[]> sources, WritingRules how) {
    return write(sources, how, () -> {});
  }

  /**
   * Writes targets as long as somebody wants them.
   *
   * @param sources as above
   * @param how as above
   * @param between called before each step; what it throws ends the work and is thrown here
   * @return as above
   */
  public List<List<Hypothesis>> write(List<long[]> sources, WritingRules how, Runnable between) {
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).length == 0) {
        throw new LatheException(
            GenerateError.BAD_REQUEST, "source " + i + ": no tokens (expected: at least one)");
      }
    }
    List<Integer> order =
        IntStream.range(0, sources.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> sources.get(i).length))
            .toList();
    WritingRules rules = how.withLongest(Math.min(how.lengths().most(), scores.context()));
    int longest = rules.lengths().most();
    int beams = rules.beams().count();
    int together = Math.max(1, scores.mostLines(longest) / beams);
    List<List<Hypothesis>> found = new ArrayList<>();
    sources.forEach(_ -> found.add(List.of()));
    for (int from = 0; from < order.size(); from += together) {
      List<Integer> some = order.subList(from, Math.min(order.size(), from + together));
      List<long[]> those = some.stream().map(sources::get).toList();
      NextScores next = scores.of(those, longest, those.size() * beams);
      List<List<Hypothesis>> written =
          SequenceWriter.write(
              those,
              rules,
              lines -> {
                between.run();
                return next.after(lines);
              });
      for (int i = 0; i < some.size(); i++) {
        found.set(some.get(i), written.get(i));
      }
    }
    return found;
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
    scores.close();
  }
}
