package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.importing.AdapterImport;
import dev.lathe.server.importing.FolderImport;
import dev.lathe.server.importing.HubDownload;
import dev.lathe.server.importing.HubReference;
import dev.lathe.server.release.Packed;
import dev.lathe.zoo.LowRank;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Makes models of others versions, one at a time: each may take as much memory and disk as there
 * is. Whatever fails, nothing of it is published.
 */
final class Importing {
  private static final long PATIENCE_SECONDS = 60;
  private static final int MOST_UPLOADS = 8;

  private final Registry registry;
  private final Path data;
  private final Map<String, String> environment;
  private final Semaphore turn = new Semaphore(1, true);
  private final Semaphore uploads = new Semaphore(MOST_UPLOADS);

  Importing(Registry registry, Path data, Map<String, String> environment) {
    this.registry = registry;
    this.data = data;
    this.environment = environment;
  }

  /**
   * What is to become of it.
   *
   * @param base the model that an adapter was made for; empty for a model, or if the adapter says
   * @param message why the version exists; may be empty
   */
  record Wish(String base, String message) {}

  /** A folder of this machine, or a model of a hub. */
  VersionInfo from(ModelName model, String source, Wish wish) {
    return alone(
        scratch -> {
          if (!source.startsWith(HubReference.SCHEME)) {
            return publish(model, new Found(folder(source), ""), wish, scratch);
          }
          HubReference wanted = HubReference.parse(source);
          Path fetched = inside(scratch, "fetched");
          HubReference found = HubDownload.of(environment).fetch(wanted, fetched);
          return publish(model, new Found(fetched, found.toString()), wish, scratch);
        });
  }

  /** A folder that comes packed. Whoever sends slowly keeps nobody else waiting. */
  VersionInfo from(ModelName model, InputStream zip, Wish wish) {
    if (!uploads.tryAcquire()) {
      throw new LatheException(
          ServerError.BUSY,
          "folders come in already (expected: at most "
              + MOST_UPLOADS
              + " at once); try again later");
    }
    try (ScratchFolder upload = ScratchFolder.below(data)) {
      Path sent = inside(upload.path(), "sent");
      Packed.unpack(zip, sent);
      return alone(scratch -> publish(model, new Found(sent, ""), wish, scratch));
    } finally {
      uploads.release();
    }
  }

  private VersionInfo publish(ModelName model, Found found, Wish wish, Path scratch) {
    return registry.publish(model, release(model, found, wish, scratch));
  }

  private Release release(ModelName model, Found found, Wish wish, Path scratch) {
    if (LowRank.isIn(found.folder())) {
      return new AdapterImport(registry, InstantSource.system())
          .read(
              found.folder(),
              new AdapterImport.Place(model.toString(), wish.base(), found.origin()),
              wish.message());
    }
    if (!wish.base().isEmpty()) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          "base \"" + wish.base() + "\": the source is a model (expected: an adapter, or no base)");
    }
    return reader(scratch).read(found.folder(), found.origin(), wish.message());
  }

  /** A folder that is here now, and where it comes from; that is empty for one of this machine. */
  private record Found(Path folder, String origin) {}

  private static FolderImport reader(Path scratch) {
    return new FolderImport(inside(scratch, "made"), InstantSource.system());
  }

  private static Path folder(String source) {
    try {
      return Path.of(source);
    } catch (InvalidPathException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE, "source \"" + source + "\": no path (expected: a folder)", e);
    }
  }

  private static Path inside(Path scratch, String name) {
    try {
      return Files.createDirectories(scratch.resolve(name));
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE, scratch + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** What is done with a folder for files on their way. */
  private interface Work {
    VersionInfo in(Path scratch);
  }

  private VersionInfo alone(Work work) {
    if (!take()) {
      throw new LatheException(
          ServerError.BUSY,
          "another import takes longer than " + PATIENCE_SECONDS + " s; try again later");
    }
    try (ScratchFolder scratch = ScratchFolder.below(data)) {
      return work.in(scratch.path());
    } finally {
      turn.release();
    }
  }

  private boolean take() {
    try {
      return turn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
