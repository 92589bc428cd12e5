package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is live in one environment of one model. A new version is loaded and warmed first;
 * then it takes over at once, and the old one is closed when the last request that has it is done.
 * If the new one cannot be loaded, the old one stays.
 */
final class Follower {
  private static final System.Logger LOG = System.getLogger(Follower.class.getName());

  private final ModelName model;
  private final String environment;
  private final Versions versions;
  private final Duration retry;

  /** Held as one user; null before the first load and after the end. */
  private volatile @Nullable LoadedModel current;

  private volatile String wanted = "";
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

  /**
   * The live version, with the caller as one of its users.
   *
   * @throws LatheException why there is none
   */
  LoadedModel acquire() {
    while (true) {
      LoadedModel now = current;
      if (now == null) {
        LatheException why = problem;
        throw why == null
            ? new LatheException(ServeError.NOT_LIVE, model + ": not live in " + environment)
            : new LatheException(why.code(), why.getMessage(), why);
      }
      if (now.tryRetain()) {
        return now;
      }
      Thread.onSpinWait();
    }
  }

  boolean isLive() {
    return current != null;
  }

  ModelStatus status() {
    LoadedModel now = current;
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
  synchronized void follow(Supplier<Optional<Source.Wish>> wishes) {
    wishes.get().ifPresent(this::follow);
  }

  private void follow(Source.Wish wish) {
    LoadedModel now = current;
    if (ended) {
      return;
    }
    wanted = wish.version();
    Optional.ofNullable(now).ifPresent(LoadedModel::sequences);
    Served next = new Served(new ModelVersion(model, wish.version()), wish.serving());
    if (now != null && now.served().equals(next)) {
      problem = null;
      return;
    }
    boolean known = problem != null && failedChange.equals(wish.change());
    if (known && System.nanoTime() - failedAt < retry.toNanos()) {
      return;
    }
    try {
      LoadedModel taking = versions.acquire(next);
      Optional.ofNullable(now).ifPresent(taking::takeOver);
      current = taking;
      problem = null;
      LOG.log(Level.INFO, next + " is live in " + environment);
    } catch (LatheException e) {
      if (!known) {
        LOG.log(Level.WARNING, model + " in " + environment + ": " + e.getMessage());
      }
      problem = e;
      failedChange = wish.change();
      failedAt = System.nanoTime();
    }
  }

  /** Lets the live version go; nothing is live here any more. */
  synchronized void end() {
    ended = true;
    LoadedModel now = current;
    current = null;
    if (now != null) {
      now.release();
    }
  }
}
