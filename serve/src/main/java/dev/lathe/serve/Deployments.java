package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

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
  /** How long a load may wait for memory that requests hold. */
  private static final Duration MEMORY_PATIENCE = Duration.ofSeconds(10);

  private final AdjustedSource source;
  private final ServeOptions options;
  private final ComputePool pool;
  private final MemoryBudget memory;
  private final Versions versions;
  private final Numbered numbered;
  private final Followers followers;
  private final Retention retention;
  private final Lookup lookup;
  private final Mirror mirror;
  private final Trials trials;
  private final Set<ModelName> unloaded = ConcurrentHashMap.newKeySet();
  private final Poller poller;
  private volatile boolean closed;

  /**
   * Follows a registry's environments.
   *
   * @param registry where versions come from; the caller closes it, after this
   * @param options how models are kept loaded
   * @param observer hears what happens
   */
  public Deployments(Registry registry, ServeOptions options, ServeObserver observer) {
    this(RegistrySource.of(registry, options), options, observer);
  }

  Deployments(Source source, ServeOptions options, ServeObserver observer) {
    this.source = new AdjustedSource(source, options.environment());
    this.options = options;
    this.pool = new ComputePool(options.threads());
    this.memory = new MemoryBudget(options.memory(), MEMORY_PATIENCE);
    this.versions =
        new Versions(
            this.source,
            new Versions.Supplies(
                options, pool, observer, this::acquire, memory, this::letGoLeastRecent));
    this.numbered = new Numbered(options.versionCache());
    this.followers = new Followers(this.source, versions, options.retry());
    this.retention = new Retention(versions, memory, followers, numbered);
    this.lookup =
        new Lookup(
            this.source,
            options.environment(),
            new Lookup.Kept(versions, numbered, followers),
            place -> refresh(place, Follower.Occasion.REQUEST));
    this.mirror = new Mirror(pool::isWanted);
    this.trials = new Trials(this.source, new Trial.Parts(followers, mirror), observer);
    trials.watch(options.poll());
    this.poller = new Poller(options.poll(), this::look);
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
      case Selector.Live(String environment) -> new Lease(live(Place.live(model, environment)));
      case Selector.Exact(String version) -> new Lease(exact(new ModelVersion(model, version)));
    };
  }

  /**
   * The model that answers a request: what is live, or a version on trial beside it. A request that
   * is for a canary which is not in memory is answered by what is live.
   *
   * @param model its name
   * @param selector which version
   * @param visit the request
   * @return a lease; the caller closes it
   * @throws LatheException BAD_INPUT if the request asks for an unknown variant; or as {@link
   *     #acquire(ModelName, Selector)}
   */
  public Lease acquire(ModelName model, Selector selector, Visit visit) {
    if (!(selector instanceof Selector.Live(String environment))) {
      return acquire(model, selector);
    }
    requireOpen();
    visit.requireVariant();
    Place place = Place.live(model, environment);
    Optional<Trial> trial = trials.beside(place);
    if (trial.isEmpty() || unloaded.contains(model)) {
      return new Lease(live(place));
    }
    Place.Role role = trial.get().answers(visit);
    Optional<LoadedModel> tried =
        role == Place.Role.LIVE ? Optional.empty() : trial.get().acquire(role);
    Place.Role taken = tried.isEmpty() ? Place.Role.LIVE : role;
    LoadedModel answering = tried.orElseGet(() -> live(place));
    return new Lease(
        answering,
        trial.get().onlooker(taken, visit, answering),
        trial.get().textOnlooker(taken, visit, answering.id().version()));
  }

  /**
   * What is known of a model without using it: nothing is loaded for it, and it counts as no use.
   *
   * @param model its name
   * @param selector which version
   * @return the glance; empty if it is not known here, so that it has to be acquired to be known
   * @throws LatheException UNLOADED, CLOSED, or why the version does not answer
   */
  public Optional<Glance> glance(ModelName model, Selector selector) {
    requireOpen();
    requireLoadable(model);
    return switch (selector) {
      case Selector.Live(String environment) ->
          followers.at(Place.live(model, environment)).flatMap(Follower::glance);
      case Selector.Exact(String version) -> lookup.glance(new ModelVersion(model, version));
    };
  }

  /**
   * Which version answers a request where something is on trial.
   *
   * @param model the model
   * @param environment the environment
   * @param visit the request
   * @return the choice; empty if nothing is on trial there
   * @throws LatheException BAD_INPUT for an unknown variant
   */
  public Optional<Choice> choose(ModelName model, String environment, Visit visit) {
    visit.requireVariant();
    return unloaded.contains(model)
        ? Optional.empty()
        : trials.beside(Place.live(model, environment)).map(trial -> trial.choose(visit));
  }

  /**
   * What was seen of the versions on trial.
   *
   * @return one for each environment with something on trial, or rolled back
   */
  public List<TrialReport> trials() {
    return trials.reports();
  }

  /**
   * What was seen of the versions on trial in one environment.
   *
   * @param model the model
   * @param environment the environment
   * @return the report; empty if nothing is on trial there
   */
  public Optional<TrialReport> trial(ModelName model, String environment) {
    return trials.beside(Place.live(model, environment)).map(trials::report);
  }

  /**
   * Looks at all environments now; what they want is live when this returns, or has failed.
   *
   * @throws LatheException what the registry said about the first that could not be looked at; the
   *     others were looked at nevertheless
   */
  public void refresh() {
    requireOpen();
    Set<Place> places = followers.places();
    source.models().forEach(model -> places.add(Place.live(model, options.environment())));
    LatheException first = null;
    for (Place place : places) {
      try {
        refresh(place, Follower.Occasion.AHEAD);
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
    Place place = Place.live(model, environment);
    refresh(place, Follower.Occasion.REQUEST);
    return followers.at(place).map(Follower::status);
  }

  /**
   * Whether all environments were looked at once, and the end has not come.
   *
   * @return true if ready for requests
   */
  public boolean ready() {
    return poller.hasLooked() && !closed;
  }

  /**
   * The environments that are followed.
   *
   * @return how each one stands, by model and environment
   */
  public List<ModelStatus> statuses() {
    return followers.statuses();
  }

  /**
   * The versions in memory.
   *
   * @return they may be closed at any moment; ask them only for what they say
   */
  public Collection<LoadedModel> loaded() {
    return versions.all();
  }

  /**
   * Loads what is live of a model in the server's environment, also if it was unloaded; returns
   * when it answers. If that fails, all is as it was.
   *
   * @param model the model
   * @param settings how it is served otherwise than its environment says, by name such as {@code
   *     serving.max_batch_rows}, until it is loaded or unloaded again or the environment changes
   * @throws LatheException as {@link #acquire}; the registry's INVALID for settings that cannot be
   */
  public void load(ModelName model, Map<String, String> settings) {
    Runnable undo = source.adjust(model, settings);
    Place place = Place.live(model, options.environment());
    boolean away = unloaded.remove(model);
    refresh(place, Follower.Occasion.REQUEST);
    Optional<LatheException> failure = followers.at(place).flatMap(Follower::failure);
    if (!settings.isEmpty() && failure.isPresent()) {
      undo.run();
      if (away) {
        unloaded.add(model);
      }
      refresh(place, Follower.Occasion.REQUEST);
      throw failure.get();
    }
    acquire(model, Selector.live(options.environment())).close();
  }

  /**
   * Lets all versions of a model go, and loads none until {@link #load} asks for it. Requests that
   * have one finish; later ones are refused with UNLOADED.
   *
   * @param model the model
   * @throws LatheException NOT_LIVE if there is no such model
   */
  public void unload(ModelName model) {
    requireOpen();
    if (!source.exists(model)) {
      throw new LatheException(ServeError.NOT_LIVE, "model \"" + model + "\": no such model");
    }
    unloaded.add(model);
    source.adjust(model, Map.of());
    followers.end(model);
    versions.all().stream().filter(one -> one.id().model().equals(model)).forEach(retention::letGo);
  }

  /**
   * The pipelines that ask a model for one of their steps, and those that ask these.
   *
   * @param model the model
   * @return names of models whose wanted version is such a pipeline, in some environment that is
   *     followed
   */
  public Set<ModelName> dependents(ModelName model) {
    return new Dependents(source, followers.statuses()).of(model);
  }

  /**
   * Whether a model was unloaded by request, and not loaded so since.
   *
   * @param model the model
   * @return true if it was
   */
  public boolean isUnloaded(ModelName model) {
    return unloaded.contains(model);
  }

  /**
   * The memory of all models together.
   *
   * @return what they are charged, and the budget
   */
  public MemoryUse memory() {
    return new MemoryUse(memory.used(), memory.most());
  }

  /** What a version in memory is charged of it, in bytes; 0 once it is gone. */
  public long charge(LoadedModel model) {
    return memory.charge(model.served());
  }

  /**
   * What versions have done since they were first loaded: those in memory, and of those that were
   * closed the latest.
   *
   * @return one for each version, by name and version
   */
  public List<ModelStatistics> statistics() {
    return versions.statistics();
  }

  private LoadedModel live(Place place) {
    requireLoadable(place.model());
    return lookup.live(place);
  }

  private LoadedModel exact(ModelVersion id) {
    requireLoadable(id.model());
    return lookup.exact(id);
  }

  private void requireLoadable(ModelName model) {
    if (unloaded.contains(model)) {
      throw new LatheException(
          ServeError.UNLOADED, "model \"" + model + "\": unloaded by request (load it first)");
    }
  }

  private void refresh(Place place, Follower.Occasion occasion) {
    if (unloaded.contains(place.model()) || place.wish(source).isEmpty()) {
      followers.end(place);
      trials.end(place);
    } else {
      followers.follow(place, occasion);
      trials.follow(place);
    }
  }

  private boolean letGoLeastRecent(Served wanted, Set<Served> leaving) {
    return retention.letGoLeastRecent(wanted, leaving);
  }

  private void look() {
    try {
      refresh();
      retention.letGoIdle();
    } catch (LatheException e) {
      if (e.code() != ServeError.CLOSED) {
        throw e;
      }
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
    poller.close();
    trials.close();
    mirror.close();
    followers.endAll();
    numbered.letAllGo();
    versions.close();
    pool.close();
  }
}
