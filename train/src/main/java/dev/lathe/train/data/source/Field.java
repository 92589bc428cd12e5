package dev.lathe.train.data.source;

/**
 * One field of every record.
 *
 * @param name what the file calls it; empty where it has no names
 * @param width how many numbers it has; 1 where it is a single value
 */
public record Field(String name, int width) {}
