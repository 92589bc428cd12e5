package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Models in Git. Every model is one bare Git repository; its versions are commits on {@code main}
 * with tags {@code v<N>}, its environments are branches {@code env/<name>}. Large files lie in one
 * blob store, in Git are Git LFS pointers.
 *
 * <p>All methods may be called by many threads; several processes may have the same folder open.
 * What one of them publishes or deploys, the others see at their next call. A process that is
 * killed leaves each repository as it was before or after the change it was making.
 */
public final class Registry implements AutoCloseable {
  private final Layout layout;
  private final RegistryOptions options;
  private final BlobStore blobs;
  private final Publish publish;
  private final Materialize materialize;
  private final Map<ModelName, ModelRepository> repositories = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private Registry(Layout layout, RegistryOptions options) {
    this.layout = layout;
    this.options = options;
    this.blobs = new BlobStore(layout.blobs(), layout.temporary(), options);
    this.publish = new Publish(layout, blobs, options);
    this.materialize = new Materialize(layout, blobs, options);
  }

  /**
   * Refuses what cannot be an environment's name, as {@link #deploy} does.
   *
   * @param environment the name
   * @throws LatheException BAD_NAME if it is not valid
   */
  public static void requireEnvironment(String environment) {
    Names.requireEnvironment(environment);
  }

  /**
   * Opens a folder as a registry with default options, and makes it if it is not there.
   *
   * @param root the folder
   * @return the registry; the caller closes it
   * @throws LatheException STORAGE_FAILED if the folder cannot be made or read
   */
  public static Registry open(Path root) {
    return open(root, RegistryOptions.defaults());
  }

  /**
   * Opens a folder as a registry, and makes it if it is not there.
   *
   * @param root the folder
   * @param options how the registry behaves
   * @return the registry; the caller closes it
   * @throws LatheException STORAGE_FAILED if the folder cannot be made or read
   */
  public static Registry open(Path root, RegistryOptions options) {
    GitSurroundings.install();
    try {
      Layout layout = Layout.create(root);
      StaleFiles.remove(layout.temporary());
      return new Registry(layout, options);
    } catch (IOException e) {
      throw Disk.error("opening registry " + root, e);
    }
  }

  /**
   * All models.
   *
   * @return their names, sorted
   */
  public List<ModelName> models() {
    requireOpen();
    try {
      return layout.models();
    } catch (IOException | UncheckedIOException e) {
      throw new LatheException(RegistryError.STORAGE_FAILED, "listing the models", e);
    }
  }

  /**
   * Whether there is such a model.
   *
   * @param model its name
   * @return true if there is
   */
  public boolean exists(ModelName model) {
    return find(model).isPresent();
  }

  /**
   * Makes a release the next version of a model: a commit on {@code main} and the tag {@code v<N>},
   * both or neither. The model's repository is made if it is not there.
   *
   * @param model the model's name
   * @param release the version's files, metadata and message
   * @return the new version
   * @throws LatheException BAD_RELEASE, BAD_PATH or BAD_PIPELINE if the release cannot be a
   *     version; STORAGE_FULL or STORAGE_FAILED if it could not be stored, and then nothing has
   *     changed
   */
  public VersionInfo publish(ModelName model, Release release) {
    requireOpen();
    Release checked = ReleasedPipeline.checked(this, model, release);
    StagedRelease staged = StagedRelease.of(checked, blobs, options);
    try (RepositoryLock _ = lock(model)) {
      VersionTag tag = publish.apply(model, staged);
      return require(model).version(tag).orElseThrow();
    } catch (IOException e) {
      throw Disk.error("publishing " + model, e);
    }
  }

  /**
   * A model's versions, the newest first, as {@code git log main} tells them.
   *
   * @param model the model's name
   * @return its versions
   * @throws LatheException UNKNOWN_MODEL if there is no such model
   */
  public List<VersionInfo> log(ModelName model) {
    try {
      return require(model).log();
    } catch (IOException e) {
      throw Disk.error("log of " + model, e);
    }
  }

