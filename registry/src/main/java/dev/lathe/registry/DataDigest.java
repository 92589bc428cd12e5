package dev.lathe.registry;

/**
 * Which data a version was made from.
 *
 * @param name the data's name in the recipe, such as {@code train} or a file's name
 * @param sha256 64 hexadecimal digits over the data's bytes
 * @param examples how many examples were in it
 */
public record DataDigest(String name, String sha256, long examples) {}
