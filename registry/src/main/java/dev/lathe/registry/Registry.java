package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
  private Registry() {}

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
    throw new UnsupportedOperationException();
  }

  /**
   * All models.
   *
   * @return their names, sorted
   */
  public List<ModelName> models() {
    throw new UnsupportedOperationException();
  }

  /**
   * Whether there is such a model.
   *
   * @param model its name
   * @return true if it has at least one version
   */
  public boolean exists(ModelName model) {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes a release the next version of a model: a commit on {@code main} and the tag {@code v<N>},
   * both or neither. The model's repository is made if it is not there.
   *
   * @param model the model's name
   * @param release the version's files, metadata and message
   * @return the new version
   * @throws LatheException BAD_RELEASE or BAD_PATH if the release cannot be a version; STORAGE_FULL
   *     or STORAGE_FAILED if it could not be stored, and then nothing has changed
   */
  public VersionInfo publish(ModelName model, Release release) {
    throw new UnsupportedOperationException();
  }

  /**
   * A model's versions, the newest first, as {@code git log main} tells them.
   *
   * @param model the model's name
   * @return its versions
   * @throws LatheException UNKNOWN_MODEL if there is no such model
   */
  public List<VersionInfo> log(ModelName model) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  /**
   * Makes a version live in an environment, with a commit that says from what to what. Where it is
   * live already nothing changes.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @param environment the environment's name; it is made if it is not there
   * @return what the environment says now
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_VERSION if there is no such model or version;
   *     BAD_NAME if the environment's name is not valid
   */
  public Deployment deploy(ModelName model, String version, String environment) {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes live again what was live before the last change of an environment.
   *
   * @param model the model's name
   * @param environment the environment's name
   * @return what the environment says now
   * @throws LatheException UNKNOWN_MODEL, UNKNOWN_ENVIRONMENT, or UNKNOWN_VERSION if nothing was
   *     live before
   */
  public Deployment rollback(ModelName model, String environment) {
    throw new UnsupportedOperationException();
  }

  /**
   * What each of a model's environments says now.
   *
   * @param model the model's name
   * @return its deployments, sorted by environment
   * @throws LatheException UNKNOWN_MODEL if there is no such model
   */
  public List<Deployment> deployments(ModelName model) {
    throw new UnsupportedOperationException();
  }

  /**
   * What one environment says now. Cheap: made to be asked often.
   *
   * @param model the model's name
   * @param environment the environment's name
   * @return its deployment; empty if the model has no such environment, or there is no such model
   */
  public Optional<Deployment> deployment(ModelName model, String environment) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  /**
   * A folder with a version's real files, for a runtime to open. It is made once, shared by all
   * callers, and to be read only: its large files are the blob store's own.
   *
   * @param model the model's name
   * @param version as for {@link #show}
   * @return the folder; {@code model.onnx} is in it
   * @throws LatheException UNKNOWN_MODEL or UNKNOWN_VERSION; CORRUPT if a file is not what was
   *     published
   */
  public Path materialize(ModelName model, String version) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  /** Releases what is held open. */
  @Override
  public void close() {}
}