  /**
   * One version.
   *
   * @param model the model's name
   * @param version {@code v<N>}, {@code latest}, an environment's name, or the first 7 or more
   *     digits of a version's commit id
   * @return the version
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_VERSION if there is no such model or version
   */
  public VersionInfo show(ModelName model, String version) {
    try {
      return ResolveVersion.in(require(model), version);
    } catch (IOException e) {
      throw Disk.error("show " + model + "@" + Names.quote(version), e);
    }
  }

  /**
   * A small file of a version.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @param path its path inside the version
   * @return its bytes; empty if there is none, or it is large and kept outside Git
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_VERSION if there is no such model or version
   */
  public Optional<byte[]> read(ModelName model, String version, String path) {
    try {
      ModelRepository repository = require(model);
      VersionInfo resolved = ResolveVersion.in(repository, version);
      boolean small = resolved.files().stream().anyMatch(file -> isSmall(file, path));
      return small ? repository.file(resolved, path) : Optional.empty();
    } catch (IOException e) {
      throw Disk.error("reading " + path + " of " + model + "@" + Names.quote(version), e);
    }
  }

  /**
   * Makes a version live in an environment, with a commit that says from what to what, and ends
   * what is on trial there; the other settings stay. Where nothing is new nothing changes.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @param environment the environment's name; it is made if it is not there
   * @return what the environment says now
   * @throws LatheException as {@link #change} does
   */
  public Deployment deploy(ModelName model, String version, String environment) {
    Names.requireEnvironment(environment);
    return change(model, environment, PlanChange.live(show(model, version).version()));
  }

  /**
   * Changes what an environment says at that moment, with a commit that says what became of it.
   *
   * @param model the model's name
   * @param environment the environment's name; it is made if it is not there
   * @param change from what the environment says to what it is to say
   * @return what the environment says now
   * @throws LatheException UNKNOWN_MODEL, UNKNOWN_VERSION if the new plan names a version that is
   *     not there, BAD_NAME, or what the change throws, and then nothing has changed
   */
  public Deployment change(ModelName model, String environment, PlanChange change) {
    Names.requireEnvironment(environment);
    ModelRepository repository = require(model);
    try (RepositoryLock _ = lock(model)) {
      Optional<DeploymentPlan> before = repository.deployment(environment).map(Deployment::plan);
      DeploymentPlan plan = change.apply(before);
      for (String version : plan.versions()) {
        ResolveVersion.requireTag(ResolveVersion.in(repository, version));
      }
      return new Deploy(options).apply(repository, environment, plan, change.reason());
    } catch (IOException e) {
      throw Disk.error("deploying " + model + " to " + environment, e);
    }
  }

  /**
   * Ends what is on trial; where nothing is, makes live again what was live before.
   *
   * @param model the model's name
   * @param environment the environment's name
   * @return what the environment says now
   * @throws LatheException UNKNOWN_MODEL, UNKNOWN_ENVIRONMENT; UNKNOWN_VERSION if there is none
   */
  public Deployment rollback(ModelName model, String environment) {
    return change(
        model, environment, before -> new TakeBack(history(model, environment)).apply(before));
  }

  /**
   * What each of a model's environments says now.
   *
   * @param model the model's name
   * @return its deployments, sorted by environment
   * @throws LatheException UNKNOWN_MODEL if there is no such model
   */
  public List<Deployment> deployments(ModelName model) {
    try {
      ModelRepository repository = require(model);
      List<Deployment> deployments = new ArrayList<>();
      for (String environment : repository.environments()) {
        repository.deployment(environment).ifPresent(deployments::add);
      }
      return deployments;
    } catch (IOException e) {
      throw Disk.error("deployments of " + model, e);
    }
  }

  /**
   * What one environment says now. Cheap: made to be asked often.
   *
   * @param model the model's name
   * @param environment the environment's name
   * @return its deployment; empty if there is no such model or environment
   */
  public Optional<Deployment> deployment(ModelName model, String environment) {
    try {
      Names.requireEnvironment(environment);
      Optional<ModelRepository> repository = find(model);
      return repository.isEmpty() ? Optional.empty() : repository.get().deployment(environment);
    } catch (IOException e) {
      throw Disk.error("deployment of " + model + " in " + environment, e);
    }
  }

