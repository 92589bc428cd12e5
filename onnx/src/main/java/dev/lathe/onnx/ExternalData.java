package dev.lathe.onnx;

import dev.lathe.ir.LatheException;

/**
 * How large weights leave the model file for one file beside it.
 *
 * @param fileName the file, in the model's folder; a plain name without separators
 * @param threshold initializers of at least this many bytes go out
 * @param alignment every tensor starts at a multiple of this many bytes; a power of two, such as
 *     4096 for mapped pages
 */
public record ExternalData(String fileName, long threshold, int alignment) {
  private static final int MOST_ALIGNMENT = 1 << 30;

  /** Refuses names that are paths and alignments that are no powers of two. */
  public ExternalData {
    if (fileName.isEmpty()
        || fileName.equals(".")
        || fileName.equals("..")
        || fileName.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')) {
      throw new LatheException(
          OnnxError.EXTERNAL_DATA,
          "external data file \"" + fileName + "\" (expected: a plain file name)");
    }
    if (threshold < 0) {
      throw new LatheException(
          OnnxError.EXTERNAL_DATA, "external data threshold " + threshold + " (expected: >= 0)");
    }
    if (alignment < 1 || alignment > MOST_ALIGNMENT || Integer.bitCount(alignment) != 1) {
      throw new LatheException(
          OnnxError.EXTERNAL_DATA,
          "external data alignment " + alignment + " (expected: a power of two)");
    }
  }

  /**
   * Weights of at least 1 KiB, each on a page of its own.
   *
   * @param fileName the file, in the model's folder
   * @return the settings
   */
  public static ExternalData of(String fileName) {
    return new ExternalData(fileName, 1024, 4096);
  }
}
