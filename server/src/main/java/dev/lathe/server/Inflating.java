package dev.lathe.server;

import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import io.helidon.http.encoding.ContentEncodingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * Bodies that arrive compressed. The server's body limit holds for the inflated size too. Answers
 * are not compressed: on loopback that costs more than it saves.
 */
enum Inflating implements ContentEncoding {
  GZIP("gzip", "x-gzip"),
  DEFLATE("deflate");

  private final Set<String> ids;

  Inflating(String... ids) {
    this.ids = Set.of(ids);
  }

  /** Both encodings, nothing discovered. */
  static ContentEncodingContext context() {
    return ContentEncodingContext.builder()
        .contentEncodingsDiscoverServices(false)
        .addContentEncoding(GZIP)
        .addContentEncoding(DEFLATE)
        .build();
  }

  @Override
  public Set<String> ids() {
    return ids;
  }

  @Override
  public boolean supportsEncoding() {
    return false;
  }

  @Override
  public boolean supportsDecoding() {
    return true;
  }

  @Override
  public ContentDecoder decoder() {
    return this::inflate;
  }

  @Override
  public ContentEncoder encoder() {
    return ContentEncoder.NO_OP;
  }

  @Override
  public String type() {
    return name();
  }

  private InputStream inflate(InputStream packed) {
    InputStream body = ReceivedBody.packed(packed);
    try {
      return switch (this) {
        case GZIP -> new GZIPInputStream(body);
        case DEFLATE -> new InflaterInputStream(body);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
