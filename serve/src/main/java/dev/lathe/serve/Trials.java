package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.serve.TrialReport.State;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What is on trial in the environments that are followed. A canary that turns bad gets no more
 * requests from that moment, and is taken out of its environment by a change that says why; where
 * that cannot be written, it is tried again.
 */
final class Trials implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Trials.class.getName());

  private final Source source;
  private final Trial.Parts parts;
  private final ServeObserver observer;
  private final Map<Place, Trial> running = new ConcurrentHashMap<>();

  /** Of its own, since whoever follows environments may be loading a model for long. */
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lathe-trials").factory());

  private String problem = "";

  Trials(Source source, Trial.Parts parts, ServeObserver observer) {
    this.source = source;
    this.parts = parts;
    this.observer = observer;
  }

  /** Looks from now on whether a canary has turned bad. */
  void watch(Duration every) {
    rounds.scheduleWithFixedDelay(
        this::round, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void round() {
    try {
      running.values().forEach(this::judge);
      problem = "";
    } catch (Error | RuntimeException e) {
      if (!problem.equals(e.toString())) {
        problem = e.toString();
        LOG.log(Level.WARNING, "canaries cannot be looked at", e);
      }
    }
  }

  /** What is on trial beside a live part; also a canary that was taken out and not replaced. */
  Optional<Trial> beside(Place live) {
    return running.isEmpty() ? Optional.empty() : Optional.ofNullable(running.get(live));
  }

  /**
   * Begins and ends trials as an environment says. One thread at a time: two that saw none would
   * begin one each, and what the first has counted would be lost.
   */
  synchronized void follow(Place live) {
    Trial now = running.get(live);
    // Asked before the environment is: what says so after that may be about a newer plan.
    boolean over = now != null && now.isTakenOut();
    Optional<DeploymentPlan> plan =
        source.wish(live.model(), live.environment()).map(w -> w.plan());
    if (plan.isEmpty()) {
      running.remove(live);
    } else if (now != null && isRolledBack(now, plan.get())) {
      now.takenOut();
    } else if (now != null && !over && now.isOf(plan.get())) {
      return;
    } else if (plan.get().canary().isPresent() || plan.get().shadow().isPresent()) {
      running.put(live, new Trial(live, plan.get(), parts));
    } else {
      running.remove(live);
    }
  }

  /** What was seen of a canary is told until something else is on trial, or live. */
  private static boolean isRolledBack(Trial trial, DeploymentPlan now) {
    return !trial.ended().isEmpty()
        && now.canary().isEmpty()
        && trial.plan().canary().map(now::withCanary).filter(trial::isOf).isPresent();
  }

  synchronized void end(Place live) {
    running.remove(live);
  }

  private void judge(Trial trial) {
    if (trial.isTakenOut()
        || trial.plan().canary().isEmpty()
        || trial.plan().rollback().isEmpty()) {
      return;
    }
    boolean first = trial.ended().isEmpty();
    if (first) {
      Optional<String> reason = trial.judgement().reason().or(() -> unloadable(trial));
      if (reason.isEmpty()) {
        return;
      }
      trial.end(reason.get());
    }
    String canary = trial.plan().canary().get().version();
    boolean there =
        source
            .wish(trial.place().model(), trial.place().environment())
            .flatMap(wish -> wish.plan().canary())
            .filter(one -> one.version().equals(canary))
            .isPresent();
    if (there) {
      takeOut(trial, canary, first);
    } else {
      trial.takenOut();
    }
  }

  private void takeOut(Trial trial, String canary, boolean first) {
    Place place = trial.place();
    try {
      source.takeOut(
          place,
          canary,
          "Roll back " + place.environment() + ": " + canary + "\n\n" + trial.ended());
      trial.takenOut();
      LOG.log(
          Level.WARNING,
          place.model()
              + "@"
              + canary
              + " is rolled back in "
              + place.environment()
              + ": "
              + trial.ended());
      observer.rolledBack(
          new ModelVersion(place.model(), canary), place.environment(), trial.ended());
    } catch (LatheException e) {
      if (first) {
        LOG.log(
            Level.WARNING,
            place.model()
                + "@"
                + canary
                + " gets no more requests, but stays in "
                + place.environment()
                + " until that can be changed",
            e);
      }
    }
  }

  /** A canary that cannot be loaded is no good, unless it is only for want of memory. */
  private Optional<String> unloadable(Trial trial) {
    return parts
        .followers()
        .at(trial.place().as(Place.Role.CANARY))
        .filter(follower -> follower.current().isEmpty())
        .flatMap(
            follower -> trial.plan().canary().flatMap(canary -> follower.failure(canary.version())))
        .filter(failure -> failure.code() != ServeError.OUT_OF_MEMORY)
        .map(failure -> String.valueOf(failure.getMessage()));
  }

  /** What was seen, by model and environment. */
  List<TrialReport> reports() {
    return running.values().stream()
        .map(this::report)
        .sorted(Comparator.comparing(TrialReport::model).thenComparing(TrialReport::environment))
        .toList();
  }

  TrialReport report(Trial trial) {
    Place place = trial.place();
    return new TrialReport(
        place.model().toString(),
        place.environment(),
        trial.plan().live(),
        trial.since(),
        trial.plan().canary().map(canary -> canary(trial, canary.version())),
        trial.plan().shadow().map(shadow -> shadow(trial, shadow.version())));
  }

  private TrialReport.Canary canary(Trial trial, String version) {
    boolean ended = !trial.ended().isEmpty();
    Optional<String> absence = absence(trial.place().as(Place.Role.CANARY));
    return new TrialReport.Canary(
        version,
        ended ? State.ROLLED_BACK : absence.isPresent() ? State.WAITING : State.RUNNING,
        ended ? trial.ended() : absence.orElse(""),
        trial.figures(Place.Role.CANARY),
        trial.figures(Place.Role.LIVE),
        trial.judgement().checks(),
        trial.divergence(Place.Role.CANARY).agreement());
  }

  private TrialReport.Shadow shadow(Trial trial, String version) {
    Optional<String> absence = absence(trial.place().as(Place.Role.SHADOW));
    return new TrialReport.Shadow(
        version,
        absence.isPresent() ? State.WAITING : State.RUNNING,
        absence.orElse(""),
        trial.figures(Place.Role.SHADOW),
        trial.divergence(Place.Role.SHADOW).agreement());
  }

  /** Why a part is not played; empty if it is. */
  private Optional<String> absence(Place place) {
    Optional<Follower> follower = parts.followers().at(place);
    if (follower.flatMap(Follower::current).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        follower
            .flatMap(Follower::failure)
            .map(failure -> String.valueOf(failure.getMessage()))
            .orElse("not in memory: loaded when there is room"));
  }

  /** Looks no more; returns when no canary is being taken out. */
  @Override
  public void close() {
    rounds.close();
  }
}
