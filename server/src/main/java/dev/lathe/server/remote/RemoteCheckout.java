package dev.lathe.server.remote;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionDetails.FileEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Brings a version's files here. Every size and digest is compared with what the server said. */
public final class RemoteCheckout {
  private final ApiClient client;

  /**
   * A checkout from a server.
   *
   * @param client speaks to it; not closed
   */
  public RemoteCheckout(ApiClient client) {
    this.client = client;
  }

  /**
   * Writes all files of a version.
   *
   * @param version the version
   * @param directory a folder that is empty or not there yet
   * @throws LatheException BAD_FOLDER if something is in the folder, or it cannot be written;
   *     BAD_ANSWER if a file is not what the server said
   */
  public void write(VersionDetails version, Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      requireEmpty(root);
      Files.createDirectories(root);
      writeAll(version, root);
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_FOLDER, "folder " + directory + ": cannot be written: " + e, e);
    }
  }

  /** All files or none: what was written is removed when one fails. */
  private void writeAll(VersionDetails version, Path root) throws IOException {
    boolean complete = false;
    try {
      for (FileEntry file : version.files()) {
        write(version, file, root);
      }
      complete = true;
    } finally {
      if (!complete) {
        empty(root);
      }
    }
  }

  private static void empty(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> innerFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : innerFirst) {
        if (!file.equals(root)) {
          Files.delete(file);
        }
      }
    }
  }

  private void write(VersionDetails version, FileEntry file, Path root) throws IOException {
    Path target = root.resolve(file.path()).normalize();
    if (!target.startsWith(root) || target.equals(root)) {
      throw wrong(file, "path (expected: one below the folder)");
    }
    Files.createDirectories(target.getParent());
    String address =
        "/models/" + version.model() + "/versions/" + version.version() + "/files/" + file.path();
    MessageDigest digest = digest(file);
    try (InputStream in = client.open(address, "").orElseThrow();
        OutputStream out =
            new DigestOutputStream(
                Files.newOutputStream(target, StandardOpenOption.CREATE_NEW), digest)) {
      long size = in.transferTo(out);
      if (size != file.size()) {
        throw wrong(file, size + " bytes (expected: " + file.size() + ")");
      }
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(file.digest())) {
      throw wrong(file, "digest " + found + " (expected: " + file.digest() + ")");
    }
  }

  /** A large file is named by the SHA-256 of its bytes, a small one by its Git blob's id. */
  private static MessageDigest digest(FileEntry file) {
    try {
      if (file.storage().equals("lfs")) {
        return MessageDigest.getInstance("SHA-256");
      }
      MessageDigest git = MessageDigest.getInstance("SHA-1");
      git.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.US_ASCII));
      return git;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1 and SHA-256", e);
    }
  }

  private static void requireEmpty(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      if (entries.findAny().isPresent()) {
        throw new LatheException(
            ServerError.BAD_FOLDER, "folder " + root + ": is not empty (expected: an empty one)");
      }
    } catch (NoSuchFileException e) {
      // It will be made.
      return;
    }
  }

  private static LatheException wrong(FileEntry file, String what) {
    return new LatheException(ServerError.BAD_ANSWER, "file \"" + file.path() + "\": " + what);
  }
}
