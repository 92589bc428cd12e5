package dev.lathe.server.speak;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.Glance;
import dev.lathe.serve.Lease;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.Selector;
import dev.lathe.serve.ServeError;
import dev.lathe.serve.Visit;
import java.util.Map;
import java.util.Optional;

/**
 * Leases as callers may have them: the base of an adapter is loaded for nobody who may neither ask
 * nor read it, and told of to its readers alone.
 *
 * @param deployments what is loaded
 * @param registry says what a version is before it is loaded
 */
public record Leases(Deployments deployments, Registry registry) {
  /**
   * A lease on a model.
   *
   * @param model its name
   * @param selector which version
   * @param visit the request
   * @return the lease; the caller closes it
   * @throws LatheException NOT_ALLOWED for an adapter whose base the caller may not have loaded; or
   *     what {@link Deployments#acquire(ModelName, Selector, Visit)} throws
   */
  public Lease acquire(ModelName model, Selector selector, Visit visit) {
    if (selector instanceof Selector.Exact(String exact)) {
      requireLoadable(new ModelVersion(model, exact));
    }
    try {
      return deployments.acquire(model, selector, visit);
    } catch (LatheException e) {
      throw e.code() == ServeError.LOAD_FAILED ? told(e, model, selector) : e;
    }
  }

  /**
   * What is known of a model without using it.
   *
   * @param model its name
   * @param selector which version
   * @return the glance; empty if it has to be acquired to be known
   * @throws LatheException as {@link Deployments#glance}
   */
  public Optional<Glance> glance(ModelName model, Selector selector) {
    try {
      return deployments.glance(model, selector);
    } catch (LatheException e) {
      throw e.code() == ServeError.LOAD_FAILED ? told(e, model, selector) : e;
    }
  }

  /**
   * Loads what is live of a model in the server's environment, also if it was unloaded.
   *
   * @param model its name
   * @param settings how it is served otherwise, as for {@link Deployments#load}
   * @throws LatheException as {@link Deployments#load}, but of an adapter's base less to those who
   *     may not read it
   */
  public void load(ModelName model, Map<String, String> settings) {
    try {
      deployments.load(model, settings);
    } catch (LatheException e) {
      throw deployments.statuses().stream()
          .filter(status -> status.model().equals(model) && !status.wanted().isEmpty())
          .map(status -> told(e, new ModelVersion(model, status.wanted())))
          .filter(told -> told != e)
          .findFirst()
          .orElse(e);
    }
  }

  /**
   * What a caller hears of a version that does not answer.
   *
   * @param version the version
   * @param problem why it does not
   * @return the same, or less of it where an adapter's base is nothing that the caller may read
   */
  public String told(ModelVersion version, String problem) {
    LatheException why = new LatheException(ServeError.LOAD_FAILED, problem);
    return String.valueOf(told(why, version).getMessage());
  }

  /** Of a version that cannot be looked at, nothing was loaded that could be told of. */
  private LatheException told(LatheException why, ModelVersion version) {
    if (why.code() != ServeError.LOAD_FAILED) {
      return why;
    }
    Metadata metadata;
    try {
      metadata = registry.show(version.model(), version.version()).metadata();
    } catch (LatheException e) {
      return why;
    }
    return AdapterRight.told(why, metadata, version.toString());
  }

  /** What an environment names was let in by whoever deployed it. */
  private void requireLoadable(ModelVersion version) {
    boolean loaded = deployments.loaded().stream().anyMatch(one -> one.id().equals(version));
    if (!loaded) {
      Metadata metadata = registry.show(version.model(), version.version()).metadata();
      AdapterRight.requireLoadable(metadata, version.toString());
    }
  }

  private LatheException told(LatheException why, ModelName model, Selector selector) {
    Optional<String> version =
        switch (selector) {
          case Selector.Exact(String exact) -> Optional.of(exact);
          case Selector.Live(String at) ->
              registry.deployment(model, at).map(found -> found.plan().live());
        };
    return version
        .map(
            one ->
                AdapterRight.told(
                    why,
                    registry.show(model, one).metadata(),
                    new ModelVersion(model, one).toString()))
        .orElse(why);
  }
}
