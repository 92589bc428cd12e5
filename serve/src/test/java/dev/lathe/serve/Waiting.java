package dev.lathe.serve;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Requests for the tests of lines. */
final class Waiting {
  private Waiting() {}

  static Pending of(String caller, long rows) {
    return of(caller, new Pending.Place(rows, RowShape.FIXED, 1), 0);
  }

  static Pending of(String caller, Pending.Place place, long arrived) {
    InferRequest request =
        new InferRequest(Map.of(), Set.of(), RequestOptions.usual().withCaller(caller));
    return new Pending(request, place, arrived, arrived + Long.MAX_VALUE / 2);
  }

  static Pending.Place shaped(long rows, long size) {
    return new Pending.Place(rows, new RowShape(new long[] {size}), 1);
  }

  static Pending.Place level(int level) {
    return new Pending.Place(1, RowShape.FIXED, level);
  }

  static List<Pending> take(FairQueue queue, long most) {
    Gathering run = new Gathering(shape -> most);
    queue.giveTo(run);
    return run.taken();
  }

  static List<Pending> take(WaitingRoom room, long most, long now) {
    Gathering run = new Gathering(shape -> most);
    room.giveTo(run, now);
    return run.taken();
  }

  static List<String> callers(List<Pending> taken) {
    return taken.stream().map(pending -> pending.request().caller()).toList();
  }
}
