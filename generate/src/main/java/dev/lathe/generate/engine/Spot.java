package dev.lathe.generate.engine;

/**
 * Where a row lies.
 *
 * @param arena which arena, from 0
 * @param row which of its rows, from 0
 */
public record Spot(int arena, int row) {}
