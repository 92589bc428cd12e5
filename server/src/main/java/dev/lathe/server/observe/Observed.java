package dev.lathe.server.observe;

import dev.lathe.ir.ErrorCode;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.Visit;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request as it is seen from outside: whoever receives it binds one to the thread, and whatever
 * is learned on the way down is noted in {@link #current}. Used by one thread at a time.
 */
public final class Observed {
  private static final Pattern SOUND = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");
  private static final ScopedValue<Observed> CURRENT = ScopedValue.newInstance();
  private static final Observed NOBODY = new Observed("");

  private final String id;
  private final UnaryOperator<String> headers;
  private final long start = System.nanoTime();
  private Consumer<String> onVersion = _ -> {};
  private String caller = "";
  private @Nullable Span span;
  private @Nullable ModelVersion model;
  private long queueNanos;
  private long computeNanos;
  private @Nullable ErrorCode failure;

  /**
   * A request that begins now.
   *
   * @param id names it in all logs
   */
  public Observed(String id) {
    this(id, _ -> "");
  }

  private Observed(String id, UnaryOperator<String> headers) {
    this.id = id;
    this.headers = headers;
  }

  /**
   * A request that begins now.
   *
   * @param headers what it carries, among it the client's id; another is made if that is empty,
   *     longer than 128 characters or has other than letters, digits and {@code . _ : / + = @ -}
   * @return the request
   */
  static Observed begin(UnaryOperator<String> headers) {
    String asked = headers.apply("x-request-id");
    return new Observed(isSound(asked) ? asked : newId(), headers);
  }

  /**
   * Whether a client's id is taken over.
   *
   * @param asked the id; empty if there is none
   * @return true for 1 to 128 letters, digits and {@code . _ : / + = @ -}
   */
  public static boolean isSound(String asked) {
    return SOUND.matcher(asked).matches();
  }

  /**
   * An id for a request whose client gave none.
   *
   * @return 16 random hexadecimal digits
   */
  public static String newId() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /**
   * The request that the current thread answers.
   *
   * @return what is noted of it; something that nobody reads if the thread answers none
   */
  public static Observed current() {
    return CURRENT.orElse(NOBODY);
  }

  /**
   * Runs something as the answer to this request.
   *
   * @param work the work, on this thread
   */
  public void during(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }

  /**
   * Computes something as the answer to this request.
   *
   * @param work the work, on this thread
   * @param <T> what it gives
   * @return what it gave
   */
  public <T> T during(Supplier<T> work) {
    return ScopedValue.where(CURRENT, this).call(work::get);
  }

  /**
   * The name of the request.
   *
   * @return the client's id, or one of the server's; empty if nobody observes
   */
  public String id() {
    return id;
  }

  /**
   * What says whether a version on trial answers the request.
   *
   * @param tenant whose turn it takes
   * @return the visit; one that says nothing if the thread answers no request
   */
  public Visit visit(String tenant) {
    return this == NOBODY
        ? Visit.NONE
        : new Visit(
            id, tenant, name -> Optional.of(headers.apply(name)).filter(value -> !value.isEmpty()));
  }

  /** Who hears which version answers, before the answer is sent. */
  void onVersion(Consumer<String> listener) {
    onVersion = listener;
  }

  /**
   * Notes which version answers; the answer says it, too.
   *
   * @param version the version
   */
  public void answering(ModelVersion version) {
    if (this != NOBODY) {
      model = version;
      onVersion.accept(version.version());
    }
  }

  /**
   * Notes who asks.
   *
   * @param name a key's id or whatever else names the caller; never a secret
   */
  public void caller(String name) {
    if (this != NOBODY) {
      caller = name;
    }
  }

  /**
   * Notes that a model answered; of several in one request the times are added up.
   *
   * @param version which version
   * @param timing where the time went
   */
  public void answered(ModelVersion version, InferResponse.Timing timing) {
    if (this != NOBODY) {
      model = version;
      queueNanos += timing.queueNanos();
      computeNanos += timing.computeNanos();
    }
  }

  /**
   * Notes that a model failed.
   *
   * @param version which version
   * @param code why
   */
  public void failed(ModelVersion version, ErrorCode code) {
    if (this != NOBODY) {
      model = version;
      failure = code;
    }
  }

  long start() {
    return start;
  }

  /** The span of this request; nothing where spans are off. */
  void span(Span server) {
    span = server;
  }

  @Nullable Span span() {
    return span;
  }

  /** The trace that the request is part of; empty if it is part of none. */
  String traceId() {
    return span == null ? "" : span.getSpanContext().getTraceId();
  }

  /** The request's own place in its trace, in W3C's form; empty if it is part of none. */
  String traceParent() {
    if (span == null) {
      return "";
    }
    SpanContext place = span.getSpanContext();
    return "00-"
        + place.getTraceId()
        + "-"
        + place.getSpanId()
        + "-"
        + place.getTraceFlags().asHex();
  }

  String caller() {
    return caller;
  }

  @Nullable ModelVersion model() {
    return model;
  }

  long queueNanos() {
    return queueNanos;
  }

  long computeNanos() {
    return computeNanos;
  }

  @Nullable ErrorCode failure() {
    return failure;
  }
}
