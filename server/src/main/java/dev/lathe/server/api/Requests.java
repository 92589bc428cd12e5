package dev.lathe.server.api;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ServerError;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads what requests carry, within limits. */
final class Requests {
  private static final int LARGEST_RECORD = 1 << 20;

  private Requests() {}

  /** The model that a path names. */
  static String model(ServerRequest request) {
    return parameter(request, "namespace") + "/" + parameter(request, "name");
  }

  static String parameter(ServerRequest request, String name) {
    return request.path().pathParameters().get(name);
  }

  /** The body as a record. */
  static <T> T json(ServerRequest request, Class<T> type) {
    return ApiJson.readRequest(body(request, LARGEST_RECORD, List.of("application/json")), type);
  }

  /** The body as text. */
  static String text(ServerRequest request, List<String> mediaTypes) {
    byte[] body = body(request, LARGEST_RECORD, mediaTypes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new LatheException(ServerError.BAD_REQUEST, "body: is not UTF-8", e);
    }
  }

  /**
   * The body's bytes. A wrong media type is refused, also because a page of another origin may send
   * only a few harmless ones without asking first.
   */
  static byte[] body(ServerRequest request, int limit, List<String> mediaTypes) {
    requireMediaType(request, mediaTypes);
    try (InputStream in = request.content().inputStream()) {
      byte[] body = in.readNBytes(limit + 1);
      if (body.length > limit) {
        throw new LatheException(
            ServerError.BODY_TOO_LARGE, "body: is larger than " + limit + " bytes");
      }
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The body as it comes; whoever asks for it closes it. */
  static InputStream stream(ServerRequest request, List<String> mediaTypes) {
    requireMediaType(request, mediaTypes);
    return request.content().inputStream();
  }

  private static void requireMediaType(ServerRequest request, List<String> expected) {
    String header = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    String type = header.split(";", 2)[0].strip();
    if (expected.stream().noneMatch(type::equalsIgnoreCase)) {
      throw new HttpException(
          "Content-Type \"" + type + "\" (expected: " + String.join(" or ", expected) + ")",
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          true);
    }
  }
}
