package dev.lathe.server.access;

import dev.lathe.server.KeyInfo;

/**
 * A key as it is kept.
 *
 * @param info everything that may be shown
 * @param hash the SHA-256 of the whole key, in hexadecimal digits
 */
record StoredKey(KeyInfo info, String hash) {}
