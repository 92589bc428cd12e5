package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.AccessConfig;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * The one decision of all protocols: who a caller is, and whether it may do what it asks for.
 * Whatever is not allowed is denied. Safe for many threads.
 */
public final class Access {
  private final AccessConfig config;
  private final KeyStore keys;
  private final Sessions sessions;
  private final Tokens tokens;

  /**
   * Access as it is configured.
   *
   * @param config whether and how
   * @param keys the keys that callers have
   * @param clock for when sessions end
   */
  public Access(AccessConfig config, KeyStore keys, Clock clock) {
    this.config = config;
    this.keys = keys;
    this.tokens = new Tokens(config.issuers(), clock);
    this.sessions = new Sessions(clock);
  }

  /**
   * Whether callers must say who they are.
   *
   * @return false if everybody may do everything
   */
  public boolean required() {
    return config.required();
  }

  /**
   * Who a caller is.
   *
   * @param credentials what it sent
   * @return the caller
   * @throws LatheException UNAUTHENTICATED if it sent nothing, or nothing that is valid
   */
  public Caller identify(Credentials credentials) {
    if (!required()) {
      return Caller.ANYBODY;
    }
    return switch (credentials) {
      case Credentials.None _ ->
          throw refused("no credentials (expected: Authorization: Bearer KEY, or X-API-Key: KEY)");
      case Credentials.Secret(String text) -> secret(text);
      case Credentials.Session(String text) ->
          sessions
              .key(text)
              .flatMap(keys::find)
              .orElseThrow(() -> refused("the session has ended"));
      case Credentials.Certificate(String subject) ->
          certificate(subject)
              .orElseThrow(
                  () -> refused("certificate \"" + subject + "\": nothing is allowed to it"));
    };
  }

  private Caller secret(String text) {
    if (tokens.takes(text)) {
      return tokens.verify(text);
    }
    return keys.find(text).orElseThrow(() -> refused("the key is unknown or has ended"));
  }

  private Optional<Caller> certificate(String subject) {
    return config.certificates().stream()
        .filter(known -> known.subject().equals(subject))
        .map(known -> new Caller("certificate:" + subject, known.scopes(), known.quota()))
        .findFirst();
  }

  /**
   * Refuses what a caller may not do.
   *
   * @param caller who asks
   * @param right what it asks for
   * @param model the model that it is about; empty for all models
   * @throws LatheException NOT_ALLOWED if it may not
   */
  public void require(Caller caller, Right right, String model) {
    if (!caller.may(right, model)) {
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          caller.name()
              + " may not "
              + right.word()
              + (model.isEmpty() ? "" : " " + model)
              + " (expected: a scope such as "
              + right.word()
              + (model.isEmpty() ? "" : ":" + model)
              + ")");
    }
  }

  /**
   * Opens a browser's session.
   *
   * @param key the key that somebody signed in with
   * @return the cookie's value; nothing if there is no such key
   */
  public Optional<String> signIn(String key) {
    return keys.find(key).map(caller -> sessions.open(key));
  }

  /**
   * Ends a browser's session.
   *
   * @param session the cookie's value
   */
  public void signOut(String session) {
    sessions.close(session);
  }

  /**
   * How long a session lasts.
   *
   * @return from signing in
   */
  public Duration sessionLength() {
    return Sessions.LENGTH;
  }

  private static LatheException refused(String message) {
    return new LatheException(ServerError.UNAUTHENTICATED, message);
  }
}
