package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A right over some models: {@code infer:demo/digits}, {@code read:demo/*}, {@code metrics}, {@code
 * *}. Without a pattern it is over all models; {@code *} stands for every right.
 *
 * @param rights what it allows
 * @param models the models' pattern, {@code *} for all
 * @param text as it was written
 */
public record Scope(Set<Right> rights, String models, String text) {
  private static final String ALL = "*";
  private static final Pattern MODELS =
      Pattern.compile(
          "\\*|[A-Za-z0-9][A-Za-z0-9._-]{0,95}/(\\*|[A-Za-z0-9][A-Za-z0-9._-]{0,95}\\*?)");
  private static final List<String> WORDS =
      Arrays.stream(Right.values())
          .filter(right -> right != Right.NONE && right != Right.KNOWN)
          .map(Right::word)
          .toList();

  /** Copies the rights. */
  public Scope {
    rights = Set.copyOf(rights);
  }

  /**
   * Reads a scope.
   *
   * @param text such as {@code infer:demo/*}
   * @return the scope
   * @throws LatheException BAD_REQUEST that says what is expected
   */
  public static Scope parse(String text) {
    int colon = text.indexOf(':');
    String word = colon < 0 ? text : text.substring(0, colon);
    String models = colon < 0 ? ALL : text.substring(colon + 1);
    if (!word.equals(ALL) && !WORDS.contains(word)) {
      throw bad(text, Nearest.hint(word, WORDS) + "a right of " + String.join(", ", WORDS) + ", *");
    }
    if (!MODELS.matcher(models).matches()) {
      throw bad(text, "models as *, namespace/*, namespace/name or namespace/begin*");
    }
    Set<Right> rights =
        word.equals(ALL)
            ? EnumSet.allOf(Right.class)
            : EnumSet.of(Right.valueOf(word.toUpperCase(java.util.Locale.ROOT)));
    return new Scope(rights, models, text);
  }

  private static LatheException bad(String text, String expected) {
    return new LatheException(
        ServerError.BAD_REQUEST, "scope \"" + text + "\" (expected: " + expected + ")");
  }

  /**
   * Whether this allows something.
   *
   * @param right what is asked for
   * @param model the model that it is about; empty for all models, {@link Ask#ANY_MODEL} for any
   * @return whether it does
   */
  public boolean allows(Right right, String model) {
    return rights.contains(right) && covers(model);
  }

  private boolean covers(String model) {
    if (models.equals(ALL) || model.equals(Ask.ANY_MODEL)) {
      return true;
    }
    if (model.isEmpty()) {
      return false;
    }
    return models.endsWith(ALL)
        ? model.startsWith(models.substring(0, models.length() - 1))
        : model.equals(models);
  }
}
