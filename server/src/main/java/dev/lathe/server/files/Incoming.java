package dev.lathe.server.files;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file while it is written. Nobody sees it until it is published; closing it without that leaves
 * nothing. For one thread.
 */
public final class Incoming extends OutputStream {
  private final FileStore store;
  private final String owner;
  private final Path folder;
  private FileChannel channel;
  private final OutputStream out;
  private final long most;
  private long bytes;
  private boolean published;

  Incoming(FileStore store, String owner, Path folder, long most) throws IOException {
    this.store = store;
    this.owner = owner;
    this.folder = folder;
    this.most = most;
    this.channel =
        FileChannel.open(
            folder.resolve(FileStore.CONTENT),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
    this.out = Channels.newOutputStream(channel);
  }

  @Override
  public void write(int one) throws IOException {
    count(1);
    out.write(one);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    count(length);
    out.write(from, offset, length);
  }

  private void count(long more) {
    bytes += more;
    if (bytes > most) {
      throw new LatheException(
          ServerError.BODY_TOO_LARGE,
          "\"file\": more than " + most + " bytes (expected: at most; openai.files.max_size)");
    }
  }

  /**
   * Makes a file that is on the disk already the content, without a copy where the disk can do
   * that. Nothing may be written to either afterwards.
   *
   * @param written the file, which stays where it is
   * @throws IOException if that cannot be
   */
  public void link(Path written) throws IOException {
    channel.close();
    Path content = folder.resolve(FileStore.CONTENT);
    Files.delete(content);
    try {
      Files.createLink(content, written);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(written, content);
    }
    channel = FileChannel.open(content, StandardOpenOption.WRITE);
    bytes = channel.size();
  }

  /** How long it is so far. */
  long bytes() {
    return bytes;
  }

  /** Whether it is taken in any case. */
  boolean isResult() {
    return most == Long.MAX_VALUE;
  }

  /**
   * The name that the file will have.
   *
   * @return its id
   */
  public String id() {
    return folder.getFileName().toString();
  }

  Path folder() {
    return folder;
  }

  String owner() {
    return owner;
  }

  /** Writes a short file beside the content, down to the disk. */
  static void writeDurably(Path file, byte[] content) throws IOException {
    try (FileChannel to =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        to.write(left);
      }
      to.force(true);
    }
  }

  /**
   * Makes the file what its owner can find. Nothing can be written afterwards.
   *
   * @param label what it is
   * @return the file
   * @throws LatheException BAD_REQUEST if its owner has as many files or bytes as it may have
   */
  public StoredFile publish(FileLabel label) {
    try {
      channel.force(true);
      channel.close();
      StoredFile file = store.publish(this, label);
      published = true;
      return file;
    } catch (IOException e) {
      throw FileStore.failed("cannot be written", e);
    }
  }

  /** Throws away what was not published. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      store.ended(this);
      if (!published) {
        FileStore.remove(folder);
      }
    }
  }
}
