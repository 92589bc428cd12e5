package dev.lathe.prepare;

/** What becomes of special tokens, such as the ends of a text. */
public enum Specials {
  /** Encoding adds those that the file's template asks for; decoding writes them out. */
  WITH,
  /** Encoding adds none, though it knows those written in the text; decoding leaves them out. */
  WITHOUT
}
