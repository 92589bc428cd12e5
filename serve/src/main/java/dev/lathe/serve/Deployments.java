package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Serving;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Which models are in memory, and which version of each answers. Environments are followed: what is
 * deployed becomes live here by itself within the poll interval, or at once by {@link #refresh}. No
 * request fails because of a switch.
 *
 * <p>Models of the default environment are loaded ahead. Those of other environments, and versions
 * asked for by number, are loaded at their first request; of the latter a few stay loaded, the ones
 * used last.
 */
public final class Deployments implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Deployments.class.getName());

  private final Source source;
  private final ServeOptions options;
  private final ComputePool pool;
  private final Versions versions;
  private final Map<Place, Follower> followers = new ConcurrentHashMap<>();

  /** The versions asked for by number, each with a user of its own; the one used last is last. */
  private final LinkedHashMap<ModelVersion, LoadedModel> recent =
      new LinkedHashMap<>(16, 0.75f, true);

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread poller;
  private volatile boolean ready;
  private volatile boolean closed;

  private record Place(ModelName model, String environment) {}

  /**
   * Follows a registry's environments.
   *
   * @param registry where versions come from; it stays the caller's to close, after this
   * @param options how models are kept loaded
   * @param observer hears what happens
   */
  public Deployments(Registry registry, ServeOptions options, ServeObserver observer) {
    this(new RegistrySource(registry), options, observer);
  }

  Deployments(Source source, ServeOptions options, ServeObserver observer) {
    this.source = source;
    this.options = options;
    this.pool = new ComputePool(options.threads());
    this.versions =
        new Versions(source, new Versions.Supplies(options, pool, observer, this::acquire));
    this.poller = Thread.ofPlatform().daemon().name("lathe-deployments").start(this::poll);
  }

  /**
   * A loaded model, loaded first if need be.
   *
   * @param model its name
   * @param selector which version
   * @return a lease; the caller closes it
   * @throws LatheException NOT_LIVE or the registry's NOT_FOUND if there is no such thing,
   *     LOAD_FAILED if it cannot be loaded, CLOSED after the end
   */
  public Lease acquire(ModelName model, Selector selector) {
    requireOpen();
    return switch (selector) {
      case Selector.Live(String environment) -> new Lease(live(new Place(model, environment)));
      case Selector.Exact(String version) -> new Lease(exact(new ModelVersion(model, version)));
    };
  }

  /**
   * Looks at all environments now; what they want is live when this returns, or has failed.
   *
   * @throws LatheException what the registry said about the first that could not be looked at; the
   *     others were looked at nevertheless
   */
  public void refresh() {
    requireOpen();
    Set<Place> places = new HashSet<>(followers.keySet());
    source.models().forEach(model -> places.add(new Place(model, options.environment())));
    LatheException first = null;
    for (Place place : places) {
      try {
        refresh(place);
      } catch (LatheException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /**
   * Looks at one environment now; what it wants is live when this returns, or has failed.
   *
   * @param model the model
   * @param environment the environment
   * @return how far the wish is fulfilled; empty if there is no such environment
   */
  public Optional<ModelStatus> refresh(ModelName model, String environment) {
    requireOpen();
    Place place = new Place(model, environment);
    refresh(place);
    return Optional.ofNullable(followers.get(place)).map(Follower::status);
  }

  /**
   * Whether all environments were looked at once, and the end has not come.
   *
   * @return true if ready for requests
   */
  public boolean ready() {
    return ready && !closed;
  }

  /**
   * The environments that are followed.
   *
   * @return how each one stands, by model and environment
   */
  public List<ModelStatus> statuses() {
    return followers.values().stream()
        .map(Follower::status)
        .sorted(Comparator.comparing(ModelStatus::model).thenComparing(ModelStatus::environment))
        .toList();
  }

  /**
   * The versions in memory. They may be closed at any moment; ask them only for what they say.
   *
   * @return the loaded versions
   */
  public Collection<LoadedModel> loaded() {
    return versions.all();
  }

  /**
   * What versions have done since they were first loaded: those in memory, and of those that were
   * closed the latest.
   *
   * @return one for each version, by name and version
   */
  public List<ModelStatistics> statistics() {
    return versions.statistics().stream()
        .sorted(
            Comparator.comparing((ModelStatistics one) -> one.model().model())
                .thenComparing(one -> one.model().version().length())
                .thenComparing(one -> one.model().version()))
        .toList();
  }

  private LoadedModel live(Place place) {
    Follower follower = followers.get(place);
    if (follower == null || !follower.isLive()) {
      refresh(place);
      follower = followers.get(place);
    }
    if (follower == null) {
      throw new LatheException(ServeError.NOT_LIVE, absence(place));
    }
    return follower.acquire();
  }

  private String absence(Place place) {
    String what = "model \"" + place.model() + "\": ";
    return source.exists(place.model())
        ? what + "no version is live in environment \"" + place.environment() + "\""
        : what + "no such model";
  }

  private LoadedModel exact(ModelVersion id) {
    LoadedModel model = versions.acquire(new Served(id, serving(id.model())));
    List<LoadedModel> outgoing = new ArrayList<>();
    synchronized (recent) {
      if (recent.get(id) != model && model.tryRetain()) {
        Optional.ofNullable(recent.put(id, model)).ifPresent(outgoing::add);
        if (recent.size() > options.versionCache()) {
          outgoing.add(recent.pollFirstEntry().getValue());
        }
      }
    }
    outgoing.forEach(LoadedModel::release);
    return model;
  }

  /** How a version asked for by number is served: as in the default environment. */
  private Serving serving(ModelName model) {
    return source.wish(model, options.environment()).map(Source.Wish::serving).orElse(Serving.NONE);
  }

  private void refresh(Place place) {
    Optional<Source.Wish> wish = source.wish(place.model(), place.environment());
    if (wish.isPresent()) {
      follower(place).follow(() -> source.wish(place.model(), place.environment()));
    } else {
      Optional.ofNullable(followers.remove(place)).ifPresent(Follower::end);
    }
  }

  private Follower follower(Place place) {
    return followers.computeIfAbsent(
        place,
        absent -> new Follower(place.model(), place.environment(), versions, options.retry()));
  }

  private void poll() {
    String problem = "";
    do {
      try {
        refresh();
        problem = "";
      } catch (Error | RuntimeException e) {
        if (!closed && !problem.equals(e.toString())) {
          problem = e.toString();
          LOG.log(Level.WARNING, "an environment cannot be looked at", e);
        }
      }
      ready = true;
    } while (!isStopped());
  }

  private boolean isStopped() {
    try {
      return stopped.await(options.poll().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LatheException(ServeError.CLOSED, "the server is stopping");
    }
  }

  /** Closes every model that nobody holds a lease of; the others when theirs are given back. */
  @Override
  public void close() {
    closed = true;
    stopped.countDown();
    try {
      poller.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    followers.values().forEach(Follower::end);
    synchronized (recent) {
      recent.values().forEach(LoadedModel::release);
      recent.clear();
    }
    versions.close();
    pool.close();
  }
}
