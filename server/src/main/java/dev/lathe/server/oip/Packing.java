package dev.lathe.server.oip;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** How an answer is packed: only where the client asks for it, and where that is worth it. */
enum Packing {
  NONE,
  GZIP,
  DEFLATE;

  /** What is smaller fits into one packet anyway. */
  private static final int SMALLEST = 1 << 10;

  /** The client's first choice of those that we have. */
  static Packing asked(ServerRequestHeaders headers) {
    if (!headers.contains(HeaderNames.ACCEPT_ENCODING)) {
      return NONE;
    }
    for (String part : headers.get(HeaderNames.ACCEPT_ENCODING).values().split(",")) {
      String[] pieces = part.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*");
      boolean refused = pieces.length > 1 && pieces[1].matches("q=0(\\.0*)?");
      if (!refused && pieces[0].equals("gzip")) {
        return GZIP;
      }
      if (!refused && pieces[0].equals("deflate")) {
        return DEFLATE;
      }
    }
    return NONE;
  }

  /** The body as it is sent; the response gets the header that says how it is packed. */
  byte[] pack(ServerResponse response, byte[] body) {
    if (this == NONE || body.length < SMALLEST) {
      return body;
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream(body.length / 2);
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try (OutputStream out =
        this == GZIP ? gzip(packed) : new DeflaterOutputStream(packed, deflater)) {
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    response.header(HeaderNames.CONTENT_ENCODING, name().toLowerCase(Locale.ROOT));
    response.header(HeaderNames.VARY, "Accept-Encoding");
    return packed.toByteArray();
  }

  private static OutputStream gzip(OutputStream out) throws IOException {
    return new GZIPOutputStream(out) {
      {
        def.setLevel(Deflater.BEST_SPEED);
      }
    };
  }
}
