package dev.lathe.server.observe;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lines appended to a file by a thread of its own, so that nobody waits for the disk. Lines that
 * come faster than they can be written are dropped and counted. A file that has reached its size is
 * renamed ({@code name.1}, {@code name.2}, …, the newest first) and a new one begun; the oldest
 * goes.
 */
public final class LineFile implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LineFile.class.getName());
  private static final int MOST_WAITING = 4096;
  private static final long PATIENCE_SECONDS = 5;

  private final Path file;
  private final Size size;
  private final BlockingQueue<Supplier<String>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final LongAdder dropped = new LongAdder();
  private @Nullable Thread writer;
  private @Nullable BufferedWriter open;
  private volatile long linesPerFile;
  private volatile boolean closed;
  private long bytes;
  private long lines;
  private boolean failing;

  /**
   * How much is kept.
   *
   * @param mostBytes a file's size at which a new one is begun
   * @param old how many full files are kept beside the one that is written
   */
  public record Size(long mostBytes, int old) {}

  /**
   * A file that is opened, and its thread started, with the first line.
   *
   * @param file where; its folder is made if it is missing
   * @param size how much is kept
   */
  public LineFile(Path file, Size size) {
    this.file = file;
    this.size = size;
  }

  /**
   * Where the lines go.
   *
   * @return the file
   */
  public Path file() {
    return file;
  }

  /**
   * Begins a new file also after a number of lines.
   *
   * @param count lines in a file; 0 for no such limit
   */
  public void linesPerFile(long count) {
    linesPerFile = count;
  }

  /**
   * Appends a line soon, or drops it if too many wait.
   *
   * @param line makes the line, without its end, on the writing thread
   * @return false if it was dropped
   */
  public boolean append(Supplier<String> line) {
    if (closed || !waiting.offer(line)) {
      dropped.increment();
      return false;
    }
    if (writer == null) {
      start();
    }
    return true;
  }

  /**
   * Lines that nobody will read.
   *
   * @return how many were dropped because too many waited or the disk refused them
   */
  public long dropped() {
    return dropped.sum();
  }

  /**
   * Waits until all lines appended before are in the file, a few seconds at most.
   *
   * @return whether they are
   */
  public boolean flush() {
    Mark written = new Mark(new CountDownLatch(1));
    if (writer == null) {
      start();
    }
    try {
      return waiting.offer(written, PATIENCE_SECONDS, TimeUnit.SECONDS)
          && written.reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized void start() {
    if (writer == null) {
      writer =
          Thread.ofPlatform().daemon().name("lathe-lines-" + file.getFileName()).start(this::work);
    }
  }

  private void work() {
    while (!closed || !waiting.isEmpty()) {
      try {
        Supplier<String> next = waiting.poll(100, TimeUnit.MILLISECONDS);
        while (next != null) {
          write(next);
          next = waiting.poll();
        }
        settle();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    shut();
  }

  /** Not a line, but somebody who waits for those before it. */
  private record Mark(CountDownLatch reached) implements Supplier<String> {
    @Override
    public String get() {
      return "";
    }
  }

  private void write(Supplier<String> line) {
    if (line instanceof Mark mark) {
      settle();
      mark.reached.countDown();
    } else {
      writeText(line);
    }
  }

  private void writeText(Supplier<String> line) {
    try {
      String text = line.get();
      if (bytes >= size.mostBytes() || (linesPerFile > 0 && lines >= linesPerFile)) {
        rotate();
      }
      writer().write(text + "\n");
      bytes += text.length() + 1;
      lines++;
      failing = false;
    } catch (IOException | UncheckedIOException e) {
      failed(e);
    }
  }

  private BufferedWriter writer() throws IOException {
    BufferedWriter now = open;
    if (now == null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      bytes = Files.exists(file) ? Files.size(file) : 0;
      lines = 0;
      now = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      open = now;
      if (bytes > 0 && !endsWithLine()) {
        now.write("\n");
      }
    }
    return now;
  }

  /** Whether the last line is whole; it is not after a crash amid a write. */
  private boolean endsWithLine() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      channel.read(last, channel.size() - 1);
      return last.get(0) == '\n';
    }
  }

  private void rotate() throws IOException {
    shut();
    for (int i = size.old(); i > 0; i--) {
      Path younger = i == 1 ? file : numbered(i - 1);
      if (Files.exists(younger)) {
        Files.move(younger, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (size.old() == 0) {
      Files.deleteIfExists(file);
    }
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  private void settle() {
    try {
      if (open != null) {
        open.flush();
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  private void shut() {
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      failed(e);
    } finally {
      open = null;
    }
  }

  private void failed(Exception failure) {
    dropped.increment();
    if (!failing) {
      failing = true;
      LOG.log(Level.WARNING, file + " cannot be written; lines are lost", failure);
    }
  }

  /** Writes what waits, a few seconds at most, and ends the thread. */
  @Override
  public void close() {
    closed = true;
    Thread last;
    synchronized (this) {
      last = writer;
    }
    try {
      if (last != null && !last.join(Duration.ofSeconds(PATIENCE_SECONDS))) {
        last.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
