package dev.lathe.server;

import dev.lathe.ir.ErrorKind;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A job: a recipe being run.
 *
 * @param id its name, unique in a data directory
 * @param model the model that its result becomes a version of
 * @param state where it is in its life
 * @param created when it was accepted
 * @param started when work on it began, the last time
 * @param finished when it ended
 * @param progress how far it is
 * @param version the version released, once succeeded
 * @param environment where that version was deployed, if the recipe asked for it
 * @param metrics what the result measured on held-out data, by name; empty until succeeded
 * @param error why it failed, or why it could not be resumed
 * @param errorKind what kind of error that is
 */
public record JobInfo(
    String id,
    String model,
    JobState state,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> finished,
    Optional<JobProgress> progress,
    Optional<String> version,
    Optional<String> environment,
    Map<String, Double> metrics,
    Optional<String> error,
    Optional<ErrorKind> errorKind) {
  /**
   * A job that was just accepted.
   *
   * @param id its name
   * @param model the model that its result becomes a version of
   * @param now the time
   * @return the job, queued
   */
  public static JobInfo queued(String id, String model, Instant now) {
    return new JobInfo(
        id,
        model,
        JobState.QUEUED,
        now,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Whether it is worth going on with: it was stopped, or it failed on its way for a reason that
   * may pass, such as a full disk. A loss that is no number would be none again.
   *
   * @return true if {@code resume} is what to do next
   */
  public boolean canGoOn() {
    return switch (state) {
      case CANCELLED, INTERRUPTED -> true;
      case FAILED -> progress.isPresent() && errorKind.filter(ErrorKind.INVALID::equals).isEmpty();
      case QUEUED, RUNNING, SUCCEEDED -> false;
    };
  }

  /**
   * This job, waiting again.
   *
   * @return the job, queued, with the progress that it had
   */
  public JobInfo queuedAgain() {
    return new JobInfo(
        id,
        model,
        JobState.QUEUED,
        created,
        started,
        Optional.empty(),
        progress,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * This job, being worked on.
   *
   * @param now the time
   * @return the job, running
   */
  public JobInfo running(Instant now) {
    return new JobInfo(
        id,
        model,
        JobState.RUNNING,
        created,
        Optional.of(now),
        finished,
        progress,
        version,
        environment,
        metrics,
        error,
        errorKind);
  }

  /**
   * This job, further on.
   *
   * @param newest how far it is
   * @return the same job with that progress
   */
  public JobInfo at(JobProgress newest) {
    return new JobInfo(
        id,
        model,
        state,
        created,
        started,
        finished,
        Optional.of(newest),
        version,
        environment,
        metrics,
        error,
        errorKind);
  }

  /**
   * This job, stopped without a result and without an error.
   *
   * @param how cancelled or interrupted
   * @param now the time
   * @return the job, ended
   */
  public JobInfo stopped(JobState how, Instant now) {
    return ended(how, now, Optional.empty(), Optional.empty());
  }

  /**
   * This job, ended by an error.
   *
   * @param how failed; or what it was before, if it could not be resumed
   * @param now the time
   * @param why what went wrong
   * @param kind what kind of error that is
   * @return the job, ended
   */
  public JobInfo ended(JobState how, Instant now, String why, ErrorKind kind) {
    return ended(how, now, Optional.of(why), Optional.of(kind));
  }

  private JobInfo ended(JobState how, Instant now, Optional<String> why, Optional<ErrorKind> kind) {
    return new JobInfo(
        id,
        model,
        how,
        created,
        started,
        Optional.of(now),
        progress,
        version,
        environment,
        metrics,
        why,
        kind);
  }

  /**
   * This job, ended well.
   *
   * @param result the version that was released
   * @param now the time
   * @return the job, succeeded
   */
  public JobInfo succeeded(JobResult result, Instant now) {
    return new JobInfo(
        id,
        model,
        JobState.SUCCEEDED,
        created,
        started,
        Optional.of(now),
        progress,
        Optional.of(result.version()),
        result.environment().isEmpty() ? Optional.empty() : Optional.of(result.environment()),
        result.metrics(),
        Optional.empty(),
        Optional.empty());
  }
}
