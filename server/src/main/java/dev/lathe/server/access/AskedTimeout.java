package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * How long a caller waits for an answer, as the header {@code Lathe-Timeout} says, in microseconds:
 * whatever models are asked meanwhile on the request's thread has that deadline, unless the request
 * names a time of its own.
 */
public final class AskedTimeout {
  private static final HeaderName HEADER = HeaderNames.create("Lathe-Timeout");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}");
  private static final ScopedValue<Duration> CURRENT = ScopedValue.newInstance();

  private AskedTimeout() {}

  /**
   * What the current request says.
   *
   * @return the time; zero if it says none
   */
  public static Duration current() {
    return CURRENT.orElse(Duration.ZERO);
  }

  /**
   * Lays this over every request that has the header.
   *
   * @throws LatheException BAD_REQUEST if that is no number
   */
  public static void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String header = request.headers().first(HEADER).orElse("");
    if (header.isEmpty()) {
      chain.proceed();
    } else {
      ScopedValue.where(CURRENT, parsed(header)).run(chain::proceed);
    }
  }

  private static Duration parsed(String header) {
    if (!NUMBER.matcher(header).matches()) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "header Lathe-Timeout \""
              + header.substring(0, Math.min(header.length(), 40))
              + "\" (expected: microseconds, an integer)");
    }
    return Duration.of(Long.parseLong(header), ChronoUnit.MICROS);
  }
}
