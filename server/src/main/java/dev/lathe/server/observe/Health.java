package dev.lathe.server.observe;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.ModelStatus;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.OperationConfig;
import dev.lathe.server.ServerError;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server and its models answer. A model that has answered somebody lately is healthy;
 * any other is run once on its first warm-up sample, or on zeros, one model after the other, so
 * that a model that hangs or fails is found out before somebody asks it. Under load this costs
 * nothing.
 */
public final class Health implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Health.class.getName());
  private static final long SOON_MILLIS = 1000;

  private final Deployments deployments;
  private final OperationConfig.Health config;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final @Nullable Thread watcher;
  private volatile Map<ModelVersion, String> problems = Map.of();
  private volatile boolean draining;

  /**
   * Watches what is deployed.
   *
   * @param deployments the models
   * @param config how often, and what counts
   */
  public Health(Deployments deployments, OperationConfig.Health config) {
    this.deployments = deployments;
    this.config = config;
    this.watcher =
        config.interval().isZero()
            ? null
            : Thread.ofPlatform().daemon().name("lathe-health").start(this::watch);
  }

  /**
   * Whether requests should come here.
   *
   * @return why not; empty if they should
   */
  public Optional<String> problem() {
    if (draining) {
      return Optional.of("the server is stopping");
    }
    if (!deployments.ready()) {
      return Optional.of("models are being loaded, or let go");
    }
    if (!config.wholeServer()) {
      return Optional.empty();
    }
    Map<ModelVersion, String> now = problems;
    List<String> live = new ArrayList<>();
    for (ModelStatus status : deployments.statuses()) {
      ModelVersion version = new ModelVersion(status.model(), status.live());
      if (now.containsKey(version)) {
        live.add(version + " does not answer: " + now.get(version));
      } else if (!status.ready() && !status.problem().isEmpty()) {
        live.add(status.model() + "@" + status.wanted() + " cannot be loaded");
      }
    }
    return live.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", live));
  }

  /**
   * Whether a version answers.
   *
   * @param version a version in memory
   * @return why not; empty if it does, as far as is known
   */
  public Optional<String> problem(ModelVersion version) {
    return Optional.ofNullable(problems.get(version));
  }

  /**
   * Stops here if requests should not come.
   *
   * @throws LatheException NOT_READY that says why
   */
  public void requireReady() {
    problem().ifPresent(Health::refuse);
  }

  /**
   * Stops here if a version does not answer.
   *
   * @param version a version in memory
   * @throws LatheException NOT_READY that says why
   */
  public void requireReady(ModelVersion version) {
    problem(version).ifPresent(why -> refuse(version + " does not answer: " + why));
  }

  private static void refuse(String why) {
    throw new LatheException(ServerError.NOT_READY, why);
  }

  /**
   * From now on the server is not ready, though it still answers.
   *
   * @param delay how long to wait until those who ask have noticed
   */
  public void drain(Duration delay) {
    draining = true;
    try {
      if (stopped.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.log(Level.DEBUG, "closed while draining");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether the server is about to stop.
   *
   * @return true after {@link #drain}
   */
  public boolean isDraining() {
    return draining;
  }

  private void watch() {
    try {
      long pause = config.interval().toMillis();
      while (!stopped.await(pause, TimeUnit.MILLISECONDS)) {
        look();
        long usual = config.interval().toMillis();
        pause = problems.isEmpty() ? usual : Math.min(usual, SOON_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks at every loaded version once. */
  void look() {
    Map<ModelVersion, String> before = problems;
    Map<ModelVersion, String> now = new HashMap<>();
    for (LoadedModel model : deployments.loaded()) {
      if (stopped.getCount() > 0) {
        problemOf(model).ifPresent(why -> now.put(model.id(), why));
      }
    }
    now.forEach(
        (version, why) -> {
          if (!before.containsKey(version)) {
            LOG.log(Level.WARNING, version + " does not answer: " + why);
          }
        });
    before.keySet().stream()
        .filter(version -> !now.containsKey(version))
        .forEach(version -> LOG.log(Level.INFO, version + " answers again"));
    problems = Map.copyOf(now);
  }

  private Optional<String> problemOf(LoadedModel model) {
    long since = System.currentTimeMillis() - config.interval().toMillis();
    return model.statistics().lastInferenceMillis() >= since
        ? Optional.empty()
        : model.check(config.timeout());
  }

  @Override
  public void close() {
    stopped.countDown();
    if (watcher != null) {
      watcher.interrupt();
    }
  }
}
