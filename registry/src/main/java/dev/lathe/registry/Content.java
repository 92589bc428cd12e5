package dev.lathe.registry;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file's content on its way into the registry. */
public sealed interface Content {
  /**
   * The content of a file, read once, while it is stored.
   *
   * @param path a regular file that does not change meanwhile
   */
  record OfFile(Path path) implements Content {}

  /**
   * Bytes in memory.
   *
   * @param bytes the content; not copied, not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent")
  record OfBytes(byte[] bytes) implements Content {}

  /**
   * The content of a file.
   *
   * @param path a regular file
   * @return its content
   */
  static Content of(Path path) {
    return new OfFile(path);
  }

  /**
   * Bytes in memory.
   *
   * @param bytes the content
   * @return the content
   */
  static Content of(byte[] bytes) {
    return new OfBytes(bytes);
  }

  /**
   * Text, in UTF-8.
   *
   * @param text the content
   * @return the content
   */
  static Content of(String text) {
    return new OfBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
