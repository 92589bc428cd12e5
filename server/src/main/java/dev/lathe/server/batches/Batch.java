package dev.lathe.server.batches;

import dev.lathe.server.Quota;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A batch as it stands.
 *
 * @param id its name
 * @param owner who made it, with the rights of then
 * @param order what was asked for
 * @param created when it was made
 * @param expires when what is not answered yet is given up
 * @param progress how far it is
 */
public record Batch(
    String id, Owner owner, Order order, Instant created, Instant expires, Progress progress) {
  /** Refuses what was read from a file that says too little. */
  public Batch {
    Objects.requireNonNull(id);
    Objects.requireNonNull(owner.name());
    Objects.requireNonNull(order.inputFile());
    Objects.requireNonNull(created);
    Objects.requireNonNull(expires);
    Objects.requireNonNull(progress.state());
  }

  /**
   * Who made a batch.
   *
   * @param name the caller's name
   * @param account what its files go by; the name, where that was written without it
   * @param scopes what it might do when it made the batch
   * @param quota what it might use
   */
  public record Owner(String name, Optional<String> account, List<String> scopes, Quota quota) {
    /** Takes the name for an account where there is none. */
    public Owner {
      account = Optional.of(account.orElse(name));
    }

    /** What its files go by. */
    String holder() {
      return account.orElse(name);
    }

    static Owner of(Caller caller) {
      return new Owner(
          caller.name(),
          Optional.of(caller.owner()),
          caller.scopes().stream().map(Scope::text).toList(),
          caller.quota());
    }

    Caller caller() {
      return new Caller(name, account, scopes.stream().map(Scope::parse).toList(), quota);
    }
  }

  /**
   * What was asked for.
   *
   * @param endpoint the path that all lines ask
   * @param inputFile the file with the lines
   * @param metadata the owner's own words
   * @param resultSeconds how long the files of results stay; for good if absent
   */
  public record Order(
      String endpoint,
      String inputFile,
      Map<String, String> metadata,
      Optional<Long> resultSeconds) {}

  /** Where a batch is. */
  public enum State {
    /** Its file is being read. */
    VALIDATING,
    /** Its file holds something else than requests. */
    FAILED,
    /** Its lines are being answered. */
    IN_PROGRESS,
    /** Its results are being made files. */
    FINALIZING,
    /** All lines have an answer or an error. */
    COMPLETED,
    /** Its time was over before it was done. */
    EXPIRED,
    /** Its owner wants no more. */
    CANCELLING,
    /** It ended because its owner wanted no more. */
    CANCELLED;

    /**
     * Whether nothing happens any more.
     *
     * @return true in the last state
     */
    public boolean ended() {
      return switch (this) {
        case FAILED, COMPLETED, EXPIRED, CANCELLED -> true;
        case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING -> false;
      };
    }

    /**
     * The API's word.
     *
     * @return the name in small letters
     */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How many lines there are.
   *
   * @param total all of them
   * @param completed those with an answer
   * @param failed those with an error
   */
  public record Counts(int total, int completed, int failed) {}

  /**
   * What is wrong with a file.
   *
   * @param code a word for programs
   * @param message a sentence for people
   * @param param the field that it is about
   * @param line the line, from 1
   */
  public record Problem(
      String code, String message, Optional<String> param, Optional<Integer> line) {
    /** What is told of a problem, in characters. */
    private static final int LONGEST = 500;

    /** Cuts the message: it may repeat what a caller wrote. */
    public Problem {
      message = message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
    }
  }

  /**
   * How far a batch is.
   *
   * @param state where it is
   * @param since when it came to each state, by the state's word
   * @param counts its lines
   * @param problems why it failed
   * @param output the file of answers, once it is there
   * @param errors the file of errors, once it is there
   * @param end the last state, where that is known before it is reached
   */
  public record Progress(
      State state,
      Map<String, Instant> since,
      Counts counts,
      List<Problem> problems,
      Optional<String> output,
      Optional<String> errors,
      Optional<State> end) {
    static Progress begin(Instant now) {
      return new Progress(
          State.VALIDATING,
          Map.of(State.VALIDATING.word(), now),
          new Counts(0, 0, 0),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    Progress to(State next, Instant now) {
      Map<String, Instant> all = new TreeMap<>(since);
      all.put(next.word(), now);
      return new Progress(next, all, counts, problems, output, errors, end);
    }

    Progress with(Counts other) {
      return new Progress(state, since, other, problems, output, errors, end);
    }

    Progress with(List<Problem> found) {
      return new Progress(state, since, counts, found, output, errors, end);
    }

    Progress withFiles(Optional<String> answers, Optional<String> failures) {
      return new Progress(state, since, counts, problems, answers, failures, end);
    }

    /** Remembers how it will end, so that a death on the way does not change it. */
    Progress aiming(State last) {
      return new Progress(state, since, counts, problems, output, errors, Optional.of(last));
    }

    /** The last state. */
    State last() {
      return since.containsKey(State.CANCELLING.word())
          ? State.CANCELLED
          : end.orElse(State.COMPLETED);
    }
  }

  Batch with(Progress other) {
    return new Batch(id, owner, order, created, expires, other);
  }
}
