package dev.lathe.prepare.template;

import org.jspecify.annotations.Nullable;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text its text; of a string its value
 * @param number its value if it is a number
 * @param line counted from 1
 */
record Word(Kind kind, String text, @Nullable Object number, int line) {
  enum Kind {
    DATA,
    OPEN_OUTPUT,
    CLOSE_OUTPUT,
    OPEN_BLOCK,
    CLOSE_BLOCK,
    NAME,
    STRING,
    NUMBER,
    SIGN,
    END
  }

  boolean is(String sign) {
    return kind == Kind.SIGN && text.equals(sign);
  }

  boolean named(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  String shown() {
    return kind == Kind.END ? "end of template" : "'" + text + "'";
  }
}
