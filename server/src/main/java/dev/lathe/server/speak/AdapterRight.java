package dev.lathe.server.speak;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.LoadedModel;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;

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
    loaded
        .metadata()
        .adapterOf()
        .ifPresent(
            base -> {
              String model = base.substring(0, base.lastIndexOf('@'));
              if (!Caller.current().may(Right.INFER, model)) {
                throw new LatheException(
                    ServerError.NOT_ALLOWED,
                    Caller.current().name()
                        + " may not infer "
                        + model
                        + ", which "
                        + loaded.id()
                        + " is an adapter of (expected: a scope such as infer:"
                        + model
                        + ")");
              }
            });
  }
}
