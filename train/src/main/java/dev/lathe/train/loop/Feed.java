package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a run, epoch by epoch. Data that cost more than a copy are read ahead by a thread
 * of their own into a ring of batches; which examples a batch has never depends on that.
 *
 * <p>For a network that looks at a batch as a whole, the rest of an epoch's last batch is the
 * epoch's first examples, so that it too depends on seed and epoch only.
 */
final class Feed implements AutoCloseable {
  private static final int RING = 4;

  private final Part part;
  private final boolean whole;
  private final List<Batch> ring = new ArrayList<>();
  private final Queue<Batch> idle = new ArrayDeque<>();
  private Optional<Supplier<Cursor>> others = Optional.empty();
  private @Nullable Cursor cursor;
  private @Nullable ReadAhead ahead;

  /** Batches of a size, for a network that looks at each example alone or at a batch as a whole. */
  Feed(Part part, int size, boolean whole) {
    this.part = part;
    this.whole = whole;
    int batches = part.isInMemory() ? 1 : RING;
    for (int i = 0; i < batches; i++) {
      ring.add(new Batch(part.columns(), size));
    }
  }

  /** Goes to a batch of an epoch. */
  void begin(long seed, int epoch, int batch) {
    end();
    Cursor opened = part.shuffled(seed, epoch);
    opened.skip((long) batch * ring.getFirst().size());
    cursor = opened;
    others = whole ? Optional.of(() -> part.shuffled(seed, epoch)) : Optional.empty();
    if (!part.isInMemory()) {
      ahead = new ReadAhead(opened, others, ring);
    }
    idle.clear();
    idle.addAll(ring);
  }

  /** The next batch, which is the caller's until it is given back. */
  Batch take() {
    Batch batch = ahead != null ? ahead.take() : filled(idle.remove());
    if (batch.count() == 0) {
      throw new LatheException(
          TrainError.BAD_DATA,
          "training data: fewer examples than the "
              + part.size()
              + " that were counted (have the files changed?)");
    }
    return batch;
  }

  private Batch filled(Batch batch) {
    if (cursor != null) {
      batch.fill(cursor, others);
    }
    return batch;
  }

  void giveBack(Batch batch) {
    if (ahead != null) {
      ahead.giveBack(batch);
    } else {
      idle.add(batch);
    }
  }

  private void end() {
    if (ahead != null) {
      ahead.close();
      ahead = null;
    }
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }

  @Override
  public void close() {
    end();
    ring.forEach(Batch::close);
  }

  /** One epoch's batches, filled by a thread. */
  private static final class ReadAhead {
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(RING);
    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(RING);
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    ReadAhead(Cursor cursor, Optional<Supplier<Cursor>> others, List<Batch> ring) {
      empty.addAll(ring);
      thread =
          Thread.ofPlatform()
              .daemon()
              .name("lathe-read-ahead")
              .unstarted(() -> fill(cursor, others));
      thread.setUncaughtExceptionHandler((_, e) -> failure = e);
      thread.start();
    }

    private void fill(Cursor cursor, Optional<Supplier<Cursor>> others) {
      try {
        int count = 1;
        while (count > 0) {
          Batch batch = empty.take();
          count = batch.fill(cursor, others);
          full.put(batch);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    Batch take() {
      try {
        Batch batch = full.poll();
        while (batch == null) {
          rethrow();
          batch = full.poll(50, TimeUnit.MILLISECONDS);
        }
        return batch;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LatheException(TrainError.CANCELLED, "training was interrupted", e);
      }
    }

    private void rethrow() {
      Throwable cause = failure;
      if (cause instanceof LatheException known) {
        throw new LatheException(known.code(), known.getMessage(), known);
      }
      if (cause != null) {
        throw new IllegalStateException("reading ahead failed", cause);
      }
    }

    void giveBack(Batch batch) {
      empty.add(batch);
    }

    void close() {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
