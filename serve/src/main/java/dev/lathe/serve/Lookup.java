package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Serving;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds what answers: what is live somewhere, or a version by its number.
 *
 * @param source says what there is
 * @param environment the server's own, which says how versions are served
 * @param kept what is in memory
 * @param refresh has an environment's wish done
 */
record Lookup(Source source, String environment, Kept kept, Consumer<Place> refresh) {
  private static final int TRIES = 100;

  /**
   * What is in memory, and why.
   *
   * @param versions the versions
   * @param numbered those that were asked for by number
   * @param followers those that are live somewhere
   */
  record Kept(Versions versions, Numbered numbered, Followers followers) {}

  /** What is live, with the caller as one of its users. */
  LoadedModel live(Place place) {
    for (int i = 0; i < TRIES; i++) {
      Optional<LoadedModel> model = kept.followers().acquire(place);
      if (model.isPresent()) {
        return model.get();
      }
      refresh.accept(place);
      Follower follower =
          kept.followers()
              .at(place)
              .orElseThrow(() -> new LatheException(ServeError.NOT_LIVE, absence(place)));
      if (follower.current().isEmpty() && !follower.status().problem().isEmpty()) {
        throw follower.absence();
      }
    }
    throw new LatheException(
        ServeError.OUT_OF_MEMORY,
        place.model() + ": let go again and again before it answered (try again later)");
  }

  private String absence(Place place) {
    boolean exists = source.exists(place.model());
    String live = "no version is live in environment \"" + place.environment() + "\"";
    return "model \"" + place.model() + "\": " + (exists ? live : "no such model");
  }

  /** A version by its number, with the caller as one of its users. */
  LoadedModel exact(ModelVersion id) {
    Optional<Source.Wish> wish = source.wish(id.model(), environment);
    Availability.require(source, wish, id);
    LoadedModel model =
        kept.versions()
            .acquire(new Served(id, wish.map(Source.Wish::serving).orElse(Serving.NONE)));
    kept.numbered().used(model);
    return model;
  }

  /** A version by its number without using it; empty if it was never loaded. */
  Optional<Glance> glance(ModelVersion id) {
    Availability.require(source, source.wish(id.model(), environment), id);
    return kept.versions().all().stream()
        .filter(model -> model.id().equals(id))
        .findFirst()
        .map(Glance::of)
        .or(() -> kept.versions().signature(id).map(known -> new Glance(id, Optional.of(known))));
  }
}
