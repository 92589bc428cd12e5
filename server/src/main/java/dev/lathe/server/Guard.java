package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.server.access.Access;
import dev.lathe.server.access.Ask;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Credentials;
import dev.lathe.server.console.SignInDoor;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.observe.Observed;
import dev.lathe.server.openai.NamedInBody;
import io.helidon.common.parameters.Parameters;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** Stands before every route of HTTP: lets through who may do what the route takes. */
final class Guard {
  private static final HeaderName API_KEY = HeaderNames.create("X-API-Key");
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final String GIT = ".git";

  private static final HeaderName OPENAI_LIMIT = HeaderNames.create("x-ratelimit-limit-requests");
  private static final HeaderName OPENAI_REMAINING =
      HeaderNames.create("x-ratelimit-remaining-requests");
  private static final HeaderName OPENAI_RESET = HeaderNames.create("x-ratelimit-reset-requests");
  private static final HeaderName LIMIT = HeaderNames.create("RateLimit-Limit");
  private static final HeaderName REMAINING = HeaderNames.create("RateLimit-Remaining");
  private static final HeaderName RESET = HeaderNames.create("RateLimit-Reset");

  private final Access access;

  Guard(Access access) {
    this.access = access;
  }

  /** A handler that only who has a right reaches. */
  Handler behind(Right right, Handler handler) {
    if (right == Right.NONE || !access.required() && !access.audits()) {
      return handler;
    }
    boolean named = handler instanceof NamedInBody;
    if (!access.required()) {
      return (request, response) -> {
        access.noted(ask(right, named, request));
        handler.handle(request, response);
      };
    }
    return (request, response) -> {
      Optional<Caller> caller = admit(ask(right, named, request), request, response);
      if (caller.isPresent()) {
        caller.get().during(() -> handler.handle(request, response));
      }
    };
  }

  private Optional<Caller> admit(Ask ask, ServerRequest request, ServerResponse response) {
    try {
      Credentials credentials = credentials(request);
      if (credentials instanceof Credentials.Session) {
        requireOwnPage(request);
      }
      Access.Admission admission = access.admit(credentials, ask);
      Observed.current().caller(admission.caller().name());
      if (admission.limit() > 0) {
        response.header(LIMIT, Long.toString(admission.limit()));
        response.header(REMAINING, Long.toString(admission.remaining()));
        response.header(RESET, Long.toString(admission.resetSeconds()));
        response.header(OPENAI_LIMIT, Long.toString(admission.limit()));
        response.header(OPENAI_REMAINING, Long.toString(admission.remaining()));
        response.header(OPENAI_RESET, admission.resetSeconds() + "s");
      }
      return Optional.of(admission.caller());
    } catch (LatheException e) {
      if (e.code() == ServerError.UNAUTHENTICATED && isPage(request)) {
        response.status(Status.SEE_OTHER_303);
        response.header(HeaderNames.LOCATION, "/signin");
        response.send();
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Credentials credentials(ServerRequest request) {
    return secret(request.headers())
        .or(() -> session(request))
        .orElseGet(() -> certificate(request.remotePeer()));
  }

  /** The key or token that headers, or metadata, hold. */
  static Optional<Credentials> secret(Headers headers) {
    return headers
        .first(HeaderNames.AUTHORIZATION)
        .map(Credentials::authorization)
        .or(() -> headers.first(API_KEY).map(Credentials.Secret::new));
  }

  private static Optional<Credentials> session(ServerRequest request) {
    return request
        .headers()
        .cookies()
        .first(SignInDoor.COOKIE)
        .asOptional()
        .map(Credentials.Session::new);
  }

  /** The certificate that the other end of a connection has shown, if it did. */
  static Credentials certificate(PeerInfo peer) {
    return peer.tlsCertificates()
        .flatMap(Guard::subject)
        .<Credentials>map(Credentials.Certificate::new)
        .orElseGet(Credentials.None::new);
  }

  private static Optional<String> subject(Certificate[] chain) {
    return chain.length > 0 && chain[0] instanceof X509Certificate own
        ? Optional.of(own.getSubjectX500Principal().getName())
        : Optional.empty();
  }

  private static Ask ask(Right right, boolean named, ServerRequest request) {
    String what = request.prologue().method().text() + " " + request.path().rawPath();
    String model = named ? Ask.ANY_MODEL : model(request);
    return new Ask(right, model, what, request.remotePeer().host());
  }

  /** A cookie comes along by itself; what changes something must come from our own pages. */
  private static void requireOwnPage(ServerRequest request) {
    Method method = request.prologue().method();
    boolean safe = method == Method.GET || method == Method.HEAD;
    boolean own =
        request.headers().contains(HeaderNames.ORIGIN)
            || request.headers().first(FETCH_SITE).filter("same-origin"::equals).isPresent();
    if (!safe && !own) {
      throw new LatheException(
          ServerError.WRONG_HOST, "a cookie without Origin (expected: this server's own pages)");
    }
  }

  private static boolean isPage(ServerRequest request) {
    return request.prologue().method() == Method.GET
        && !request.headers().contains(HeaderNames.AUTHORIZATION)
        && request.headers().first(HeaderNames.ACCEPT).orElse("").startsWith("text/html");
  }

  /** The model that a route's path names. */
  private static String model(ServerRequest request) {
    Parameters path = request.path().pathParameters();
    if (path.contains("model")) {
      return Inference.name(path.get("model")).toString();
    }
    if (!path.contains("namespace")) {
      return "";
    }
    String namespace = path.get("namespace");
    if (path.contains("name")) {
      return namespace + "/" + path.get("name");
    }
    String repository = path.first("repository").orElse("");
    boolean suffixed = repository.endsWith(GIT);
    return namespace
        + "/"
        + (suffixed ? repository.substring(0, repository.length() - GIT.length()) : repository);
  }
}
