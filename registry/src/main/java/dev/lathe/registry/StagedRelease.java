package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A release whose large files are in the blob store already. What is left to do is small.
 *
 * @param plain the files that go into Git, by path
 * @param large what stands for the files that went into the blob store, by path
 * @param metadata what {@code lathe.yaml} will say
 * @param message the commit's message; empty if none was given
 */
record StagedRelease(
    SortedMap<String, byte[]> plain,
    SortedMap<String, LfsPointer> large,
    Metadata metadata,
    String message) {
  /** The largest file that goes into Git. */
  static final int MOST_IN_GIT = 10 << 20;

  private static final int MOST_FILES = 1_000;
  private static final int LONGEST_MESSAGE = 1 << 16;

  /** Checks a release and stores its large files. */
  static StagedRelease of(Release release, BlobStore blobs, RegistryOptions options) {
    requireFiles(release);
    requireMessage(release.message());
    SortedMap<String, byte[]> plain = new TreeMap<>();
    SortedMap<String, LfsPointer> large = new TreeMap<>();
    for (Map.Entry<String, Content> file : release.files().entrySet()) {
      String path = file.getKey();
      if (isLarge(path, file.getValue(), options)) {
        large.put(path, blobs.put(path, file.getValue()));
      } else {
        plain.put(path, read(path, file.getValue()));
      }
    }
    return new StagedRelease(plain, large, release.metadata(), release.message().strip());
  }

  private static void requireFiles(Release release) {
    SortedMap<String, Content> files = release.files();
    boolean adapter = release.metadata().adapterOf().isPresent();
    if (!files.containsKey(Release.MODEL) && !adapter && release.metadata().pipeline().isEmpty()) {
      throw new LatheException(
          RegistryError.BAD_RELEASE,
          "files "
              + files.keySet()
              + " (expected: model.onnx too, a pipeline, or an adapter of another version)");
    }
    if (files.size() > MOST_FILES) {
      throw new LatheException(
          RegistryError.BAD_RELEASE,
          files.size() + " files (expected: at most " + MOST_FILES + ")");
    }
    Set<String> seen = new HashSet<>();
    for (String path : files.keySet()) {
      Names.requirePath(path);
      requireFree(path, seen);
    }
  }

  /**
   * Refuses a path that the registry writes itself, or that is the same as another, or as another's
   * folder, where upper and lower case are one.
   */
  private static void requireFree(String path, Set<String> seen) {
    String folded = path.toLowerCase(Locale.ROOT);
    boolean taken = folded.equals(LatheYaml.METADATA) || !seen.add(folded);
    for (int slash = folded.indexOf('/'); slash >= 0; slash = folded.indexOf('/', slash + 1)) {
      taken |= seen.contains(folded.substring(0, slash));
    }
    taken |= seen.stream().anyMatch(other -> other.startsWith(folded + "/"));
    if (taken) {
      throw new LatheException(
          RegistryError.BAD_PATH,
          "path " + Names.quote(path) + " (expected: one that no other file has)");
    }
  }

  private static void requireMessage(String message) {
    boolean clean = message.chars().noneMatch(c -> c < ' ' && c != '\n' && c != '\t');
    if (!clean || message.length() > LONGEST_MESSAGE) {
      throw new LatheException(
          RegistryError.BAD_RELEASE,
          "message "
              + Names.quote(message)
              + " (expected: text of at most "
              + LONGEST_MESSAGE
              + " characters)");
    }
  }

  private static boolean isLarge(String path, Content content, RegistryOptions options) {
    long most = Math.min(options.largeFile(), MOST_IN_GIT);
    return sizeOf(path, content) >= most || GitAttributes.isLargeKind(path);
  }

  private static long sizeOf(String path, Content content) {
    return switch (content) {
      case Content.OfFile(Path file) -> {
        if (!Files.isRegularFile(file)) {
          throw new LatheException(
              RegistryError.BAD_RELEASE, path + ": " + file + " is no regular file");
        }
        try {
          yield Files.size(file);
        } catch (IOException e) {
          throw Disk.error("reading " + file, e);
        }
      }
      case Content.OfBytes(byte[] bytes) -> bytes.length;
    };
  }

  private static byte[] read(String path, Content content) {
    byte[] bytes =
        switch (content) {
          case Content.OfFile(Path file) -> {
            try {
              yield Files.readAllBytes(file);
            } catch (IOException e) {
              throw Disk.error("reading " + file, e);
            }
          }
          case Content.OfBytes(byte[] given) -> given;
        };
    if (LfsPointer.isClaimed(bytes)) {
      throw new LatheException(
          RegistryError.BAD_RELEASE,
          path + ": a Git LFS pointer (expected: the file that it stands for)");
    }
    return bytes;
  }

  /** All files of the version, as Git will hold them. */
  SortedMap<String, byte[]> entries(ModelName model, VersionTag tag) {
    SortedMap<String, byte[]> entries = new TreeMap<>(plain);
    large.forEach((path, pointer) -> entries.put(path, pointer.toBytes()));
    entries.put(GitAttributes.PATH, GitAttributes.write(large.keySet()));
    entries.put(LatheYaml.METADATA, LatheYaml.write(metadata));
    entries.computeIfAbsent(
        ModelCard.PATH, path -> ModelCard.write(model, tag, this).getBytes(StandardCharsets.UTF_8));
    return entries;
  }
}
