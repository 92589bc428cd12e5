package dev.lathe.server.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock file that is free again when its process dies, however it dies.
 *
 * <p>The system's locks belong to the process as a whole, and closing any channel on the file frees
 * them. So a file that this process holds is never opened a second time: the process keeps a list
 * of what it holds.
 */
public final class ProcessLock implements AutoCloseable {
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private ProcessLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @param file the lock file, by its real path; made if it is not there
   * @return the lock, to be closed; empty if this process or another has it
   * @throws IOException if the file cannot be made
   */
  public static Optional<ProcessLock> tryLock(Path file) throws IOException {
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
    } finally {
      if (!locked) {
        release(file, channel);
      }
    }
    return locked ? Optional.of(new ProcessLock(file, channel)) : Optional.empty();
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    try {
      release(file, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void release(Path file, FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD.remove(file);
    }
  }
}
