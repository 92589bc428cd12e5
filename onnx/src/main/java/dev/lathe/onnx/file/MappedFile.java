package dev.lathe.onnx.file;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Maps whole files of any size into memory. */
public final class MappedFile {
  private MappedFile() {}

  /**
   * Maps a file for reading. The mapping lives as long as a segment of it is reachable; a writer
   * must replace the file, never change or shorten it, meanwhile.
   *
   * @param file the file
   * @param options more ways to open it, such as not following links
   * @return its bytes, read-only
   * @throws LatheException NO_FILE if there is none; UNREADABLE if it is no regular file or cannot
   *     be read
   */
  public static MemorySegment map(Path file, OpenOption... options) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new LatheException(OnnxError.UNREADABLE, file + ": not a regular file");
    }
    Set<OpenOption> all = new java.util.HashSet<>(Set.of(options));
    all.add(StandardOpenOption.READ);
    try (FileChannel channel = FileChannel.open(file, all)) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    } catch (NoSuchFileException e) {
      throw new LatheException(OnnxError.NO_FILE, file + ": no such file", e);
    } catch (IOException e) {
      throw new LatheException(OnnxError.UNREADABLE, file + ": " + e.getMessage(), e);
    }
  }
}
