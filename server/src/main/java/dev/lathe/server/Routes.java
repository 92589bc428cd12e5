package dev.lathe.server;

import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;

/**
 * Where a door states its routes. There is no way to state one without the right that it takes; a
 * path with {@code {namespace}} and {@code {name}} (or Git's {@code {repository}}), or with {@code
 * {model}} for both, is about that model, any other about all models.
 */
@FunctionalInterface
public interface Routes {
  /**
   * Adds a route.
   *
   * @param right what its caller must be allowed to do
   * @param method the HTTP method
   * @param path the full path, its parameters in braces
   * @param handler what is done
   * @return these routes
   */
  Routes route(Right right, Method method, String path, Handler handler);

  /**
   * Adds a route for GET.
   *
   * @param right what its caller must be allowed to do
   * @param path the full path, its parameters in braces
   * @param handler what is done
   * @return these routes
   */
  default Routes get(Right right, String path, Handler handler) {
    return route(right, Method.GET, path, handler);
  }

  /**
   * Adds a route for POST.
   *
   * @param right what its caller must be allowed to do
   * @param path the full path, its parameters in braces
   * @param handler what is done
   * @return these routes
   */
  default Routes post(Right right, String path, Handler handler) {
    return route(right, Method.POST, path, handler);
  }
}
