package dev.lathe.server.console;

import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.access.Access;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.SetCookie;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Signing in to the console with a key. What the browser keeps is not the key but a session, in a
 * cookie that no script reads and no other site's page has sent along.
 */
public final class SignInDoor implements Door {
  /** The cookie that holds the session. */
  public static final String COOKIE = "lathe_session";

  private static final int LONGEST_FORM = 4096;
  private static final HeaderName POLICY = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NO_SNIFF = HeaderNames.create("X-Content-Type-Options");
  private static final String ONLY_OURS =
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'";

  private final Access access;

  /**
   * A door to sign in by.
   *
   * @param access what knows the keys
   */
  public SignInDoor(Access access) {
    this.access = access;
  }

  @Override
  public void routes(Routes routes) {
    routes
        .get(Right.NONE, "/signin", (request, response) -> page(response, 200, ""))
        .post(Right.NONE, "/signin", this::signIn)
        .post(Right.NONE, "/signout", this::signOut);
  }

  private void signIn(ServerRequest request, ServerResponse response) throws IOException {
    Optional<String> session = access.signIn(key(request));
    if (session.isEmpty()) {
      page(response, 403, "That is no valid key.");
      return;
    }
    response.headers().addCookie(cookie(request, session.get(), access.sessionLength()));
    go(response, "/");
  }

  private void signOut(ServerRequest request, ServerResponse response) {
    request.headers().cookies().first(COOKIE).ifPresent(access::signOut);
    response.headers().addCookie(cookie(request, "", Duration.ZERO));
    go(response, "/signin");
  }

  private static SetCookie cookie(ServerRequest request, String value, Duration length) {
    return SetCookie.builder(COOKIE, value)
        .httpOnly(true)
        .secure(request.isSecure())
        .sameSite(SetCookie.SameSite.STRICT)
        .path("/")
        .maxAge(length)
        .build();
  }

  private static String key(ServerRequest request) throws IOException {
    try (InputStream in = request.content().inputStream()) {
      String form = new String(in.readNBytes(LONGEST_FORM), StandardCharsets.UTF_8);
      for (String pair : form.split("&")) {
        if (pair.startsWith("key=")) {
          return URLDecoder.decode(pair.substring(4), StandardCharsets.UTF_8).strip();
        }
      }
      return "";
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static void go(ServerResponse response, String where) {
    response.status(Status.SEE_OTHER_303);
    response.header(HeaderNames.LOCATION, where);
    response.send();
  }

  private static void page(ServerResponse response, int status, String message) {
    Html body =
        Html.of(
            """
            <h1>Sign in</h1>
            <p class="error" id="error">{}</p>
            <form method="post" action="/signin">
            <label>Key <input type="password" name="key" autocomplete="current-password"
              required autofocus></label>
            <button type="submit">Sign in</button>
            </form>
            """,
            message);
    response.status(Status.create(status));
    response.header(POLICY, ONLY_OURS);
    response.header(NO_SNIFF, "nosniff");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.header(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
    byte[] html =
        new Page("Sign in", body, List.of()).html().markup().getBytes(StandardCharsets.UTF_8);
    response.send(html);
  }
}
