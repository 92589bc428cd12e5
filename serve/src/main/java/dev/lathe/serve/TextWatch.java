package dev.lathe.serve;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.serve.TrialReport.Differing;
import dev.lathe.serve.trial.Counts.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A request for text to one of the versions of a trial.
 *
 * @param trial what it is counted for
 * @param role which version answers
 * @param id the request's
 */
record TextWatch(Trial trial, Place.Role role, String id) implements TextOnlooker {
  /** Nobody who gives up so late without a single token asks too much of a version. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  @Override
  public void answered(Times times) {
    long limit = trial.rule().p99Millis().orElse(Long.MAX_VALUE);
    boolean slow = TimeUnit.NANOSECONDS.toMillis(times.wholeNanos()) >= limit;
    trial.window(role).add(new Outcome.Answered(times.firstNanos(), times.tokenNanos(), slow));
  }

  /** Scores that are no numbers are the model's fault, whatever was asked. */
  @Override
  public void failed(LatheException failure, Duration waited) {
    boolean counts =
        failure.kind() == ErrorKind.INVALID
            ? failure.code() == GenerateError.NOT_FINITE
            : trial.blame().counts(failure, waited, LONGEST);
    if (counts) {
      trial.window(role).add(new Outcome.Failed());
    }
  }

  /** What a canary finds wrong may be wrong: it counts only if the live version takes it. */
  @Override
  public void refused(LatheException failure, Consumer<LoadedModel> again) {
    if (role != Place.Role.CANARY) {
      return;
    }
    Optional<LoadedModel> live = trial.acquire(Place.Role.LIVE);
    if (live.isEmpty()) {
      trial.divergence(role).dropped();
      return;
    }
    try (Lease lease = new Lease(live.get())) {
      again.accept(lease.model());
    } catch (LatheException e) {
      return;
    }
    String why = String.valueOf(failure.getMessage());
    trial.divergence(role).add(new Differing(id, Instant.now(), List.of(), why, Map.of()));
    trial.window(role).add(new Outcome.Failed());
  }
}
