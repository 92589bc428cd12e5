package dev.lathe.ir;

/**
 * What a file said beyond what the model knows: kept as the file's own bytes, given back when the
 * file is written, understood by nobody between.
 *
 * @param bytes the fields as they stood, one after the other
 */
public record Extras(Bytes bytes) {
  /** Nothing unknown. */
  public static final Extras NONE = new Extras(Bytes.of(new byte[0]));

  /**
   * Whether there is nothing.
   *
   * @return true if empty
   */
  public boolean isEmpty() {
    return bytes.size() == 0;
  }
}
