package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The right to change one model's repository: one holder among all threads of all processes.
 *
 * <p>Between processes it is an operating system's lock on a file, which ends with its process
 * however that ends. The file is not empty exactly while somebody holds the lock; whoever gets the
 * lock and finds the file not empty knows that the holder before died at work, and that the
 * repository's {@code *.lock} files are leftovers.
 */
final class RepositoryLock implements AutoCloseable {
  private static final long WAIT_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

  private static final byte[] HELD = {'h', 'e', 'l', 'd', '\n'};

  /** An operating system's lock excludes other processes only; these exclude our own threads. */
  private static final ReentrantLock[] THREADS = new ReentrantLock[64];

  static {
    for (int i = 0; i < THREADS.length; i++) {
      THREADS[i] = new ReentrantLock(true);
    }
  }

  private final ReentrantLock threads;
  private final FileChannel channel;

  private RepositoryLock(ReentrantLock threads, FileChannel channel) {
    this.threads = threads;
    this.channel = channel;
  }

  /**
   * Waits for the lock, and tidies the repository up if the holder before died at work.
   *
   * @param file the lock's file, by its real path; its folder must exist
   * @param repository the repository that it is for, which may not be there yet
   */
  static RepositoryLock acquire(Path file, Path repository) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
    ReentrantLock threads = THREADS[Math.floorMod(file.hashCode(), THREADS.length)];
    lockThreads(threads, file);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        lockProcesses(channel, file, deadline);
        begin(channel, repository);
        return new RepositoryLock(threads, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      threads.unlock();
      throw e;
    }
  }

  private static void begin(FileChannel channel, Path repository) throws IOException {
    boolean abandoned = channel.size() > 0;
    if (abandoned && Files.isDirectory(repository)) {
      BareRepository.removeLeftovers(repository);
    }
    channel.write(ByteBuffer.wrap(HELD), 0);
    channel.force(true);
  }

  private static void lockThreads(ReentrantLock threads, Path file) {
    try {
      if (!threads.tryLock(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw busy(file);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(
          RegistryError.INTERRUPTED, file.getFileName() + ": interrupted while waiting", e);
    }
  }

  private static void lockProcesses(FileChannel channel, Path file, long deadline)
      throws IOException {
    FileLock lock = channel.tryLock();
    while (lock == null) {
      if (System.nanoTime() > deadline) {
        throw busy(file);
      }
      LockSupport.parkNanos(POLL_NANOS);
      lock = channel.tryLock();
    }
  }

  private static LatheException busy(Path file) {
    return new LatheException(
        RegistryError.BUSY,
        file.getFileName()
            + ": another process held it for "
            + WAIT_MILLIS / 1000
            + " s (expected: at most a moment)");
  }

  /** Says that the work is whole, and lets the next one in. */
  @Override
  public void close() throws IOException {
    try (channel) {
      channel.truncate(0);
    } finally {
      threads.unlock();
    }
  }
}
