package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the version that plays one part in one environment of one model. A new version is loaded
 * and warmed first; then it takes over at once, and the old one is closed when the last request
 * that has it is done. If the new one cannot be loaded, the old one stays.
 *
 * <p>What is live may be let go for its memory, by {@link #park}; the next request that wants it
 * loads it again. Where memory does not hold the old version and the new one, the old one is let go
 * first in the same way, and requests wait until the new one is there.
 */
final class Follower {
  private static final System.Logger LOG = System.getLogger(Follower.class.getName());

  private final Place place;
  private final Versions versions;
  private final Duration retry;

  /** Held as one user; null before the first load, while parked, and after the end. */
  private final AtomicReference<@Nullable LoadedModel> current = new AtomicReference<>();

  private volatile String wanted = "";
  private volatile boolean parked;
  private volatile @Nullable Problem problem;
  private long failedAt;
  private boolean ended;

  /** Why a version does not answer, and which change of the environment had named it. */
  private record Problem(LatheException why, String version, String change) {}

  Follower(Place place, Versions versions, Duration retry) {
    this.place = place;
    this.versions = versions;
    this.retry = retry;
  }

  /** Who asks for the wish to be fulfilled. */
  enum Occasion {
    /** Nobody but the environment: what was let go stays so, and what does not fit waits. */
    AHEAD,
    /** Nobody but the environment: what does not fit waits until there is room. */
    ROOM,
    /** A request. */
    REQUEST
  }

  /** The live version, with the caller as one of its users; empty if it is not in memory. */
  Optional<LoadedModel> acquire() {
    LoadedModel now = current.get();
    return now != null && now.tryRetain() ? Optional.of(now) : Optional.empty();
  }

  /** Why there is no live version, once a request has asked for it. */
  LatheException absence() {
    return failure()
        .map(why -> new LatheException(why.code(), why.getMessage(), why))
        .orElseGet(
            () ->
                new LatheException(
                    ServeError.NOT_LIVE, place.model() + ": not live in " + place.environment()));
  }

  /** Why the wanted version does not answer; empty if it does. */
  Optional<LatheException> failure() {
    return Optional.ofNullable(problem).map(Problem::why);
  }

  /** Why this version does not answer; empty if it does, or was not tried yet. */
  Optional<LatheException> failure(String version) {
    return Optional.ofNullable(problem)
        .filter(known -> known.version().equals(version))
        .map(Problem::why);
  }

  boolean keeps(LoadedModel one) {
    return current.get() == one;
  }

  Optional<LoadedModel> current() {
    return Optional.ofNullable(current.get());
  }

  ModelStatus status() {
    LoadedModel now = current.get();
    return new ModelStatus(
        place.model(),
        place.environment(),
        now == null ? "" : now.id().version(),
        wanted,
        failure().map(why -> String.valueOf(why.getMessage())).orElse(""),
        now == null && parked && problem == null);
  }

  /**
   * What is known of the live version without using it; empty if it was not tried to be loaded.
   *
   * @throws LatheException why it does not answer
   */
  Optional<Glance> glance() {
    LoadedModel now = current.get();
    if (now != null) {
      return Optional.of(Glance.of(now));
    }
    if (problem != null) {
      throw absence();
    }
    ModelVersion next = new ModelVersion(place.model(), wanted);
    return parked && !wanted.isEmpty()
        ? Optional.of(new Glance(next, versions.signature(next)))
        : Optional.empty();
  }

  /**
   * Does what the environment wants now; returns when it is done or has failed. The wish is looked
   * up in here, so that an older one is never followed after a newer one.
   */
  synchronized void follow(Supplier<Optional<Source.Wish>> wishes, Occasion occasion) {
    wishes.get().ifPresent(wish -> follow(wish, occasion));
  }

  private void follow(Source.Wish wish, Occasion occasion) {
    LoadedModel now = current.get();
    if (ended) {
      return;
    }
    Optional.ofNullable(now).ifPresent(LoadedModel::sequences);
    Served next =
        new Served(
            new ModelVersion(place.model(), wish.version()),
            wish.serving(),
            place.role() == Place.Role.SHADOW
                ? Served.Threads.BACKGROUND
                : Served.Threads.FOREGROUND);
    wanted = wish.version();
    if (now != null && now.served().equals(next)) {
      problem = null;
      return;
    }
    Problem before = problem;
    boolean known = before != null && before.change().equals(wish.change());
    if (!known) {
      problem = null; // What was wrong with another version says nothing about this one.
    }
    if ((known && isTooSoon(occasion)) || (now == null && mayWait(next, occasion))) {
      return;
    }
    try {
      LoadedModel taking = versions.acquire(next);
      Optional.ofNullable(now).filter(LoadedModel::tryRetain).ifPresent(taking::takeOver);
      swap(taking);
      problem = null;
      LOG.log(Level.INFO, next + " is " + place.role().words() + " " + place.environment());
    } catch (LatheException e) {
      failed(wish, e, known);
      Optional.ofNullable(now).ifPresent(this::restore);
    }
  }

  /** Lack of memory passes: a request may try again at once. */
  private boolean isTooSoon(Occasion occasion) {
    boolean passes = failure().filter(why -> why.code() == ServeError.OUT_OF_MEMORY).isPresent();
    return System.nanoTime() - failedAt < retry.toNanos()
        && !(passes && occasion == Occasion.REQUEST);
  }

  private boolean mayWait(Served next, Occasion occasion) {
    try {
      return switch (occasion) {
        case AHEAD -> parked |= !versions.fits(next);
        case ROOM -> !versions.fits(next);
        case REQUEST -> false;
      };
    } catch (LatheException e) {
      return false; // Loading says what is wrong, and that is kept.
    }
  }

  private void swap(LoadedModel next) {
    parked = false;
    Optional.ofNullable(current.getAndSet(next)).ifPresent(LoadedModel::release);
  }

  private void failed(Source.Wish wish, LatheException e, boolean known) {
    if (!known) {
      LOG.log(Level.WARNING, place.model() + " in " + place.environment() + ": " + e.getMessage());
    }
    problem = new Problem(e, wish.version(), wish.change());
    failedAt = System.nanoTime();
  }

  /** Takes back what had to go for a version that then could not be loaded. */
  private void restore(LoadedModel before) {
    if (current.get() != null) {
      return;
    }
    try {
      swap(versions.acquire(before.served()));
    } catch (LatheException e) {
      LOG.log(Level.WARNING, before.id() + " cannot be loaded again: " + e.getMessage());
    }
  }

  /** Lets a version go for its memory, if it is what is live; never waits. */
  boolean park(LoadedModel one) {
    parked = true;
    boolean mine = current.compareAndSet(one, null);
    if (mine) {
      one.release();
    }
    return mine;
  }

  /** Lets the live version go; nothing is live here any more. */
  synchronized void end() {
    ended = true;
    Optional.ofNullable(current.getAndSet(null)).ifPresent(LoadedModel::release);
  }
}
