package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a caller sends to say who it is. */
public sealed interface Credentials {
  /** The longest header that is looked at, in characters. */
  int LONGEST = 16_384;

  /** Nothing. */
  record None() implements Credentials {}

  /**
   * A key, or a token that an issuer signed.
   *
   * @param text as it was sent
   */
  record Secret(String text) implements Credentials {
    @Override
    public String toString() {
      return "a secret";
    }
  }

  /**
   * The cookie of a browser that signed in.
   *
   * @param text the cookie's value
   */
  record Session(String text) implements Credentials {
    @Override
    public String toString() {
      return "a session";
    }
  }

  /**
   * A client certificate that TLS has verified.
   *
   * @param subject its distinguished name, as RFC 2253 writes it
   */
  record Certificate(String subject) implements Credentials {}

  /**
   * What a header or metadata entry {@code authorization} holds. By the scheme Basic, the password
   * is the key, whatever the user's name is.
   *
   * @param header its value
   * @return the secret
   * @throws LatheException UNAUTHENTICATED if the scheme is unknown or the value is damaged
   */
  static Credentials authorization(String header) {
    if (header.length() > LONGEST) {
      throw refused("the header is longer than " + LONGEST + " characters");
    }
    int space = header.indexOf(' ');
    String scheme = space < 0 ? header : header.substring(0, space);
    String value = space < 0 ? "" : header.substring(space + 1).strip();
    if (scheme.equalsIgnoreCase("Bearer")) {
      return new Secret(value);
    }
    if (scheme.equalsIgnoreCase("Basic")) {
      return new Secret(password(value));
    }
    throw refused("the scheme is unknown (expected: Bearer or Basic)");
  }

  private static String password(String encoded) {
    try {
      String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      return pair.substring(pair.indexOf(':') + 1);
    } catch (IllegalArgumentException e) {
      throw refused("the value is not Base64");
    }
  }

  private static LatheException refused(String why) {
    return new LatheException(ServerError.UNAUTHENTICATED, "authorization: " + why);
  }
}
