package dev.lathe.train;

/**
 * What a run has seen, for its lineage.
 *
 * @param role {@code train}, {@code validation} or {@code test}
 * @param source file name, or a description of what was drawn
 * @param sha256 of the file's bytes, or of the drawn or given elements; lower-case hexadecimal
 * @param examples number of examples
 * @param leftOut files that were left out because they cannot be decoded, where a recipe says so
 */
public record DataDigest(String role, String source, String sha256, long examples, int leftOut) {
  /**
   * Of data of which nothing was left out.
   *
   * @param role what it is for
   * @param source where it comes from
   * @param sha256 its digest
   * @param examples number of examples
   */
  public DataDigest(String role, String source, String sha256, long examples) {
    this(role, source, sha256, examples, 0);
  }
}