  /**
   * What was live when in an environment.
   *
   * @param model the model's name
   * @param environment the environment's name
   * @return its changes, the newest first
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_ENVIRONMENT
   */
  public List<DeploymentChange> history(ModelName model, String environment) {
    try {
      Names.requireEnvironment(environment);
      List<DeploymentChange> history = require(model).history(environment);
      if (history.isEmpty()) {
        throw unknownEnvironment(model, environment);
      }
      return history;
    } catch (IOException e) {
      throw Disk.error("history of " + model + " in " + environment, e);
    }
  }

  /**
   * A folder with a version's real files, for a runtime to open. It is made once, shared by all
   * callers, and to be read only: its large files are the blob store's own. Unless the options say
   * otherwise, the SHA-256 of each large file is compared at its first use in a process and
   * whenever the file has changed since.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @return the folder; {@code model.onnx} is in it
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_VERSION; CORRUPT if a file is not what was
   *     published, naming the file and both digests
   */
  public Path materialize(ModelName model, String version) {
    try {
      ModelRepository repository = require(model);
      VersionInfo resolved = ResolveVersion.in(repository, version);
      Optional<Path> ready = materialize.ready(resolved);
      if (ready.isPresent()) {
        return ready.get();
      }
      // Reading all of a large blob takes long: others need not wait for it at the lock.
      materialize.requireWhole(repository, resolved);
      return build(repository, resolved);
    } catch (IOException e) {
      throw Disk.error("materializing " + model + "@" + Names.quote(version), e);
    }
  }

  /**
   * Writes a version's real files into a folder, as the caller's own copies. Every digest is
   * compared.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @param directory a folder that is empty or not there yet
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_VERSION; NOT_EMPTY if something is in the
   *     folder; CORRUPT if a file is not what was published
   */
  public void checkout(ModelName model, String version, Path directory) {
    try {
      ModelRepository repository = require(model);
      materialize.checkout(repository, ResolveVersion.in(repository, version), directory);
    } catch (IOException e) {
      throw Disk.error("checking out " + model + " into " + directory, e);
    }
  }

  /** Releases what is held open. */
  @Override
  public void close() {
    closed = true;
    repositories.values().forEach(ModelRepository::close);
    repositories.clear();
  }

  /** The repository of a model that exists. */
  ModelRepository require(ModelName model) {
    String unknown = "model " + model + ": unknown";
    return find(model).orElseThrow(() -> new LatheException(RegistryError.UNKNOWN_MODEL, unknown));
  }

  private Optional<ModelRepository> find(ModelName model) {
    requireOpen();
    ModelRepository known = repositories.get(model);
    if (known != null && known.isPresent()) {
      return Optional.of(known);
    }
    Path folder = layout.repository(model);
    if (!Files.isRegularFile(folder.resolve("HEAD"))) {
      return Optional.empty();
    }
    return Optional.of(repositories.computeIfAbsent(model, name -> open(name, folder)));
  }

  private static ModelRepository open(ModelName model, Path folder) {
    try {
      return ModelRepository.open(model, folder);
    } catch (IOException e) {
      throw Disk.error("opening " + model, e);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LatheException(RegistryError.CLOSED, "registry " + layout.root() + ": closed");
    }
  }

  private Path build(ModelRepository repository, VersionInfo version) throws IOException {
    try (RepositoryLock _ = lock(version.model())) {
      Optional<Path> ready = materialize.ready(version);
      return ready.isPresent() ? ready.get() : materialize.build(repository, version);
    }
  }

  private RepositoryLock lock(ModelName model) throws IOException {
    return RepositoryLock.acquire(layout.lock(model), layout.repository(model));
  }

  private static boolean isSmall(VersionFile file, String path) {
    return file.path().equals(path)
        && file.storage() == VersionFile.Storage.GIT
        && file.size() <= LatheYaml.LIMIT;
  }

  private static LatheException unknownEnvironment(ModelName model, String environment) {
    return new LatheException(
        RegistryError.UNKNOWN_ENVIRONMENT,
        "environment " + Names.quote(environment) + " of " + model + ": unknown");
  }
}
