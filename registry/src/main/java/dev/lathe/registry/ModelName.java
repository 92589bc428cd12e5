package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.Comparator;

/**
 * A model's name: a namespace and a name in it, written {@code namespace/name}.
 *
 * <p>Each part is 1 to 96 letters, digits, dots, dashes or underscores, begins with a letter or a
 * digit, ends with no dot, and holds neither {@code ..} nor, at its end, {@code .git} or {@code
 * .lock}. So a part is always one safe folder name, on every file system.
 *
 * @param namespace who or what the model belongs to
 * @param name the model's name in its namespace
 */
public record ModelName(String namespace, String name) implements Comparable<ModelName> {
  private static final Comparator<ModelName> ORDER =
      Comparator.comparing(ModelName::namespace).thenComparing(ModelName::name);

  /**
   * Checks both parts.
   *
   * @throws LatheException BAD_NAME if a part is not as described above
   */
  public ModelName {
    Names.requireModelPart("namespace", namespace);
    Names.requireModelPart("model name", name);
  }

  /**
   * Reads {@code namespace/name}.
   *
   * @param text the two parts with a slash between them
   * @return the name
   * @throws LatheException BAD_NAME if there is not exactly one slash, or a part is not valid
   */
  public static ModelName parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || text.indexOf('/', slash + 1) >= 0) {
      throw new LatheException(
          RegistryError.BAD_NAME,
          "model name " + Names.quote(text) + " (expected: namespace/name, such as demo/digits)");
    }
    return new ModelName(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public int compareTo(ModelName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
