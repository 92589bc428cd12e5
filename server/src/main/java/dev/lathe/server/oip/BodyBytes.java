package dev.lathe.server.oip;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import tools.jackson.core.JsonParser;

/**
 * A body that two readers share: the JSON parser, which reads it as a stream, and whoever reads a
 * run of numbers straight from its bytes and then leaves the rest to the parser. Behind the last
 * byte that is there stands a zero, so that loops over digits need no other end.
 */
final class BodyBytes extends InputStream {
  private static final int ROOM = 1 << 13;
  private static final int LIKELY = 1 << 14;

  private final InputStream in;
  private final long length;
  private byte[] bytes = new byte[0];
  private int at;
  private int end;
  private boolean ended;
  private boolean shared;

  /**
   * A body not yet read.
   *
   * @param length its length in bytes, -1 if not known; only a hint
   */
  BodyBytes(InputStream in, long length) {
    this.in = in;
    this.length = length;
  }

  /** How many elements there may be: each takes two bytes at least, a digit and a comma. */
  long likelyElements() {
    return length < 0 ? LIKELY : length / 2 + 1;
  }

  /**
   * Takes back what the parser has read ahead; it stands at a token that is wholly read.
   *
   * @return false if the parser cannot give it back
   */
  boolean takeFrom(JsonParser json) {
    byte[] behind = Arrays.copyOfRange(bytes, at, end);
    at = 0;
    end = 0;
    shared = json.releaseBuffered(new Ahead()) >= 0;
    append(behind, 0, behind.length);
    bytes[end] = 0;
    return shared;
  }

  /** What the parser gives back, into the room of what is unread. */
  private final class Ahead extends OutputStream {
    @Override
    public void write(int one) {
      append(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      append(from, offset, length);
    }
  }

  private void append(byte[] from, int offset, int count) {
    if (bytes.length < end + count + 1) {
      bytes = Arrays.copyOf(bytes, Math.max(ROOM, end + count) + 1);
    }
    System.arraycopy(from, offset, bytes, end, count);
    end += count;
  }

  /** Whether anything was read past the parser, so that its columns leave that out. */
  boolean wasShared() {
    return shared;
  }

  /** The bytes, those from {@link #at} to {@link #end} unread, then a zero. */
  byte[] bytes() {
    return bytes;
  }

  int at() {
    return at;
  }

  int end() {
    return end;
  }

  /** Says up to where it was read. */
  void readTo(int position) {
    at = position;
  }

  /**
   * Sees to it that so many unread bytes are there, unless the body ends before.
   *
   * @param count at most the room that {@link #takeFrom} makes
   * @return false if the body ends before
   */
  boolean require(int count) {
    if (end - at < count && !ended) {
      System.arraycopy(bytes, at, bytes, 0, end - at);
      end -= at;
      at = 0;
      fill(count);
    }
    return end - at >= count;
  }

  private void fill(int count) {
    try {
      while (end < count && !ended) {
        int read = in.read(bytes, end, bytes.length - 1 - end);
        ended = read < 0;
        end += Math.max(0, read);
      }
      bytes[end] = 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int read() throws IOException {
    return at < end ? bytes[at++] & 0xFF : in.read();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (at == end) {
      return in.read(into, offset, length);
    }
    int count = Math.min(length, end - at);
    System.arraycopy(bytes, at, into, offset, count);
    at += count;
    return count;
  }
}
