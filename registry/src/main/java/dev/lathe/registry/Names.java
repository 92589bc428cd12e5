package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules for names that become folders, files and refs. */
final class Names {
  private static final int LONGEST_PATH = 400;
  private static final int LONGEST_QUOTE = 80;
  private static final Pattern MODEL_PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}");
  private static final Pattern ENVIRONMENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+=@-]{0,127}");
  private static final Pattern VERSION_LIKE = Pattern.compile("[vV][0-9]+");
  private static final Pattern COMMIT_LIKE = Pattern.compile("[0-9a-f]{40}");

  /** Names that Windows keeps for devices, whatever follows the first dot. */
  private static final Set<String> DEVICES =
      Set.of(
          "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
          "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

  private static final List<String> BAD_ENDINGS = List.of(".", ".git", ".lock");

  private Names() {}

  /** Refuses what is not a namespace or a model's name. */
  static void requireModelPart(String what, String text) {
    if (!MODEL_PART.matcher(text).matches() || !isSafeSegment(text)) {
      throw new LatheException(
          RegistryError.BAD_NAME,
          what
              + " "
              + quote(text)
              + " (expected: 1 to 96 of A-Z a-z 0-9 . _ -, first a letter or digit,"
              + " no \"..\", not ending in \".\", \".git\" or \".lock\")");
    }
  }

  /** Refuses what is not an environment's name. */
  static void requireEnvironment(String text) {
    boolean taken =
        VERSION_LIKE.matcher(text).matches()
            || COMMIT_LIKE.matcher(text).matches()
            || text.equals("latest")
            || text.equals("main")
            || text.equals("HEAD");
    if (taken || !ENVIRONMENT.matcher(text).matches() || !isSafeSegment(text)) {
      throw new LatheException(
          RegistryError.BAD_NAME,
          "environment "
              + quote(text)
              + " (expected: 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit, such as prod;"
              + " not a version, \"latest\", \"main\" or \"HEAD\")");
    }
  }

  /** Refuses what is not a relative path that is the same, and harmless, on every file system. */
  static void requirePath(String path) {
    if (path.length() > LONGEST_PATH || path.isEmpty()) {
      throw badPath(path);
    }
    for (String segment : path.split("/", -1)) {
      if (!SEGMENT.matcher(segment).matches() || !isSafeSegment(segment)) {
        throw badPath(path);
      }
    }
  }

  private static LatheException badPath(String path) {
    return new LatheException(
        RegistryError.BAD_PATH,
        "path "
            + quote(path)
            + " (expected: a relative path of A-Z a-z 0-9 . _ + = @ -, no part beginning with"
            + " \".\" or ending in \".\", \".git\" or \".lock\")");
  }

  private static boolean isSafeSegment(String segment) {
    String lower = segment.toLowerCase(Locale.ROOT);
    int dot = lower.indexOf('.');
    return !lower.contains("..")
        && BAD_ENDINGS.stream().noneMatch(lower::endsWith)
        && !DEVICES.contains(dot < 0 ? lower : lower.substring(0, dot));
  }

  /** An outside text in quotes, cut where too long, with control characters made visible. */
  static String quote(String text) {
    String cut = text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "…" : text;
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      quoted.append(Character.isISOControl(c) ? String.format("\\u%04x", (int) c) : c);
    }
    return quoted.append('"').toString();
  }
}
