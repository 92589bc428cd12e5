package dev.lathe.serve;

/**
 * The memory of all models together.
 *
 * @param used what those in memory are charged, in bytes
 * @param budget what they may take, in bytes
 */
public record MemoryUse(long used, long budget) {}
