package dev.lathe.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** How much memory the process has, so that it is seen what a load took. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/statm");
  private static final long PAGE = 4096;
  private static final int RESIDENT = 1;

  /** Loads that were begun, and that are under way: growth is one load's only where it is alone. */
  private final AtomicInteger begun = new AtomicInteger();

  private final AtomicInteger running = new AtomicInteger();

  /** The beginning of a load. */
  record Mark(int begun, boolean alone, long bytes) {}

  Mark begin() {
    boolean alone = running.getAndIncrement() == 0;
    return new Mark(begun.incrementAndGet(), alone, now());
  }

  /**
   * The end of a load.
   *
   * @param least what the load must have taken, in bytes
   * @return what it took: the growth since the beginning, where no other load was under way, but no
   *     less than {@code least} and no more than three times that and 16 MiB, since requests take
   *     memory meanwhile too
   */
  long end(Mark mark, long least) {
    running.decrementAndGet();
    long after = now();
    boolean sure = mark.alone() && begun.get() == mark.begun() && after > 0;
    long growth = sure ? after - mark.bytes() : 0;
    return Math.clamp(growth, least, 3 * least + (16 << 20));
  }

  /** Resident bytes of the process; 0 where the system does not tell. */
  private static long now() {
    try {
      return Long.parseLong(Files.readString(STATUS).split(" ")[RESIDENT]) * PAGE;
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }
}
