package dev.lathe.onnx.file;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import dev.lathe.onnx.codec.ExternalSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Tensors in files beside a model. Each file is mapped once. A location must be relative and name a
 * regular file inside the model's folder, also after all symbolic links are followed.
 */
public final class ExternalFiles implements ExternalSource {
  private static final int MOST_DIGITS = 19;

  private final Path folder;
  private final Map<Path, MemorySegment> mapped = new HashMap<>();

  /**
   * Files in a folder.
   *
   * @param folder the model's folder
   */
  public ExternalFiles(Path folder) {
    this.folder = folder;
  }

  @Override
  public MemorySegment find(String tensor, Map<String, String> entries, long expected) {
    String where = "tensor \"" + tensor + "\": external data";
    String location = entries.getOrDefault("location", "");
    Path file = resolve(where, location);
    MemorySegment bytes =
        mapped.computeIfAbsent(file, path -> MappedFile.map(path, LinkOption.NOFOLLOW_LINKS));
    long offset = number(where, entries.getOrDefault("offset", "0"));
    long length = number(where, entries.getOrDefault("length", Long.toString(expected)));
    if (length != expected) {
      throw refused(where + " of " + length + " bytes (expected: " + expected + ", by its shape)");
    }
    if (offset > bytes.byteSize() || length > bytes.byteSize() - offset) {
      throw refused(
          where
              + " at "
              + offset
              + " of "
              + length
              + " bytes in \""
              + location
              + "\" (expected: within its "
              + bytes.byteSize()
              + " bytes)");
    }
    return bytes.asSlice(offset, length);
  }

  private Path resolve(String where, String location) {
    Path relative = relative(where, location);
    try {
      Path root = folder.toRealPath();
      Path real = root.resolve(relative).toRealPath();
      if (!real.startsWith(root)) {
        throw refused(where + " in \"" + location + "\" (expected: inside the model's folder)");
      }
      if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
        throw refused(where + " in \"" + location + "\" (expected: a regular file)");
      }
      return real;
    } catch (IOException e) {
      throw new LatheException(
          OnnxError.EXTERNAL_DATA, where + " in \"" + location + "\": no such file", e);
    }
  }

  /** Backslashes and colons are refused because other systems take them for separators. */
  private Path relative(String where, String location) {
    boolean odd = location.chars().anyMatch(c -> c == '\\' || c == ':' || c < ' ');
    try {
      Path path = folder.getFileSystem().getPath(location);
      boolean leaves = path.isAbsolute();
      for (Path part : path) {
        leaves |= part.toString().equals("..");
      }
      if (location.isEmpty() || odd || leaves) {
        throw refused(
            where
                + " in \""
                + location
                + "\" (expected: a relative path inside the model's folder)");
      }
      return path;
    } catch (InvalidPathException e) {
      throw new LatheException(
          OnnxError.EXTERNAL_DATA, where + " in \"" + location + "\" (expected: a path)", e);
    }
  }

  private static long number(String where, String digits) {
    boolean plain = !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!plain || digits.length() > MOST_DIGITS || digits.compareTo(limitOf(digits)) > 0) {
      throw refused(where + " at or of \"" + digits + "\" (expected: a number of bytes)");
    }
    return Long.parseLong(digits);
  }

  private static String limitOf(String digits) {
    return digits.length() < MOST_DIGITS ? digits : Long.toString(Long.MAX_VALUE);
  }

  private static LatheException refused(String message) {
    return new LatheException(OnnxError.EXTERNAL_DATA, message);
  }
}
