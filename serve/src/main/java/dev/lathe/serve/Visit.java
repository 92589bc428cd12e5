package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.util.Locale;
import java.util.Optional;

/**
 * A request before it is read: what says whether a version on trial answers it.
 *
 * @param request its id
 * @param caller whose turn it takes
 * @param headers what it carries
 */
public record Visit(String request, String caller, Headers headers) {
  /** Says which of the versions is to answer: {@code live} or {@code canary}. */
  public static final String VARIANT = "lathe-variant";

  /** Names whoever is always to be answered by the same version. */
  public static final String CALLER = "lathe-caller";

  /** A request that says nothing. */
  public static final Visit NONE = new Visit("", "", name -> Optional.empty());

  /** What a request carries beside its body. */
  @FunctionalInterface
  public interface Headers {
    /**
     * A header, or whatever the protocol has in its place.
     *
     * @param name its name in small letters
     * @return its value; empty if the request carries none of that name
     */
    Optional<String> value(String name);
  }

  /**
   * Refuses a variant that there is not.
   *
   * @throws LatheException BAD_INPUT
   */
  void requireVariant() {
    Optional<String> asked = header(VARIANT);
    if (asked.isPresent() && !asked.get().equals("live") && !asked.get().equals("canary")) {
      throw new LatheException(
          ServeError.BAD_INPUT, "variant \"" + asked.get() + "\" (expected: live or canary)");
    }
  }

  /** A header whose name may be written in any case. */
  Optional<String> header(String name) {
    return headers.value(name.toLowerCase(Locale.ROOT));
  }
}
