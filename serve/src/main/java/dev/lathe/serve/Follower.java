package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is live in one environment of one model. A new version is loaded and warmed first;
 * then it takes over at once, and the old one is closed when the last request that has it is done.
 * If the new one cannot be loaded, the old one stays.
 *
 * <p>What is live may be let go for its memory, by {@link #park}; the next request that wants it
 * loads it again. Where memory does not hold the old version and the new one, the old one is let go
 * first in the same way, and requests wait until the new one is there.
 */
final class Follower {
  private static final System.Logger LOG = System.getLogger(Follower.class.getName());

  private final ModelName model;
  private final String environment;
  private final Versions versions;
  private final Duration retry;

  /** Held as one user; null before the first load, while parked, and after the end. */
  private final AtomicReference<@Nullable LoadedModel> current = new AtomicReference<>();

  private volatile String wanted = "";
  private volatile boolean parked;
  private volatile @Nullable LatheException problem;
  private String failedChange = "";
  private long failedAt;
  private boolean ended;

  Follower(ModelName model, String environment, Versions versions, Duration retry) {
    this.model = model;
    this.environment = environment;
    this.versions = versions;
    this.retry = retry;
  }

  /** Who asks for the wish to be fulfilled. */
  enum Occasion {
    /** Nobody but the environment: what was let go stays so, and what does not fit waits. */
    AHEAD,
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
    LatheException why = problem;
    return why == null
        ? new LatheException(ServeError.NOT_LIVE, model + ": not live in " + environment)
        : new LatheException(why.code(), why.getMessage(), why);
  }

  boolean keeps(LoadedModel one) {
    return current.get() == one;
  }

  Optional<LoadedModel> current() {
    return Optional.ofNullable(current.get());
  }

  ModelStatus status() {
    LoadedModel now = current.get();
    LatheException why = problem;
    return new ModelStatus(
        model,
        environment,
        now == null ? "" : now.id().version(),
        wanted,
        why == null ? "" : String.valueOf(why.getMessage()));
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
    Served next = new Served(new ModelVersion(model, wish.version()), wish.serving());
    wanted = wish.version();
    if (now != null && now.served().equals(next)) {
      problem = null;
      return;
    }
    boolean known = problem != null && failedChange.equals(wish.change());
    if ((known && isTooSoon(occasion))
        || (occasion == Occasion.AHEAD && now == null && mayWait(next))) {
      return;
    }
    try {
      LoadedModel taking = versions.acquire(next);
      Optional.ofNullable(now).filter(LoadedModel::tryRetain).ifPresent(taking::takeOver);
      swap(taking);
      problem = null;
      LOG.log(Level.INFO, next + " is live in " + environment);
    } catch (LatheException e) {
      failed(wish, e, known);
      Optional.ofNullable(now).ifPresent(this::restore);
    }
  }

  /** Lack of memory passes: a request may try again at once. */
  private boolean isTooSoon(Occasion occasion) {
    LatheException why = problem;
    boolean passes = why != null && why.code() == ServeError.OUT_OF_MEMORY;
    return System.nanoTime() - failedAt < retry.toNanos()
        && !(passes && occasion == Occasion.REQUEST);
  }

  private boolean mayWait(Served next) {
    try {
      parked |= !versions.fits(next);
    } catch (LatheException e) {
      return false; // Loading says what is wrong, and that is kept.
    }
    return parked;
  }

  private void swap(LoadedModel next) {
    parked = false;
    Optional.ofNullable(current.getAndSet(next)).ifPresent(LoadedModel::release);
  }

  private void failed(Source.Wish wish, LatheException e, boolean known) {
    if (!known) {
      LOG.log(Level.WARNING, model + " in " + environment + ": " + e.getMessage());
    }
    problem = e;
    failedChange = wish.change();
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
