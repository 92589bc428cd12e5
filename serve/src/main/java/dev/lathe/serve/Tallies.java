package dev.lathe.serve;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The tallies of all versions. One that was closed goes on counting where it stopped when the
 * version is loaded again; of closed ones only the latest are kept.
 */
final class Tallies {
  private final int mostClosed;
  private final Map<ModelVersion, Tally> open = new LinkedHashMap<>();
  private final LinkedHashMap<ModelVersion, Tally> closed = new LinkedHashMap<>();

  /**
   * No tallies.
   *
   * @param mostClosed how many of closed versions are kept
   */
  Tallies(int mostClosed) {
    this.mostClosed = mostClosed;
  }

  /** The tally of a version that is loaded now. */
  synchronized Tally open(ModelVersion model) {
    Tally before = closed.remove(model);
    return open.computeIfAbsent(model, absent -> before == null ? new Tally(absent) : before);
  }

  /** The version was closed. */
  synchronized void close(ModelVersion model) {
    Tally tally = open.remove(model);
    if (tally != null) {
      closed.put(model, tally);
      if (closed.size() > mostClosed) {
        closed.pollFirstEntry();
      }
    }
  }

  synchronized Collection<Tally> all() {
    return Stream.concat(open.values().stream(), closed.values().stream()).toList();
  }
}
