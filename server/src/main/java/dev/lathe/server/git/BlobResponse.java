package dev.lathe.server.git;

import dev.lathe.registry.Blob;
import dev.lathe.registry.ByteRange;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A blob as a response, whole or in part. Its digest is its entity tag: the bytes never change.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-14">RFC 9110, range requests</a>
 */
final class BlobResponse {
  private BlobResponse() {}

  /** Sends what the request's {@code Range} asks for. */
  static void send(Blob blob, ServerRequest request, ServerResponse response) throws IOException {
    response.header(HeaderNames.ACCEPT_RANGES, "bytes");
    response.header(HeaderNames.ETAG, tag(blob));
    response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
    switch (ByteRange.parse(range(blob, request), blob.size())) {
      case ByteRange.Whole _ -> copy(blob, 0, blob.size(), response);
      case ByteRange.Part part -> {
        response.status(Status.PARTIAL_CONTENT_206);
        response.header(HeaderNames.CONTENT_RANGE, part.contentRange());
        copy(blob, part.first(), part.length(), response);
      }
      case ByteRange.Unsatisfiable none -> {
        response.status(Status.REQUESTED_RANGE_NOT_SATISFIABLE_416);
        response.header(HeaderNames.CONTENT_RANGE, none.contentRange());
        response.send();
      }
    }
  }

  private static String tag(Blob blob) {
    return "\"" + blob.digest().hex() + "\"";
  }

  /** The range asked for; none if the client's part is of another content. */
  private static String range(Blob blob, ServerRequest request) {
    String condition = request.headers().first(HeaderNames.IF_RANGE).orElse("");
    boolean same = condition.isEmpty() || condition.equals(tag(blob));
    return same ? request.headers().first(HeaderNames.RANGE).orElse("") : "";
  }

  private static void copy(Blob blob, long first, long length, ServerResponse response)
      throws IOException {
    response.contentLength(length);
    if (length == 0) {
      response.send();
      return;
    }
    try (OutputStream out = response.outputStream()) {
      blob.copyTo(first, length, out);
    }
  }
}
