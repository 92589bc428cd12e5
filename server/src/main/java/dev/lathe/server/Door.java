package dev.lathe.server;

/**
 * One protocol over the verbs: a set of routes.
 *
 * <p>A door states its routes with full paths ({@code routes.get(Right.READ,
 * "/v2/models/{namespace}/{name}", …)}), so that a wrong method answers 405 and a test can walk all
 * routes. Handlers run on a virtual thread per request, block freely, and let every exception fly:
 * {@link ErrorMapping} turns it into an answer.
 */
public interface Door {
  /**
   * Adds this door's routes.
   *
   * @param routes the server's routes
   */
  void routes(Routes routes);
}
