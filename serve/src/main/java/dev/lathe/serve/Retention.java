package dev.lathe.serve;

import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Lets versions go that nobody holds: for the memory that another wants, or after a time. */
record Retention(Versions versions, MemoryBudget memory, Followers followers, Numbered numbered) {
  private static final System.Logger LOG = System.getLogger(Retention.class.getName());

  /** Lets go what nobody holds and was used least recently; false if there is no such thing. */
  boolean letGoLeastRecent(Served wanted, Set<Served> leaving) {
    return versions.all().stream()
        .filter(model -> !leaving.contains(model.served()) && !model.served().staysFor(wanted))
        .filter(this::isIdle)
        .min(Comparator.comparingLong(LoadedModel::lastUsed))
        .filter(this::letGo)
        .isPresent();
  }

  /** Whether nobody holds it but those who keep it here. */
  private boolean isIdle(LoadedModel model) {
    long keepers = followers.keepers(model) + (numbered.keeps(model) ? 1 : 0);
    return model.users() <= keepers && model.sequences() == 0;
  }

  /** Lets a version go when its last request is done; whether it was kept here. */
  boolean letGo(LoadedModel model) {
    memory.leaves(model.served());
    boolean gone = followers.park(model) | numbered.letGo(model);
    if (gone) {
      LOG.log(Level.INFO, model.id() + " was let go");
    } else {
      memory.stays(model.served());
    }
    return gone;
  }

  /** Lets go what had no request for as long as its settings say, unless it is on trial. */
  void letGoIdle() {
    long now = System.nanoTime();
    for (LoadedModel model : versions.all()) {
      Optional<Long> idle = model.served().serving().idleUnloadSeconds();
      if (!model.served().pinned()
          && idle.isPresent()
          && now - model.lastUsed() > TimeUnit.SECONDS.toNanos(idle.get())
          && !followers.isOnTrial(model)
          && isIdle(model)) {
        letGo(model);
      }
    }
  }
}
