package dev.lathe.server;

/**
 * A key that was just made; its secret is shown once and kept nowhere.
 *
 * @param key what a caller sends
 * @param info what is kept
 */
public record NewKey(String key, KeyInfo info) {}
