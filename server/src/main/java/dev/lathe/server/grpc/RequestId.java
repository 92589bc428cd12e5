package dev.lathe.server.grpc;

import dev.lathe.server.observe.Observed;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;

/**
 * What a call is named by in logs, and in the metadata of its answer.
 *
 * @param text the caller's own if it gave a sound one, else made here
 * @param given whether the caller gave it
 */
record RequestId(String text, boolean given) {
  /** The metadata that has it, both ways. */
  static final HeaderName NAME = HeaderNames.create("x-request-id");

  static RequestId of(Headers metadata) {
    String asked = metadata.first(NAME).orElse("");
    return Observed.isSound(asked)
        ? new RequestId(asked, true)
        : new RequestId(Observed.newId(), false);
  }

  /** The id of a stream's message: a caller that names the call by itself finds all under that. */
  RequestId ofMessage(long number) {
    return given ? this : new RequestId(text + "-" + number, false);
  }
}
