package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import dev.lathe.transform.WeightForm;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a decoder is kept in memory and shared.
 *
 * @param arenas places for texts, in one or more sizes; chosen by what fits where empty
 * @param room what the places are chosen by where there are none
 * @param prefixBytes what beginnings of texts that are kept outside the places may take beside; as
 *     much as the places at most, 0 for none
 * @param waiting the most answers that wait for a place
 * @param chunk the most tokens of a prompt that are computed between two steps of the others
 * @param draft the most tokens that are guessed ahead while few answers run; 0 for none
 * @param threads threads that compute
 * @param weights how weights are held
 * @param adapters the most adapters in memory beside the decoder; 0 for none
 */
public record TextOptions(
    List<Arena> arenas,
    Room room,
    long prefixBytes,
    int waiting,
    int chunk,
    int draft,
    int threads,
    Weights weights,
    int adapters) {
  private static final int MOST_SLOTS = 16;
  private static final int USUAL_CAPACITY = 8192;
  private static final long USUAL_CACHE = 1L << 30;
  private static final long USUAL_PREFIXES = USUAL_CACHE / 4;
  private static final int USUAL_ADAPTERS = 8;

  /**
   * How weights are held.
   *
   * @param form the form; the quickest on this machine, found by trying, where absent
   * @param folder where forms that were made are kept for the next time; absent if only the
   *     released form is used
   */
  public record Weights(Optional<WeightForm> form, Optional<Path> folder) {
    /** As they were released, in memory. */
    public static final Weights RELEASED =
        new Weights(Optional.of(WeightForm.FLOAT32), Optional.empty());

    /**
     * Refuses other forms without a folder.
     *
     * @throws LatheException BAD_OPTION
     */
    public Weights {
      if (folder.isEmpty() && !form.equals(Optional.of(WeightForm.FLOAT32))) {
        throw new LatheException(
            GenerateError.BAD_OPTION,
            "weights: "
                + form.map(WeightForm::name).orElse("the quickest")
                + " without a folder (expected: a folder to keep the form in)");
      }
    }

    /**
     * What a setting names.
     *
     * @param name a {@link WeightForm}, or {@code auto} for the quickest on this machine
     * @param folder where forms are kept
     * @return how weights are held
     * @throws LatheException BAD_OPTION if there is no such form, or no folder for it
     */
    public static Weights named(String name, Optional<Path> folder) {
      if (name.equals("auto")) {
        return new Weights(Optional.empty(), folder);
      }
      for (WeightForm form : WeightForm.values()) {
        if (form.name().equals(name)) {
          return form == WeightForm.FLOAT32 ? RELEASED : new Weights(Optional.of(form), folder);
        }
      }
      throw new LatheException(
          GenerateError.BAD_OPTION,
          "weights: \"%s\" (expected: auto or one of %s)"
              .formatted(name, List.of(WeightForm.values())));
    }

    /**
     * A form, made once and kept.
     *
     * @param form the form
     * @param folder where it is kept
     * @return how weights are held
     */
    public static Weights of(WeightForm form, Path folder) {
      return new Weights(Optional.of(form), Optional.of(folder));
    }

    /**
     * The quickest form on this machine, found by trying and kept.
     *
     * @param folder where forms are kept
     * @return how weights are held
     */
    public static Weights quickest(Path folder) {
      return new Weights(Optional.empty(), Optional.of(folder));
    }
  }

  /**
   * What places are chosen by: one size that reaches as far as the model does, up to 8192 tokens,
   * as many as the memory allows, 16 at most. What is given is held to; what is not is chosen so
   * that it fits.
   *
   * @param slots how many texts
   * @param context the most tokens of each, if the model goes so far
   * @param cacheBytes what all may take of the memory
   */
  public record Room(OptionalInt slots, OptionalInt context, long cacheBytes) {
    /**
     * Refuses numbers out of range.
     *
     * @throws LatheException BAD_OPTION
     */
    public Room {
      slots.ifPresent(count -> require("slots", count, 1, 1024));
      context.ifPresent(tokens -> require("context", tokens, 2, 1 << 22));
    }

    private Arena arena(long reach, long bytesPerToken) {
      long least = slots.orElse(1);
      long capacity = Math.min(reach, context.orElse(USUAL_CAPACITY));
      while (context.isEmpty() && capacity > 64 && least * capacity * bytesPerToken > cacheBytes) {
        capacity /= 2;
      }
      long fitting = cacheBytes / (capacity * bytesPerToken);
      if (fitting < least) {
        throw new LatheException(
            GenerateError.BAD_OPTION,
            ("cache: %d bytes (expected: at least %d, for %d slots of %d tokens; or fewer slots,"
                    + " or a shorter context)")
                .formatted(cacheBytes, least * capacity * bytesPerToken, least, capacity));
      }
      return new Arena(slots.orElse((int) Math.min(MOST_SLOTS, fitting)), (int) capacity);
    }
  }

  /**
   * Places for texts of one size.
   *
   * @param slots how many texts
   * @param capacity the most tokens of each
   */
  public record Arena(int slots, int capacity) {
    /**
     * Refuses numbers out of range.
     *
     * @throws LatheException BAD_OPTION
     */
    public Arena {
      require("slots", slots, 1, 1024);
      require("capacity", capacity, 2, 1 << 22);
    }
  }

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_OPTION
   */
  public TextOptions {
    require("arenas", arenas.size(), 0, 8);
    require("waiting", waiting, 0, 1 << 16);
    require("chunk", chunk, 1, 1 << 16);
    require("draft", draft, 0, 64);
    require("threads", threads, 1, 256);
    require("adapters", adapters, 0, 1024);
    if (prefixBytes < 0) {
      throw new LatheException(
          GenerateError.BAD_OPTION, "prefixes: " + prefixBytes + " bytes (expected: at least 0)");
    }
    arenas = List.copyOf(arenas);
  }

  private static void require(String what, int found, int least, int most) {
    if (found < least || found > most) {
      throw new LatheException(
          GenerateError.BAD_OPTION,
          what + ": " + found + " (expected: " + least + " to " + most + ")");
    }
  }

  /**
   * Places chosen by what fits into a GiB, and usual numbers for the rest.
   *
   * @return options for this machine
   */
  public static TextOptions usual() {
    int threads = Runtime.getRuntime().availableProcessors();
    return new TextOptions(
        List.of(),
        new Room(OptionalInt.empty(), OptionalInt.empty(), USUAL_CACHE),
        USUAL_PREFIXES,
        256,
        256,
        4,
        Math.min(threads, 256),
        Weights.RELEASED,
        USUAL_ADAPTERS);
  }

  /**
   * One size of places, and usual numbers for the rest.
   *
   * @param slots how many texts at once
   * @param capacity the most tokens of each
   * @return the options
   */
  public static TextOptions of(int slots, int capacity) {
    TextOptions usual = usual();
    return new TextOptions(
        List.of(new Arena(slots, capacity)),
        usual.room,
        usual.prefixBytes,
        usual.waiting,
        usual.chunk,
        usual.draft,
        usual.threads,
        usual.weights,
        usual.adapters);
  }

  /**
   * These options with another number of threads.
   *
   * @param other threads that compute
   * @return new options
   */
  public TextOptions withThreads(int other) {
    return new TextOptions(
        arenas, room, prefixBytes, waiting, chunk, draft, other, weights, adapters);
  }

  /**
   * These options with another size of the cache, where places are chosen.
   *
   * @param other bytes
   * @return new options
   */
  public TextOptions withCacheBytes(long other) {
    return with(new Room(room.slots(), room.context(), other));
  }

  /**
   * These options with another room, where places are chosen.
   *
   * @param other what they are chosen by
   * @return new options
   */
  public TextOptions with(Room other) {
    return new TextOptions(
        arenas, other, prefixBytes, waiting, chunk, draft, threads, weights, adapters);
  }

  /**
   * These options with another size of the store of beginnings.
   *
   * @param other bytes; 0 for none
   * @return new options
   */
  public TextOptions withPrefixBytes(long other) {
    return new TextOptions(arenas, room, other, waiting, chunk, draft, threads, weights, adapters);
  }

  /**
   * These options with other numbers of tokens in a run.
   *
   * @param chunkTokens the most tokens of a prompt
   * @param draftTokens the most tokens that are guessed ahead
   * @return new options
   */
  public TextOptions withRuns(int chunkTokens, int draftTokens) {
    return new TextOptions(
        arenas, room, prefixBytes, waiting, chunkTokens, draftTokens, threads, weights, adapters);
  }

  /**
   * These options with weights held in another way.
   *
   * @param other how
   * @return new options
   */
  public TextOptions with(Weights other) {
    return new TextOptions(
        arenas, room, prefixBytes, waiting, chunk, draft, threads, other, adapters);
  }

  /**
   * These options with another number of adapters.
   *
   * @param other the most adapters in memory; 0 for none
   * @return new options
   */
  public TextOptions withAdapters(int other) {
    return new TextOptions(
        arenas, room, prefixBytes, waiting, chunk, draft, threads, weights, other);
  }

  /**
   * The places of a model: those given, or one size by the {@link Room}.
   *
   * @param context the longest text of the model
   * @param bytesPerToken what a token takes of the cache
   * @return one or more sizes
   * @throws LatheException BAD_OPTION if what is given does not fit into the memory
   */
  List<Arena> arenas(long context, long bytesPerToken) {
    if (arenas.isEmpty()) {
      return List.of(room.arena(context, bytesPerToken));
    }
    return arenas.stream()
        .map(one -> new Arena(one.slots(), (int) Math.min(context, one.capacity())))
        .toList();
  }

  /** Tokens of a text at most, as far as that is said. */
  OptionalLong longest() {
    OptionalInt said =
        arenas.isEmpty() ? room.context() : arenas.stream().mapToInt(Arena::capacity).max();
    return said.isPresent() ? OptionalLong.of(said.getAsInt()) : OptionalLong.empty();
  }
}
