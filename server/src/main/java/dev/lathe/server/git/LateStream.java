package dev.lathe.server.git;

import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A response's body that is begun by its first byte, so that until then an error can be sent. */
final class LateStream extends OutputStream {
  private final ServerResponse response;
  private @Nullable OutputStream out;

  LateStream(ServerResponse response) {
    this.response = response;
  }

  @Override
  public void write(int oneByte) throws IOException {
    begun().write(oneByte);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    begun().write(bytes, offset, length);
  }

  @Override
  public void flush() throws IOException {
    if (out != null) {
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
    }
  }

  private OutputStream begun() {
    OutputStream begun = out;
    if (begun == null) {
      begun = response.outputStream();
      out = begun;
    }
    return begun;
  }
}
