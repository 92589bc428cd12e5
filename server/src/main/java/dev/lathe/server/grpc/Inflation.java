package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.BodyBudget;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.SegmentPool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * How the messages of a call are compressed: the answer's as the request's. A message is as large
 * as the limit says at most, before and after it is inflated.
 *
 * @param encoding what {@code grpc-encoding} says
 * @param limit bytes
 */
record Inflation(Encoding encoding, long limit) {
  private static final int STEP = 1 << 16;

  /** What messages may be compressed with. */
  enum Encoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** The name in metadata. */
    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The encoding of a name. */
    static Encoding parse(String word) {
      for (Encoding encoding : values()) {
        if (encoding.word().equals(word)) {
          return encoding;
        }
      }
      throw new LatheException(
          ServerError.NOT_OFFERED,
          "grpc-encoding \"" + word + "\" (expected: identity, gzip or deflate)");
    }
  }

  /** Refuses a message of so many bytes if that is too large. */
  void requireSmall(long bytes) {
    if (bytes > limit) {
      throw new LatheException(
          ServerError.BODY_TOO_LARGE,
          "a message of " + bytes + " bytes (expected: at most " + limit + ")");
    }
  }

  /** Inflates a message into memory of its own. */
  Message inflate(MemorySegment packed, SegmentPool pool, BodyBudget budget) {
    byte[] content = packed.toArray(ValueLayout.JAVA_BYTE);
    long held = 0;
    MemorySegment into = MemorySegment.NULL;
    byte[] step = new byte[STEP];
    long length = 0;
    boolean complete = false;
    try (InputStream in = inflating(content)) {
      for (int read = in.read(step); read >= 0; read = in.read(step)) {
        requireSmall(length + read);
        if (into.byteSize() < length + read) {
          long wanted = Math.max(length + read, 2 * into.byteSize());
          budget.add(wanted - held);
          held = wanted;
          into = grown(into, length, wanted, pool);
        }
        MemorySegment.copy(step, 0, into, ValueLayout.JAVA_BYTE, length, read);
        length += read;
      }
      complete = true;
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_REQUEST, "a message is not " + encoding.word() + ": " + e.getMessage());
    } finally {
      if (!complete) {
        budget.add(-held);
      }
    }
    long counted = held;
    return new Message(pool, into, into.asSlice(0, length), () -> budget.add(-counted));
  }

  /** Compresses an answer. */
  byte[] deflate(WireWriter answer) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = deflating(packed)) {
      for (MemorySegment part : answer.parts()) {
        for (long at = 0; at < part.byteSize(); at += STEP) {
          long bytes = Math.min(STEP, part.byteSize() - at);
          out.write(part.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static MemorySegment grown(MemorySegment from, long used, long wanted, SegmentPool pool) {
    MemorySegment larger = pool.take(wanted);
    MemorySegment.copy(from, 0, larger, 0, used);
    if (from.byteSize() > 0) {
      pool.give(from);
    }
    return larger;
  }

  private InputStream inflating(byte[] packed) throws IOException {
    InputStream in = new ByteArrayInputStream(packed);
    return switch (encoding) {
      case GZIP -> new GZIPInputStream(in, STEP);
      case DEFLATE -> new InflaterInputStream(in);
      case IDENTITY ->
          throw new LatheException(
              ServerError.BAD_REQUEST,
              "a compressed message in a call without grpc-encoding (expected: gzip or deflate)");
    };
  }

  private OutputStream deflating(OutputStream packed) throws IOException {
    return switch (encoding) {
      case GZIP -> new GZIPOutputStream(packed, STEP);
      case DEFLATE -> new DeflaterOutputStream(packed);
      case IDENTITY -> packed;
    };
  }
}
