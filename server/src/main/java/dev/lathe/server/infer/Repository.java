package dev.lathe.server.infer;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.ModelStatus;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.ServerError;
import dev.lathe.server.speak.Leases;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The models as the model repository extension shows them: which there are, and which of their
 * versions are in memory.
 *
 * @param deployments what is in memory
 * @param registry what there is
 */
public record Repository(Deployments deployments, Registry registry) {
  /** What the one repository is called where a request names one. */
  private static final String NAME = "lathe";

  private static final int LONGEST = 100;
  private static final String DEPENDENTS = "unload_dependents";

  /** How a version stands. */
  public enum State {
    /** It answers, perhaps once it is loaded again. */
    READY,
    /** It is wanted, and does not answer yet. */
    LOADING,
    /** It does not answer. */
    UNAVAILABLE
  }

  /**
   * A version, or a model that has none in memory.
   *
   * @param name the model's name
   * @param version {@code v<N>}; empty for a model that has none in memory
   * @param state how it stands
   * @param reason why it does not answer, or not at once; empty if it does
   */
  public record Entry(String name, String version, State state, String reason) {}

  /**
   * What answers.
   *
   * @return entries by name and version
   */
  public List<Entry> ready() {
    return index().stream().filter(entry -> entry.state() == State.READY).toList();
  }

  /**
   * When the newest version of a model was made.
   *
   * @param model the model's name
   * @return the time of its commit
   * @throws LatheException the registry's NOT_FOUND if there is no such model
   */
  public Instant created(ModelName model) {
    return registry.show(model, "latest").time();
  }

  /**
   * The model that another one is an adapter of.
   *
   * @param model the model's name
   * @return {@code namespace/name}; empty if its newest version is no adapter
   * @throws LatheException the registry's NOT_FOUND if there is no such model
   */
  public Optional<String> adapterOf(ModelName model) {
    return registry
        .show(model, "latest")
        .metadata()
        .adapterOf()
        .map(version -> version.substring(0, version.lastIndexOf('@')))
        .map(Inference::shown);
  }

  /**
   * All models.
   *
   * @return entries by name and version; what answers, what is wanted, and models of which nothing
   *     is
   */
  public List<Entry> index() {
    Set<ModelVersion> loaded =
        deployments.loaded().stream().map(LoadedModel::id).collect(Collectors.toSet());
    Map<ModelName, List<ModelStatus>> statuses =
        deployments.statuses().stream().collect(Collectors.groupingBy(ModelStatus::model));
    List<Entry> entries = new ArrayList<>();
    loaded.forEach(one -> entries.add(entry(one, State.READY, "")));
    for (ModelName model : registry.models()) {
      entries.addAll(absent(model, loaded, statuses.getOrDefault(model, List.of())));
    }
    entries.sort(
        Comparator.comparing(Entry::name)
            .thenComparing(entry -> entry.version().length())
            .thenComparing(Entry::version));
    return entries;
  }

  /**
   * Loads what is live of a model in the server's environment, also if it was unloaded; returns
   * when it answers.
   *
   * @param model the model's name
   * @param parameters texts by name; what is no text is empty. {@code config} says how the model is
   *     served otherwise than its deployment says, until it is loaded or unloaded again
   * @throws LatheException as {@link Deployments#load}, with the words that clients look for;
   *     NOT_OFFERED for other parameters, BAD_REQUEST for a configuration that cannot be
   */
  public void load(ModelName model, Map<String, String> parameters) {
    try {
      leases().load(model, LoadSettings.of(parameters));
    } catch (LatheException e) {
      throw failed("load", model, e);
    }
  }

  /**
   * Lets all versions of a model go, and loads none until {@link #load} asks for it.
   *
   * @param model the model's name
   * @param parameters texts by name; with {@code unload_dependents} true, the pipelines that ask
   *     the model go as well
   * @param may refuses what the caller may not let go
   * @throws LatheException as {@link Deployments#unload}, with the words that clients look for;
   *     NOT_OFFERED for other parameters; what {@code may} throws, before anything is let go
   */
  public void unload(ModelName model, Map<String, String> parameters, Consumer<ModelName> may) {
    try {
      LoadSettings.requireNone(parameters.keySet(), DEPENDENTS);
      Set<ModelName> dependents = isTrue(parameters) ? deployments.dependents(model) : Set.of();
      dependents.forEach(may);
      dependents.forEach(deployments::unload);
      deployments.unload(model);
    } catch (LatheException e) {
      throw failed("unload", model, e);
    }
  }

  private static boolean isTrue(Map<String, String> parameters) {
    String value = parameters.getOrDefault(DEPENDENTS, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new LatheException(
          ServerError.BAD_REQUEST, "parameter \"" + DEPENDENTS + "\" (expected: true or false)");
    }
    return value.equals("true");
  }

  /**
   * Refuses the name of a repository that is not here.
   *
   * @param name as a request has it; empty for any
   * @throws LatheException NOT_FOUND if there is no such repository
   */
  public static void requireKnown(String name) {
    if (!name.isEmpty() && !name.equals(NAME)) {
      String shown = name.length() > LONGEST ? name.substring(0, LONGEST) + "…" : name;
      throw new LatheException(
          ServerError.NOT_FOUND,
          "repository \"" + shown + "\": no such repository (expected: " + NAME + ", or none)");
    }
  }

  private Leases leases() {
    return new Leases(deployments, registry);
  }

  private static LatheException failed(String verb, ModelName model, LatheException e) {
    return new LatheException(
        e.code(),
        "failed to " + verb + " \"" + Inference.shown(model) + "\": " + e.getMessage(),
        e);
  }

  private List<Entry> absent(
      ModelName model, Set<ModelVersion> loaded, List<ModelStatus> statuses) {
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ModelStatus status : statuses) {
      ModelVersion wanted = new ModelVersion(model, status.wanted());
      if (!status.wanted().isEmpty() && !loaded.contains(wanted) && seen.add(status.wanted())) {
        entries.add(absent(wanted, status));
      }
    }
    String reason = deployments.isUnloaded(model) ? "unloaded" : "not loaded";
    if (entries.isEmpty() && loaded.stream().noneMatch(one -> one.model().equals(model))) {
      entries.add(new Entry(Inference.shown(model), "", State.UNAVAILABLE, reason));
    }
    return entries;
  }

  private Entry absent(ModelVersion wanted, ModelStatus status) {
    if (!status.problem().isEmpty()) {
      return entry(wanted, State.UNAVAILABLE, leases().told(wanted, status.problem()));
    }
    return status.parked()
        ? entry(wanted, State.READY, "not in memory; the next request loads it")
        : entry(wanted, State.LOADING, "being loaded");
  }

  private static Entry entry(ModelVersion version, State state, String reason) {
    return new Entry(Inference.shown(version.model()), version.version(), state, reason);
  }
}
