package dev.lathe.benchmarks.generating;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How requests ended. */
final class StormTally {
  private static final int MOST_SHOWN = 40;

  private final Map<End, LongAdder> ends = new EnumMap<>(End.class);
  private final LongAdder asked = new LongAdder();

  /** How a request can end. */
  enum End {
    KNOWN("answered word for word as alone"),
    FITTING("answered otherwise, and fitting"),
    CUT("structured answers cut at their most tokens, and marked so"),
    LATE("told that their deadline had passed"),
    DENIED("refused as they had to be (400)"),
    BUSY("refused for now (429, 503), with the time to try again"),
    LEFT("left by their client"),
    WRONG("wrong answers, or none");

    private final String title;

    End(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  StormTally() {
    for (End end : End.values()) {
      ends.put(end, new LongAdder());
    }
  }

  void asked() {
    asked.increment();
  }

  long all() {
    return asked.sum();
  }

  void add(End end) {
    LongAdder count = ends.get(end);
    if (count != null) {
      count.increment();
    }
  }

  /** Something is not as it must be. */
  void wrong(String what) {
    add(End.WRONG);
    if (count(End.WRONG) <= MOST_SHOWN) {
      System.err.println("wrong: " + what);
    }
  }

  long count(End end) {
    LongAdder count = ends.get(end);
    return count == null ? 0 : count.sum();
  }
}
