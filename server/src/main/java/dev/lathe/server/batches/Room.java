package dev.lathe.server.batches;

import dev.lathe.server.files.FileStore;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the results of an owner's batches may still take: the files that the owner has and all that
 * its batches have written count together, and some of the disk stays free for the rest of the
 * server. Safe for many threads.
 */
final class Room {
  /** So much of the disk is left for others, in bytes. */
  private static final long FREE = 256L << 20;

  private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final FileStore files;
  private final String owner;
  private long growing;
  private long left;
  private long free;
  private long looked;
  private boolean known;

  Room(FileStore files, String owner) {
    this.files = files;
    this.owner = owner;
  }

  /** Counts what is written in any case. */
  synchronized void hold(long bytes) {
    growing += bytes;
    free -= bytes;
  }

  /** What was held is not there any more. */
  synchronized void giveBack(long bytes) {
    growing -= bytes;
    known = false;
  }

  /**
   * Makes a file of what was held, so that nobody sees it counted as both, or as neither.
   *
   * @param bytes how much of what was held the file has
   * @param publication makes it
   */
  synchronized void publish(long bytes, Runnable publication) {
    publication.run();
    giveBack(bytes);
  }

  /** Whether so much more may be written; counts it if so. */
  synchronized boolean take(long bytes, Path folder) {
    look(folder);
    if (left - growing < bytes || free - bytes < FREE) {
      return false;
    }
    hold(bytes);
    return true;
  }

  private void look(Path folder) {
    long now = System.nanoTime();
    if (!known || now - looked > LOOK_AGAIN_NANOS) {
      left = files.left(owner);
      free = folder.toFile().getUsableSpace();
      looked = now;
      known = true;
    }
  }
}
