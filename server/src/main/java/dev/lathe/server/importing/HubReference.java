package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model of a hub: {@code hf://namespace/name}, or with a branch, tag or commit {@code
 * hf://namespace/name@revision}.
 *
 * @param repository {@code namespace/name}, or {@code name} alone
 * @param revision a branch, a tag or a commit
 */
public record HubReference(String repository, String revision) {
  /** How such a reference begins. */
  public static final String SCHEME = "hf://";

  private static final String PART = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";
  private static final Pattern FORM =
      Pattern.compile(
          "hf://(" + PART + "(?:/" + PART + ")?)(?:@([A-Za-z0-9][A-Za-z0-9._/-]{0,199}))?");

  /**
   * Reads a reference.
   *
   * @param text the reference
   * @return its parts; {@code main} where no revision is told
   * @throws LatheException BAD_SOURCE if it is no reference
   */
  public static HubReference parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || text.contains("..")) {
      String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
      throw new LatheException(
          ServerError.BAD_SOURCE,
          "source \""
              + shown
              + "\" (expected: hf://namespace/name or hf://namespace/name@revision)");
    }
    String revision = matcher.group(2);
    return new HubReference(matcher.group(1), revision == null ? "main" : revision);
  }

  /** The same model at a commit. */
  HubReference at(String commit) {
    return new HubReference(repository, commit);
  }

  @Override
  public String toString() {
    return SCHEME + repository + "@" + revision;
  }
}
