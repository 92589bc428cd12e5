package dev.lathe.registry;

import dev.lathe.ir.LatheException;

/**
 * Who makes a commit.
 *
 * @param name a name, not empty
 * @param email an address; Git wants one, it need not exist
 */
public record Author(String name, String email) {
  static final int LONGEST = 200;

  /**
   * Checks that Git can hold both.
   *
   * @throws LatheException BAD_NAME if one is empty, long, or holds {@code <}, {@code >} or a
   *     control character
   */
  public Author {
    require("author's name", name);
    require("author's email", email);
  }

  /**
   * The user that runs this process.
   *
   * @return the user's name at {@code localhost}; {@code lathe} if the system does not say
   */
  public static Author ofSystemUser() {
    String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "");
    String name = user.isEmpty() ? "lathe" : user;
    return new Author(name, name + "@localhost");
  }

  private static void require(String what, String text) {
    boolean clean = text.chars().noneMatch(c -> c == '<' || c == '>' || Character.isISOControl(c));
    if (!clean || text.isBlank() || text.length() > LONGEST) {
      throw new LatheException(
          RegistryError.BAD_NAME,
          what + " " + Names.quote(text) + " (expected: 1 to 200 characters, none of < >)");
    }
  }
}
