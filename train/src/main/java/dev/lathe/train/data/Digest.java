package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of what a run reads and writes. */
public final class Digest {
  private static final int CHUNK = 1 << 20;

  private final MessageDigest digest;

  /** Of nothing yet. */
  public Digest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Adds text with its length, so that neighbours cannot flow into each other.
   *
   * @param text the text
   * @return this
   */
  public Digest add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(4).putInt(0, bytes.length));
    digest.update(bytes);
    return this;
  }

  /**
   * The digest of bytes.
   *
   * @param bytes the bytes
   * @return 64 lower-case hexadecimal digits
   */
  public static String ofBytes(MemorySegment bytes) {
    Digest digest = new Digest();
    digest.add(bytes);
    return digest.hex();
  }

  /**
   * Adds a tensor's type, shape and elements.
   *
   * @param tensor any fixed-width tensor
   * @return this
   */
  public Digest add(Tensor tensor) {
    add(tensor.toString());
    add(tensor.data());
    return this;
  }

  /**
   * Adds bytes as they are.
   *
   * @param bytes a buffer that begins with them
   * @param length how many
   */
  public void add(byte[] bytes, int length) {
    digest.update(bytes, 0, length);
  }

  private void add(MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += CHUNK) {
      long size = Math.min(CHUNK, data.byteSize() - at);
      digest.update(data.asSlice(at, size).asByteBuffer());
    }
  }

  /**
   * The digest of what was added; the object is used up.
   *
   * @return 64 lower-case hexadecimal digits
   */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The digest of a file's bytes.
   *
   * @param file the file
   * @return 64 lower-case hexadecimal digits
   * @throws LatheException FILE_NOT_FOUND if it cannot be read
   */
  public static String ofFile(Path file) {
    Digest digest = new Digest();
    byte[] chunk = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.digest.update(chunk, 0, n);
      }
    } catch (IOException e) {
      throw new LatheException(
          TrainError.FILE_NOT_FOUND, "data file " + file + ": cannot be read", e);
    }
    return digest.hex();
  }
}
