package dev.lathe.cli.text;

/** How a piece of text looks where the terminal has colours. */
public enum Style {
  /** As it is. */
  PLAIN(""),
  /** Stands out. */
  BOLD("1"),
  /** Of lesser weight. */
  DIM("2"),
  /** Went well. */
  GOOD("32"),
  /** Wants a look. */
  WARNING("33"),
  /** Went wrong. */
  BAD("31"),
  /** A name to type or follow. */
  NAME("36");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  String code() {
    return code;
  }
}
