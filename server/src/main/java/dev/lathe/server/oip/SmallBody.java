package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.JsonFault;
import dev.lathe.server.ServerError;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The body of a request that is about settings: an object of JSON, small, or nothing. */
final class SmallBody {
  private static final int LARGEST = 1 << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  private SmallBody() {}

  /** Reads it to its end. */
  static Map<String, JsonNode> read(ServerRequest request) {
    byte[] body = bytes(request);
    if (body.length == 0) {
      return Map.of();
    }
    try {
      if (JSON.readTree(body) instanceof ObjectNode object) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
      }
    } catch (JacksonException e) {
      throw new LatheException(ServerError.BAD_REQUEST, JsonFault.describe(e, "body"), e);
    }
    throw BodyReader.bad("the body (expected: an object, or nothing)");
  }

  private static byte[] bytes(ServerRequest request) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] body = in.readNBytes(LARGEST + 1);
      if (body.length > LARGEST) {
        throw new LatheException(
            ServerError.BODY_TOO_LARGE, "the body is larger than " + LARGEST + " bytes");
      }
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
