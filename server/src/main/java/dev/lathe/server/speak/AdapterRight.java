package dev.lathe.server.speak;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Metadata;
import dev.lathe.serve.LoadedModel;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import java.util.Optional;

/**
 * Who asks an adapter asks the model that it was made for: an adapter that changes nothing, which
 * anybody can make, would otherwise open any model to whoever may push one of their own.
 */
public final class AdapterRight {
  private AdapterRight() {}

  /**
   * Refuses a caller who may not ask the base of an adapter.
   *
   * @param loaded the version that is asked; one that is no adapter passes
   * @throws LatheException NOT_ALLOWED
   */
  public static void require(LoadedModel loaded) {
    base(loaded.metadata())
        .filter(base -> !Caller.current().may(Right.INFER, base))
        .ifPresent(
            base -> {
              throw denied(base, loaded.id().toString());
            });
  }

  /**
   * Refuses a caller who may neither ask nor read the base of an adapter, which would be loaded for
   * him.
   *
   * @param metadata what is known about the version
   * @param version what messages call it
   * @throws LatheException NOT_ALLOWED
   */
  static void requireLoadable(Metadata metadata, String version) {
    base(metadata)
        .filter(base -> !Caller.current().may(Right.INFER, base))
        .filter(base -> !Caller.current().may(Right.READ, base))
        .ifPresent(
            base -> {
              throw denied(base, version);
            });
  }

  /**
   * What a caller hears of an adapter that could not be loaded: what its base looks like, and what
   * is wrong with it, is for those who may read it.
   *
   * @param why what is wrong
   * @param metadata what is known about the version
   * @param version what messages call it
   * @return the same, or less of it
   */
  static LatheException told(LatheException why, Metadata metadata, String version) {
    return base(metadata)
        .filter(base -> !Caller.current().may(Right.READ, base))
        .map(
            base ->
                new LatheException(
                    why.code(),
                    version
                        + " cannot be loaded with its base (expected: an adapter that fits it;"
                        + " more is said to those with a scope such as read:"
                        + base
                        + ")",
                    why))
        .orElse(why);
  }

  private static Optional<String> base(Metadata metadata) {
    return metadata.adapterOf().map(base -> base.substring(0, base.lastIndexOf('@')));
  }

  private static LatheException denied(String base, String version) {
    return new LatheException(
        ServerError.NOT_ALLOWED,
        Caller.current().name()
            + " may not infer "
            + base
            + ", which "
            + version
            + " is an adapter of (expected: a scope such as infer:"
            + base
            + ")");
  }
}
