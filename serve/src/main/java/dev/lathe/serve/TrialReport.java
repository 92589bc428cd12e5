package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server has seen of the versions on trial in an environment, since the trial began there or
 * the server did.
 *
 * @param model the model
 * @param environment the environment
 * @param live the version that answers
 * @param since when the trial began here
 * @param canary the version that answers a part of the requests
 * @param shadow the version that answers copies
 */
public record TrialReport(
    String model,
    String environment,
    String live,
    Instant since,
    Optional<Canary> canary,
    Optional<Shadow> shadow) {

  /** How a version on trial stands. */
  public enum State {
    /** It answers. */
    RUNNING,
    /** It is not in memory; the live version answers meanwhile. */
    WAITING,
    /** It was taken out by itself. */
    ROLLED_BACK
  }

  /**
   * A version that answers a part of the requests.
   *
   * @param version the version
   * @param state how it stands
   * @param reason why it does not answer; empty if it does
   * @param figures what became of its requests
   * @param live what became of the live version's meanwhile
   * @param checks how it stands against each limit of the rule
   * @param agreement how its answers compare with the live version's; nothing is compared where the
   *     rule has no limit for that
   */
  public record Canary(
      String version,
      State state,
      String reason,
      Figures figures,
      Figures live,
      List<Check> checks,
      Agreement agreement) {}

  /**
   * A version that answers copies.
   *
   * @param version the version
   * @param state how it stands
   * @param reason why it does not answer; empty if it does
   * @param figures what became of the copies
   * @param agreement how its answers compare with the live version's
   */
  public record Shadow(
      String version, State state, String reason, Figures figures, Agreement agreement) {}

  /**
   * What became of requests.
   *
   * @param answered how many were answered
   * @param failed how many failed, and not by their caller's fault
   * @param medianMillis the median of the time to an answer, milliseconds, to nine per cent
   * @param p99Millis its 99th percentile
   */
  public record Figures(long answered, long failed, double medianMillis, double p99Millis) {}

  /** How a figure stands against its limit. */
  public enum Standing {
    /** There were too few requests to say. */
    TOO_FEW,
    /** It may be within. */
    WITHIN,
    /** It is beyond, and not by chance. */
    PASSED
  }

  /**
   * A limit and what was found within the window.
   *
   * @param rule the limit's key
   * @param limit the limit
   * @param found the figure
   * @param requests over how many requests
   * @param standing whether it is passed
   * @param words the same in a sentence
   */
  public record Check(
      String rule, double limit, double found, long requests, Standing standing, String words) {}

  /**
   * How answers compare with the live version's.
   *
   * @param compared how many answers were compared
   * @param different how many differ
   * @param dropped how many requests were not compared because the server was busy, because they
   *     are too large, or because the other version was not in memory
   * @param outputs the outputs that differed, by name
   * @param requests requests whose answers differ, the newest first, at most 50
   */
  public record Agreement(
      long compared,
      long different,
      long dropped,
      List<Output> outputs,
      List<Differing> requests) {}

  /**
   * An output over all answers that were compared.
   *
   * @param name its name
   * @param different in how many answers it differs
   * @param maxAbsolute the largest distance of two numbers
   * @param maxRelative the largest distance of two numbers over the larger one's size
   */
  public record Output(String name, long different, double maxAbsolute, double maxRelative) {}

  /**
   * A request whose answers differ.
   *
   * @param id its id: the client's {@code X-Request-Id}, or the one that the server gave it
   * @param time when it was answered
   * @param differences what differs
   * @param failure why the other version gave no answer; empty if it gave one
   * @param inputs its inputs, where {@code comparison.keep_inputs} is on and they are at most 64
   *     KiB
   */
  public record Differing(
      String id,
      Instant time,
      List<Difference> differences,
      String failure,
      Map<String, Tensor> inputs) {}

  /** In what two outputs differ. */
  public enum Kind {
    /** In nothing. */
    NOTHING,
    /** One of the versions does not give the output. */
    MISSING,
    /** In their element types. */
    TYPE,
    /** In their shapes. */
    SHAPE,
    /** In which number along the last axis is the largest. */
    LABEL,
    /** In a value. */
    VALUE
  }

  /**
   * What differs in an output.
   *
   * @param output its name
   * @param kind in what it differs
   * @param live what the live version gave: type, shape, label, or the value that is farthest off
   * @param trial what the version on trial gave
   * @param place row-major index of that value, or of the first row with another label
   * @param count how many values, or rows, differ
   * @param maxAbsolute the largest distance of two numbers
   * @param maxRelative the largest distance of two numbers over the larger one's size
   */
  public record Difference(
      String output,
      Kind kind,
      String live,
      String trial,
      long place,
      long count,
      double maxAbsolute,
      double maxRelative) {}
}
