package dev.lathe.train.data.image;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ImageShape;
import dev.lathe.prepare.Picture;
import dev.lathe.train.ImageRecipe;
import dev.lathe.train.ImageRecipe.Corrupt;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads image files on some threads at once; what comes out is in the order of what went in. */
final class Decoding implements AutoCloseable {
  private static final long MAX_BYTES = 1L << 27;
  private static final int MOST_THREADS = 4;

  private final Picture picture;
  private final Corrupt corrupt;
  private final ExecutorService threads;
  private final int ahead;
  private final Queue<Future<Decoded>> waiting = new ArrayDeque<>();

  /**
   * What a file became.
   *
   * @param pixels numbers of 0 to 255, [C, H, W]; none if it is corrupt and left out
   * @param sha256 digest of its bytes
   */
  record Decoded(float[] pixels, String sha256) {
    boolean isCorrupt() {
      return pixels.length == 0;
    }
  }

  Decoding(ImageShape shape, ImageRecipe recipe) {
    this.picture = new Picture(shape, recipe.fit());
    this.corrupt = recipe.corrupt();
    int count = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    this.ahead = 4 * count;
    this.threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().daemon().name("lathe-decode-", 0).factory());
  }

  /** Whether another file may be begun; so many are read at once, and no more. */
  boolean hasRoom() {
    return waiting.size() < ahead;
  }

  void begin(Path file) {
    Callable<Decoded> work = () -> decode(file);
    waiting.add(threads.submit(work));
  }

  /** The file that was begun first. */
  Decoded next() {
    try {
      return waiting.remove().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(TrainError.CANCELLED, "reading images was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LatheException known) {
        throw new LatheException(known.code(), known.getMessage(), known);
      }
      throw new IllegalStateException("an image could not be read", e.getCause());
    } catch (CancellationException e) {
      throw new LatheException(TrainError.CANCELLED, "reading images was stopped", e);
    }
  }

  private Decoded decode(Path file) {
    byte[] bytes = bytes(file);
    String sha256 = Digest.ofBytes(MemorySegment.ofArray(bytes));
    try {
      return new Decoded(picture.read(bytes), sha256);
    } catch (Picture.Unreadable e) {
      if (corrupt == Corrupt.SKIP) {
        return new Decoded(new float[0], sha256);
      }
      throw new LatheException(
          TrainError.BAD_DATA,
          file + ": " + e.getMessage() + " (data.corrupt: skip leaves such files out)",
          e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            file + ": " + size + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new LatheException(TrainError.FILE_NOT_FOUND, file + ": cannot be read", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
