package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** A blob that is open for reading. Its bytes never change. */
public final class Blob implements AutoCloseable {
  private final Sha256 digest;
  private final FileChannel channel;
  private final long size;

  private Blob(Sha256 digest, FileChannel channel, long size) {
    this.digest = digest;
    this.channel = channel;
    this.size = size;
  }

  static Blob of(Sha256 digest, FileChannel channel) throws IOException {
    return new Blob(digest, channel, channel.size());
  }

  /**
   * The blob's name.
   *
   * @return the SHA-256 of its bytes
   */
  public Sha256 digest() {
    return digest;
  }

  /**
   * The blob's size.
   *
   * @return bytes
   */
  public long size() {
    return size;
  }

  /**
   * Copies bytes to a stream.
   *
   * @param first the first byte's position, from 0
   * @param length how many bytes, at most to the end
   * @param out where they go; not closed
   * @throws LatheException CORRUPT if the blob is shorter than that
   * @throws IOException if the stream cannot be written or the blob not be read
   */
  public void copyTo(long first, long length, OutputStream out) throws IOException {
    WritableByteChannel target = Channels.newChannel(out);
    long position = first;
    long end = Math.addExact(first, length);
    while (position < end) {
      long copied = channel.transferTo(position, end - position, target);
      if (copied <= 0) {
        throw new LatheException(
            RegistryError.CORRUPT,
            "blob " + digest + ": ends at byte " + position + " (expected: at least " + end + ")");
      }
      position += copied;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new LatheException(RegistryError.STORAGE_FAILED, "blob " + digest + ": close", e);
    }
  }
}
