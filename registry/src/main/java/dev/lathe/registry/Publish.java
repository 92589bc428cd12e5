package dev.lathe.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Makes a staged release the next version of a model. Blobs are in the store; here come the links,
 * then the objects, then in one step the branch and the tag. Until that step nothing names what was
 * written, after it all of it is named, and it is a rename: so whoever is killed leaves the old
 * state or the new one.
 *
 * <p>A model's first version is made in a repository out of sight, which then gets its place in one
 * step.
 */
final class Publish {
  private final Layout layout;
  private final BlobStore blobs;
  private final RegistryOptions options;

  Publish(Layout layout, BlobStore blobs, RegistryOptions options) {
    this.layout = layout;
    this.blobs = blobs;
    this.options = options;
  }

  /** Publishes; the caller holds the model's lock. */
  VersionTag apply(ModelName model, StagedRelease release) throws IOException {
    Path folder = layout.repository(model);
    if (Files.isDirectory(folder)) {
      return addVersion(model, folder, release);
    }
    Path unborn = layout.unborn(model);
    Disk.deleteTree(unborn);
    try {
      BareRepository.create(unborn);
      VersionTag tag = addVersion(model, unborn, release);
      Files.createDirectories(folder.getParent());
      Disk.moveDurably(unborn, folder);
      return tag;
    } finally {
      Disk.deleteTree(unborn);
    }
  }

  private VersionTag addVersion(ModelName model, Path folder, StagedRelease release)
      throws IOException {
    for (LfsPointer pointer : release.large().values()) {
      blobs.link(pointer, Layout.links(folder));
    }
    try (ModelRepository repository = ModelRepository.open(model, folder)) {
      Optional<ObjectId> main = repository.branch(BareRepository.MAIN);
      VersionTag tag = repository.latest().map(VersionTag::next).orElseGet(() -> new VersionTag(1));
      Commit commit =
          new Commit(
              release.entries(model, tag),
              main.stream().toList(),
              release.message().isEmpty() ? "Release " + tag : release.message(),
              options.author(),
              options.clock().instant());
      ObjectId id = commit.insert(repository.git());
      Commit.move(
          repository.git(),
          List.of(
              new Commit.RefChange(BareRepository.MAIN, main, id),
              new Commit.RefChange(tag.ref(), Optional.empty(), id)));
      return tag;
    }
  }
}
