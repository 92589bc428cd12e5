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
import org.jspecify.annotations.Nullable;

/**
 * The batches of a run, epoch by epoch. Data that cost more than a copy are read ahead by a thread
 * of their own into a ring of batches, over the borders of epochs; which examples a batch has never
 * depends on that.
 *
 * <p>For a network that looks at a batch as a whole, the rest of an epoch's last batch is the
 * epoch's first examples, so that it too depends on seed and epoch only.
 */
final class Feed implements AutoCloseable {
  private static final int RING = 4;

  private final Part part;
  private final boolean whole;
  private final int epochs;
  private final List<Batch> ring = new ArrayList<>();
  private final Queue<Batch> idle = new ArrayDeque<>();
  private Optional<Rest> others = Optional.empty();
  private @Nullable Cursor cursor;
  private @Nullable ReadAhead ahead;

  /**
   * Batches of a size.
   *
   * @param whole whether the network looks at a batch as a whole, or at each example alone
   * @param epochs how many epochs there are at most; none is read ahead beyond
   */
  Feed(Part part, int size, boolean whole, int epochs) {
    this.part = part;
    this.whole = whole;
    this.epochs = epochs;
    int batches = part.isInMemory() ? 1 : RING;
    for (int i = 0; i < batches; i++) {
      ring.add(new Batch(part.columns(), size));
    }
  }

  /** Goes to a batch of an epoch. */
  void begin(long seed, int epoch, int batch) {
    if (ahead != null && ahead.goesOn(seed, epoch, batch)) {
      return;
    }
    end();
    if (part.isInMemory()) {
      cursor = opened(seed, epoch, batch);
      others = others(seed, epoch, batch);
      idle.clear();
      idle.addAll(ring);
    } else {
      ahead = new ReadAhead(seed, epoch, batch);
    }
  }

  private Cursor opened(long seed, int epoch, int batch) {
    Cursor opened = part.shuffled(seed, epoch);
    opened.skip((long) batch * ring.getFirst().size());
    return opened;
  }

  private Optional<Rest> others(long seed, int epoch, int batch) {
    return whole ? Optional.of(new Rest(part, seed, epoch, batch)) : Optional.empty();
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

  /** Batches from a place on, filled by a thread; one without examples stands between epochs. */
  private final class ReadAhead {
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(RING);
    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(RING);
    private final Thread thread;
    private final long seed;

    /** Whose batches are taken. */
    private int current;

    private volatile @Nullable Throwable failure;

    ReadAhead(long seed, int epoch, int batch) {
      this.seed = seed;
      this.current = epoch;
      empty.addAll(ring);
      thread =
          Thread.ofPlatform()
              .daemon()
              .name("lathe-read-ahead")
              .unstarted(() -> fillFrom(epoch, batch));
      thread.setUncaughtExceptionHandler((_, e) -> failure = e);
      thread.start();
    }

    private void fillFrom(int first, int batch) {
      try {
        fill(first, batch);
        for (int epoch = first + 1; epoch < epochs; epoch++) {
          fill(epoch, 0);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void fill(int epoch, int from) throws InterruptedException {
      try (Cursor cursor = opened(seed, epoch, from)) {
        Optional<Rest> rest = others(seed, epoch, from);
        int count = 1;
        while (count > 0) {
          Batch batch = empty.take();
          count = batch.fill(cursor, rest);
          full.put(batch);
        }
      }
    }

    /** Whether this is the next epoch, from its beginning on, and the last one is all taken. */
    boolean goesOn(long nextSeed, int epoch, int batch) {
      if (nextSeed != seed || epoch != current + 1 || epoch >= epochs || batch != 0) {
        return false;
      }
      Batch end = take();
      boolean over = end.count() == 0;
      giveBack(end);
      current = epoch;
      return over;
    }

    Batch take() {
      try {
        while (true) {
          Throwable before = failure;
          Batch batch = full.poll(before == null ? 50 : 0, TimeUnit.MILLISECONDS);
          if (batch != null) {
            return batch;
          }
          rethrow(before);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LatheException(TrainError.CANCELLED, "training was interrupted", e);
      }
    }

    /** What was read before it failed comes first. */
    private void rethrow(@Nullable Throwable cause) {
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
