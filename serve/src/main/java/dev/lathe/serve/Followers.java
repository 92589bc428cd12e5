package dev.lathe.serve;

import dev.lathe.registry.ModelName;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who plays which part in the environments that are followed. */
final class Followers {
  private static final List<Place.Role> ON_TRIAL = List.of(Place.Role.CANARY, Place.Role.SHADOW);

  private final Source source;
  private final Versions versions;
  private final Duration retry;
  private final Map<Place, Follower> byPlace = new ConcurrentHashMap<>();

  Followers(Source source, Versions versions, Duration retry) {
    this.source = source;
    this.versions = versions;
    this.retry = retry;
  }

  /** The live parts that are followed. */
  Set<Place> places() {
    Set<Place> places = new HashSet<>();
    byPlace.keySet().stream().filter(place -> place.role() == Place.Role.LIVE).forEach(places::add);
    return places;
  }

  Optional<Follower> at(Place place) {
    return Optional.ofNullable(byPlace.get(place));
  }

  /** What plays a part, with the caller as one of its users; empty if it is not in memory. */
  Optional<LoadedModel> acquire(Place place) {
    Follower follower = byPlace.get(place);
    return follower == null ? Optional.empty() : follower.acquire();
  }

  /**
   * Does what an environment wants of a live part and of those on trial beside it; returns when it
   * is done or has failed.
   */
  void follow(Place live, Follower.Occasion occasion) {
    follow(live, live, occasion);
    ON_TRIAL.forEach(role -> follow(live, live.as(role), occasion));
  }

  /** For what is on trial nothing else is let go: it is loaded where there is room. */
  private void follow(Place live, Place part, Follower.Occasion occasion) {
    if (part.wish(source).isEmpty()) {
      Optional.ofNullable(byPlace.remove(part)).ifPresent(Follower::end);
      return;
    }
    byPlace
        .computeIfAbsent(part, absent -> new Follower(part, versions, retry))
        .follow(() -> part.wish(source), part.equals(live) ? occasion : Follower.Occasion.ROOM);
  }

  /** Nothing plays a part beside a live one, nor itself, any more. */
  void end(Place live) {
    for (Place.Role role : Place.Role.values()) {
      Optional.ofNullable(byPlace.remove(live.as(role))).ifPresent(Follower::end);
    }
  }

  /** No version of a model plays a part any more. */
  void end(ModelName model) {
    places().stream().filter(place -> place.model().equals(model)).forEach(this::end);
  }

  void endAll() {
    byPlace.values().forEach(Follower::end);
  }

  /** How many parts a version plays. */
  long keepers(LoadedModel model) {
    return byPlace.values().stream().filter(one -> one.keeps(model)).count();
  }

  /** Whether a version plays another part than the live one. */
  boolean isOnTrial(LoadedModel model) {
    return byPlace.entrySet().stream()
        .anyMatch(
            entry -> entry.getKey().role() != Place.Role.LIVE && entry.getValue().keeps(model));
  }

  /** Lets a version go for its memory; whether it played a part. */
  boolean park(LoadedModel model) {
    boolean gone = false;
    for (Follower follower : byPlace.values()) {
      gone |= follower.keeps(model) && follower.park(model);
    }
    return gone;
  }

  /** How the live parts stand, by model and environment. */
  List<ModelStatus> statuses() {
    return byPlace.entrySet().stream()
        .filter(entry -> entry.getKey().role() == Place.Role.LIVE)
        .map(entry -> entry.getValue().status())
        .sorted(Comparator.comparing(ModelStatus::model).thenComparing(ModelStatus::environment))
        .toList();
  }
}
