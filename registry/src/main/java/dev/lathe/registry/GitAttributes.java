package dev.lathe.registry;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;

/**
 * Which files Git LFS stands for, said in {@code .gitattributes}.
 *
 * @see <a href="https://git-scm.com/docs/gitattributes">gitattributes</a>
 */
final class GitAttributes {
  static final String PATH = ".gitattributes";

  private static final List<String> ENDINGS = List.of(".onnx", ".safetensors", ".bin", ".data");
  private static final String LFS = " filter=lfs diff=lfs merge=lfs -text\n";

  private GitAttributes() {}

  /** Whether a file of that name is large by its kind. */
  static boolean isLargeKind(String path) {
    return ENDINGS.stream().anyMatch(path::endsWith);
  }

  /**
   * The file's content: a line for each large kind, and one for each large file of another kind.
   * Paths need no quoting, by {@link Names#requirePath}.
   */
  static byte[] write(Collection<String> largePaths) {
    StringBuilder text = new StringBuilder();
    ENDINGS.forEach(ending -> text.append('*').append(ending).append(LFS));
    largePaths.stream()
        .filter(path -> !isLargeKind(path))
        .sorted()
        .forEach(path -> text.append('/').append(path).append(LFS));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
