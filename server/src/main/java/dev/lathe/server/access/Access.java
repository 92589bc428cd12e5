package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.AccessConfig;
import dev.lathe.server.Quota;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.observe.Observed;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The one decision of all protocols: who a caller is, and whether it may do what it asks for.
 * Whatever is not allowed is denied. Safe for many threads.
 */
public final class Access implements AutoCloseable {
  private static final String CERTIFICATE = "certificate:";
  private static final Caller SERVER = new Caller("server", List.of(), Quota.NONE);

  private final AccessConfig config;
  private final KeyStore keys;
  private final Sessions sessions;
  private final Tokens tokens;
  private final Quotas quotas;
  private final AuditLog audit;
  private final Decisions decisions = new Decisions();

  /**
   * Access as it is configured.
   *
   * @param config whether and how
   * @param keys the keys that callers have
   * @param data the data directory, for what is used and decided
   * @param clock for when things end
   */
  public Access(AccessConfig config, KeyStore keys, Path data, Clock clock) {
    this.quotas = new Quotas(data, clock);
    this.audit = new AuditLog(data, config.audit(), config.audited(), clock);
    this.config = config;
    this.keys = keys;
    this.tokens = new Tokens(config.issuers(), clock);
    this.sessions = new Sessions(clock);
  }

  /**
   * Lets somebody do something, or not: who is it, may it, has it anything left. What is decided is
   * written to the audit log.
   *
   * @param credentials what it sent
   * @param ask what it asks for
   * @return who it is, and what is left of its quota
   * @throws LatheException UNAUTHENTICATED, NOT_ALLOWED or QUOTA
   */
  public Admission admit(Credentials credentials, Ask ask) {
    String request = Observed.current().id();
    Caller caller = Caller.ANYBODY;
    try {
      caller = identify(credentials);
      require(caller, ask.right(), ask.model());
      Usage.Left left = quotas.enter(caller);
      audit.allowed(request, caller, ask);
      decisions.decided(ask.right(), "allowed");
      return new Admission(caller, left.limit(), left.remaining(), left.resetSeconds());
    } catch (LatheException e) {
      String word = e.code().toString().toLowerCase(Locale.ROOT);
      decisions.decided(ask.right(), word);
      audit.denied(request, caller.name(), ask, word);
      throw e;
    }
  }

  /**
   * Whether requests are to be noted where nobody must say who it is.
   *
   * @return true if the audit log is written
   */
  public boolean audits() {
    return audit.isOn();
  }

  /**
   * Writes down what somebody did where everybody may.
   *
   * @param ask what it asked for
   */
  public void noted(Ask ask) {
    audit.allowed(Observed.current().id(), Caller.ANYBODY, ask);
  }

  /**
   * Lines of the audit log that were lost.
   *
   * @return how many since the server began
   */
  public long dropped() {
    return audit.dropped();
  }

  /**
   * Somebody who was let in.
   *
   * @param caller who it is
   * @param limit how many requests it may make in a minute; 0 for any number
   * @param remaining how many more it may make now
   * @param resetSeconds when it may make one more than that
   */
  public record Admission(Caller caller, long limit, long remaining, long resetSeconds) {}

  /**
   * Writes down what the server has changed by itself.
   *
   * @param model the model that it is about
   * @param what what it did, and why
   */
  public void acted(String model, String what) {
    audit.allowed("", SERVER, new Ask(Right.DEPLOY, model, what, ""));
  }

  /**
   * What callers have used.
   *
   * @return to be told what answers take
   */
  public Quotas quotas() {
    return quotas;
  }

  /**
   * How often callers were let in, and how often not.
   *
   * @return the counts
   */
  public Decisions decisions() {
    return decisions;
  }

  /** Writes what is still to be written. */
  @Override
  public void close() {
    audit.close();
    quotas.close();
  }

  /** Waits until what was decided is in the audit log. */
  public void flush() {
    audit.flush();
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
        .map(known -> new Caller(CERTIFICATE + subject, known.scopes(), known.quota()))
        .findFirst();
  }

  /**
   * Who somebody is now for whom work goes on that it began earlier. What a token allows is known
   * from the token alone, so that it stays what it was while the issuer is one.
   *
   * @param then who it was when it began the work
   * @return the caller with the rights of now; nothing if there is no such caller any more
   */
  public Optional<Caller> now(Caller then) {
    if (!required()) {
      return Optional.of(then);
    }
    String account = then.account().orElse("");
    if (account.startsWith("key:")) {
      return keys.holder(account);
    }
    if (account.startsWith(CERTIFICATE)) {
      return certificate(account.substring(CERTIFICATE.length()));
    }
    boolean issued =
        config.issuers().stream().anyMatch(rule -> account.startsWith(Tokens.prefix(rule)));
    return issued ? Optional.of(then) : Optional.empty();
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
    caller.require(right, model);
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
