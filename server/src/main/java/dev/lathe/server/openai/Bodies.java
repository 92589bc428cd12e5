package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.JsonFault;
import dev.lathe.server.ServerError;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes bodies. */
final class Bodies {
  /** For everything here. */
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(8 << 20)
                          .maxDocumentLength(16L << 20)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final int LARGEST = 16 << 20;

  private Bodies() {}

  /** The fields of a JSON body. */
  static Fields fields(ServerRequest request) {
    return Fields.of(json(request), "");
  }

  /** A JSON body. */
  static JsonNode json(ServerRequest request) {
    String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("application/json");
    if (!type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      throw new HttpException(
          "Content-Type \"" + type + "\" (expected: application/json)",
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          true);
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] body = in.readNBytes(LARGEST + 1);
      if (body.length > LARGEST) {
        throw new LatheException(
            ServerError.BODY_TOO_LARGE, "body: is larger than " + LARGEST + " bytes");
      }
      return read(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** JSON that is already here. */
  static JsonNode read(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      throw new LatheException(ServerError.BAD_REQUEST, JsonFault.describe(e, "body"), e);
    }
  }
}
