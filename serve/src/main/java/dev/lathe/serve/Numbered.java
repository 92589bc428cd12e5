package dev.lathe.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** The versions asked for by number, of which a few stay loaded, the ones used last. */
final class Numbered {
  private final int most;

  /** Each with a user of its own; the one used last is last. */
  private final LinkedHashMap<ModelVersion, LoadedModel> recent =
      new LinkedHashMap<>(16, 0.75f, true);

  Numbered(int most) {
    this.most = most;
  }

  /** A version has been asked for; the caller is one of its users. */
  void used(LoadedModel model) {
    List<LoadedModel> outgoing = new ArrayList<>();
    synchronized (recent) {
      if (recent.get(model.id()) != model && model.tryRetain()) {
        LoadedModel before = recent.put(model.id(), model);
        if (before != null) {
          outgoing.add(before);
        }
        if (recent.size() > most) {
          outgoing.add(recent.pollFirstEntry().getValue());
        }
      }
    }
    outgoing.forEach(LoadedModel::release);
  }

  boolean keeps(LoadedModel model) {
    synchronized (recent) {
      return recent.get(model.id()) == model;
    }
  }

  /** Lets a version go; whether it was kept. */
  boolean letGo(LoadedModel model) {
    synchronized (recent) {
      if (!recent.remove(model.id(), model)) {
        return false;
      }
    }
    model.release();
    return true;
  }

  void letAllGo() {
    List<LoadedModel> outgoing;
    synchronized (recent) {
      outgoing = List.copyOf(recent.values());
      recent.clear();
    }
    outgoing.forEach(LoadedModel::release);
  }
}
