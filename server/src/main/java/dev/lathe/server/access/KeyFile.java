package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * The file of keys, shared by processes: readers see the old content or the new one, writers take
 * turns. Only its owner may read it.
 */
final class KeyFile {
  private static final int MAX_BYTES = 16 << 20;
  private static final ReentrantLock TURN = new ReentrantLock();

  private final Path folder;
  private final Path file;

  KeyFile(Path folder) {
    this.folder = folder;
    this.file = folder.resolve("keys.json");
  }

  /** What changes whenever the file's content does; empty if there is none. */
  String stamp() {
    try {
      BasicFileAttributes now =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return now.fileKey() + " " + now.lastModifiedTime().toInstant() + " " + now.size();
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  List<StoredKey> read() {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new LatheException(
            ServerError.KEY_STORAGE, file + ": more than " + MAX_BYTES + " bytes");
      }
      return List.of(ApiJson.read(bytes, StoredKey[].class));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  /** Changes the keys while no other thread or process does. */
  void change(UnaryOperator<List<StoredKey>> change) {
    TURN.lock();
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("keys.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        assert held.isValid();
        PrivateFile.replace(file, ApiJson.bytes(change.apply(read())));
      }
    } catch (IOException e) {
      throw failed("write", e);
    } finally {
      TURN.unlock();
    }
  }

  private LatheException failed(String what, IOException cause) {
    return new LatheException(
        ServerError.KEY_STORAGE,
        file + ": cannot " + what + " (" + cause.getMessage() + ")",
        cause);
  }
}
