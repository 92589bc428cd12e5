package dev.lathe.server.release;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A folder as one ZIP file, and back. */
public final class Packed {
  /** The media type. */
  public static final String MEDIA_TYPE = "application/zip";

  private static final int MOST_FILES = 1_000;

  /** How many times larger the files may be than what came in. */
  private static final long MOST_TIMES = 20;

  private static final long ALWAYS_ALLOWED = 64L << 20;

  private Packed() {}

  /**
   * Packs a folder, or one file under its own name. Hidden files are left out.
   *
   * @param source the folder or file
   * @param into the ZIP file, made anew
   * @throws LatheException BAD_SOURCE if it cannot be read
   */
  public static void pack(Path source, Path into) {
    SortedMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(source, 16)) {
      Path root = Files.isDirectory(source) ? source : source.toAbsolutePath().getParent();
      walk.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .limit(MOST_FILES + 1L)
          .forEach(
              file -> {
                boolean whole = file.toAbsolutePath().startsWith(root);
                Path name = root.relativize(whole ? file.toAbsolutePath() : file);
                files.put(name.toString().replace('\\', '/'), file);
              });
    } catch (IOException e) {
      throw FolderRelease.bad(source + ": cannot be read: " + e.getMessage());
    }
    if (files.size() > MOST_FILES) {
      throw FolderRelease.bad(source + ": more than " + MOST_FILES + " files");
    }
    files.keySet().removeIf(name -> ("/" + name).contains("/."));
    pack(files, into);
  }

  /**
   * Packs files under names.
   *
   * @param files the files by name; links are followed
   * @param into the ZIP file, made anew
   * @throws LatheException BAD_SOURCE if one cannot be read
   */
  public static void pack(SortedMap<String, Path> files, Path into) {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(into))) {
      zip.setLevel(Deflater.BEST_SPEED);
      for (Map.Entry<String, Path> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        Files.copy(file.getValue(), zip);
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw FolderRelease.bad("the files cannot be packed: " + e.getMessage());
    }
  }

  /**
   * Unpacks into an empty folder. What would lie outside of it, comes twice, or grows beyond reason
   * is refused.
   *
   * @param in a ZIP file
   * @param folder the folder
   * @throws LatheException BAD_SOURCE if it is no such file
   */
  public static void unpack(InputStream in, Path folder) {
    Counted counted = new Counted(in);
    long written = 0;
    int files = 0;
    try (ZipInputStream zip = new ZipInputStream(counted)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (++files > MOST_FILES) {
          throw FolderRelease.bad("more than " + MOST_FILES + " files in the ZIP file");
        }
        if (!entry.isDirectory()) {
          Path file = place(folder, entry.getName());
          Files.createDirectories(file.getParent());
          written = copy(zip, file, written, counted);
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw FolderRelease.bad("two files of one name in the ZIP file");
    } catch (ZipException | IllegalArgumentException e) {
      throw FolderRelease.bad("body: no ZIP file that can be read: " + e.getMessage());
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE, "body: broke off, or cannot be stored: " + e.getMessage(), e);
    }
    if (files == 0) {
      throw FolderRelease.bad("body: no ZIP file with files in it");
    }
  }

  private static Path place(Path folder, String name) {
    try {
      Path file = folder.resolve(name).normalize();
      if (name.length() <= 400 && file.startsWith(folder) && !file.equals(folder)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // Refused like a path that leads out.
    }
    String shown = name.length() > 80 ? name.substring(0, 80) + "…" : name;
    throw FolderRelease.bad("path \"" + shown + "\" in the ZIP file (expected: inside of it)");
  }

  private static long copy(ZipInputStream zip, Path file, long before, Counted counted)
      throws IOException {
    long written = before;
    byte[] buffer = new byte[1 << 16];
    try (var out = Files.newOutputStream(file, java.nio.file.StandardOpenOption.CREATE_NEW)) {
      for (int read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
        written += read;
        if (written > ALWAYS_ALLOWED && written / MOST_TIMES > counted.bytes) {
          throw FolderRelease.bad("the ZIP file grows more than " + MOST_TIMES + " times");
        }
        out.write(buffer, 0, read);
      }
    }
    return written;
  }

  /** Counts what comes in. */
  private static final class Counted extends FilterInputStream {
    private long bytes;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      bytes += next < 0 ? 0 : 1;
      return next;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      bytes += Math.max(0, read);
      return read;
    }
  }
}
