package dev.lathe.onnx.file;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file being written under another name in the same folder, which takes its name only when all
 * its bytes are on the disk. Whoever opens it closes it; closed before {@link #publish}, it leaves
 * nothing.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path draft;

  private AtomicFile(Path target, Path draft) {
    this.target = target;
    this.draft = draft;
  }

  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes everything.
     *
     * @param channel an empty file
     * @throws IOException if the disk fails
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a draft and waits until it is on the disk; the target stays as it is.
   *
   * @param target the file to make or replace
   * @param content writes the bytes
   * @return the draft
   * @throws LatheException NOT_WRITTEN or DISK_FULL; nothing is left then
   */
  public static AtomicFile draft(Path target, Content content) {
    Path absolute = target.toAbsolutePath();
    AtomicFile file =
        new AtomicFile(
            absolute,
            absolute.resolveSibling(
                "." + absolute.getFileName() + "." + UUID.randomUUID() + ".tmp"));
    boolean written = false;
    try (FileChannel channel =
        FileChannel.open(file.draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
      written = true;
    } catch (IOException e) {
      throw file.failed(e);
    } finally {
      if (!written) {
        file.close();
      }
    }
    return file;
  }

  /**
   * Writes a file at once.
   *
   * @param target the file to make or replace
   * @param content writes the bytes
   * @throws LatheException NOT_WRITTEN or DISK_FULL; what was there before still is
   */
  public static void write(Path target, Content content) {
    try (AtomicFile file = draft(target, content)) {
      file.publish();
    }
  }

  /** Gives the draft its name. */
  public void publish() {
    try {
      Files.move(
          draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncFolder();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Takes the file that the draft will replace away. */
  public void retractOld() {
    try {
      Files.deleteIfExists(target);
      syncFolder();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The new name is on the disk only when the folder is. */
  private void syncFolder() throws IOException {
    Path folder = target.getParent();
    if (folder == null || target.getFileSystem().getSeparator().equals("\\")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private LatheException failed(IOException cause) {
    String said = String.valueOf(cause.getMessage());
    boolean full = said.contains("No space left") || said.contains("quota exceeded");
    return new LatheException(
        full ? OnnxError.DISK_FULL : OnnxError.NOT_WRITTEN,
        target + ": not written: " + said,
        cause);
  }
}
