package dev.lathe.train;

/**
 * What a run has seen, for its lineage.
 *
 * @param role {@code train}, {@code validation} or {@code test}
 * @param source file name, or a description of what was drawn
 * @param sha256 of the file's bytes, or of the drawn or given elements; lower-case hexadecimal
 * @param examples number of examples
 */
public record DataDigest(String role, String source, String sha256, long examples) {}
