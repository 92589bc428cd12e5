package dev.lathe.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Writes to a connection, long answers piece by piece, so that who looks sees whether the client
 * reads. Used by one thread at a time.
 *
 * @param inner writes
 * @param arrival is told of each piece
 */
record TimedWriter(DataWriter inner, Arrival arrival) implements DataWriter {
  private static final int PIECE = 1 << 16;

  @Override
  public void write(BufferData... buffers) {
    write(BufferData.create(buffers));
  }

  @Override
  public void write(BufferData buffer) {
    writeNow(buffer);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    writeNow(BufferData.create(buffers));
  }

  @Override
  public void writeNow(BufferData buffer) {
    // A frame of HTTP/2 is a little more than a piece.
    if (buffer.available() < 2 * PIECE) {
      piece(buffer);
      return;
    }
    byte[] part = new byte[PIECE];
    while (buffer.available() > 0) {
      int length = buffer.read(part, 0, PIECE);
      piece(BufferData.createReadOnly(part, 0, length));
    }
  }

  private void piece(BufferData buffer) {
    int length = buffer.available();
    arrival.writes();
    try {
      inner.writeNow(buffer);
    } finally {
      arrival.wrote(length);
    }
  }

  @Override
  public void flush() {
    inner.flush();
  }

  @Override
  public void close() {
    inner.close();
  }
}
