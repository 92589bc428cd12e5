package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the version that a name means: a tag, {@code latest}, an environment, or a commit. */
final class ResolveVersion {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,40}");

  private ResolveVersion() {}

  /**
   * Finds a version.
   *
   * @throws LatheException UNKNOWN_VERSION if the name means none
   */
  static VersionInfo in(ModelRepository repository, String name) throws IOException {
    Optional<VersionInfo> found =
        name.equals("latest") ? tagged(repository, repository.latest()) : named(repository, name);
    if (found.isEmpty()) {
      throw new LatheException(
          RegistryError.UNKNOWN_VERSION,
          "version "
              + Names.quote(name)
              + " of "
              + repository.model()
              + ": unknown (expected: "
              + repository.latest().map(tag -> "v1 to " + tag + ", ").orElse("")
              + "latest, an environment, or a commit)");
    }
    return found.get();
  }

  private static Optional<VersionInfo> named(ModelRepository repository, String name)
      throws IOException {
    Optional<VersionTag> tag = VersionTag.parse(name);
    if (tag.isEmpty() && repository.environments().contains(name)) {
      tag = repository.deployment(name).map(Deployment::live).flatMap(VersionTag::parse);
    }
    if (tag.isPresent()) {
      return tagged(repository, tag);
    }
    return COMMIT.matcher(name).matches()
        ? repository.log().stream().filter(v -> v.commit().startsWith(name)).findFirst()
        : Optional.empty();
  }

  private static Optional<VersionInfo> tagged(ModelRepository repository, Optional<VersionTag> tag)
      throws IOException {
    return tag.isEmpty() ? Optional.empty() : repository.version(tag.get());
  }

  /**
   * Refuses a commit that is no version.
   *
   * @throws LatheException UNKNOWN_VERSION if it has no tag
   */
  static void requireTag(VersionInfo version) {
    if (VersionTag.parse(version.version()).isEmpty()) {
      throw new LatheException(
          RegistryError.UNKNOWN_VERSION,
          "commit " + version.version() + " of " + version.model() + " has no tag v<N>");
    }
  }
}
