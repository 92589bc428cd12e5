package dev.lathe.server.grpc;

import io.helidon.common.buffers.BufferData;
import java.util.OptionalInt;

/**
 * A frame of HTTP/2, to be looked at.
 *
 * @param bytes the frame, from its header on
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9113#section-4.1">RFC 9113, 4.1: Frame Format</a>
 */
record Frame(BufferData bytes) {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int GO_AWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final int HEADER = 9;
  private static final int SETTING = 6;
  private static final int INITIAL_WINDOW_SIZE = 4;

  /** A frame of a few bytes. */
  static byte[] of(int type, int stream, byte... payload) {
    byte[] frame = new byte[HEADER + payload.length];
    frame[1] = (byte) (payload.length >>> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    number(frame, 5, stream);
    System.arraycopy(payload, 0, frame, HEADER, payload.length);
    return frame;
  }

  /** A frame of one number. */
  static byte[] of(int type, int stream, int number) {
    byte[] payload = new byte[Integer.BYTES];
    number(payload, 0, number);
    return of(type, stream, payload);
  }

  static void number(byte[] into, int at, int number) {
    for (int i = 0; i < Integer.BYTES; i++) {
      into[at + i] = (byte) (number >>> 8 * (3 - i));
    }
  }

  private int at(int index) {
    return bytes.get(index) & 0xFF;
  }

  int length() {
    return at(0) << 16 | at(1) << 8 | at(2);
  }

  int type() {
    return at(3);
  }

  boolean has(int flag) {
    return (at(4) & flag) != 0;
  }

  int stream() {
    return number(5);
  }

  /** By how many bytes a window is made wider; 0 if the frame is damaged. */
  int increment() {
    return length() == Integer.BYTES ? number(HEADER) : 0;
  }

  private int number(int index) {
    return (at(index) & 0x7F) << 24 | at(index + 1) << 16 | at(index + 2) << 8 | at(index + 3);
  }

  /** The first window of streams, where settings say it. */
  OptionalInt firstWindow() {
    OptionalInt found = OptionalInt.empty();
    int settings = Math.min(length(), bytes.available() - HEADER) / SETTING;
    for (int i = 0; i < settings; i++) {
      int start = HEADER + i * SETTING;
      if ((at(start) << 8 | at(start + 1)) == INITIAL_WINDOW_SIZE) {
        found = OptionalInt.of(number(start + 2));
      }
    }
    return found;
  }
}
