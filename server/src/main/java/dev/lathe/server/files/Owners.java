package dev.lathe.server.files;

import dev.lathe.server.Right;
import dev.lathe.server.access.Caller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder for each caller who keeps something. An account's name may hold anything, so its digest
 * is the folder's name.
 *
 * @param root where these folders are
 */
public record Owners(Path root) {
  private static final Pattern OWNER = Pattern.compile("[0-9a-f]{40}");

  /**
   * A caller's folder.
   *
   * @param owner the caller's account
   * @return the folder, which need not exist
   */
  public Path folder(String owner) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(owner.getBytes(StandardCharsets.UTF_8));
      return root.resolve(HexFormat.of().formatHex(digest, 0, 20));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The folders that a caller may look into: its own, or all if it administers the server.
   *
   * @param caller who asks
   * @return folders, some of which may not exist
   */
  public List<Path> seenBy(Caller caller) {
    return caller.may(Right.ADMIN, "")
        ? everybody()
        : caller.account().map(this::folder).stream().toList();
  }

  /**
   * The folders of all.
   *
   * @return folders that exist
   */
  public List<Path> everybody() {
    return names(root).filter(name -> OWNER.matcher(name).matches()).map(root::resolve).toList();
  }

  /**
   * What is in a folder.
   *
   * @param folder the folder
   * @return the names; none if it is not there
   */
  public static Stream<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Stream.of();
    } catch (IOException e) {
      throw FileStore.failed("cannot be listed", e);
    }
  }
}
